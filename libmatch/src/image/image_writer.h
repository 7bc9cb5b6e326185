// Between the decoders and whoever wants the images: limits that hold for the file as a whole, the clock, the turning
// upright, and the choice between rows as they come and a picture kept whole.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "image/decode.h"

namespace libmatch::detail {

class image_writer {
 public:
  image_writer(const decode_options &options, image_sink &sink) : image_writer(options, &sink, nullptr) {}
  // Keeps the first image and wants no other; `kept` gets pixels and sides.
  image_writer(const decode_options &options, decoded_image &kept) : image_writer(options, nullptr, &kept) {}

  const decode_options &options() const noexcept { return options_; }
  std::uint32_t images_given() const noexcept { return images_given_; }
  bool wants_more() const noexcept;
  bool wants_one_more() const noexcept;  // and no other after it, as far as it is known

  // Pixels that are about to be made, of an image or of a frame that will be painted on one. Throws LM_SCAN_LIMIT
  // when all of the file together are too many, and when the time is over.
  void count_pixels(const char *format, std::uint64_t width, std::uint64_t height);
  bool out_of_time() const noexcept;
  void check_time() const;  // LM_SCAN_LIMIT

  // An image whose rows come from the top: begin; next_band, fill it, band_filled until no row is left; end.
  // The sides are those stored.
  void begin(const image_header &stored, int orientation);
  struct band {
    std::uint8_t *rgb;  // rows stride_bytes() apart
    std::uint32_t rows;
  };
  band next_band() const noexcept;
  void band_filled();
  bool rows_left() const noexcept { return rows_done_ < picture_.height; }
  std::size_t stride_bytes() const noexcept { return std::size_t{picture_.width} * 3; }
  void end();

  // An image that is there as a whole.
  void give(std::unique_ptr<std::uint8_t[]> rgb, const image_header &stored, int orientation);
  // The same, of pixels that the decoder needs for the next image.
  void give_copy(const std::uint8_t *rgb, const image_header &stored, int orientation);

 private:
  image_writer(const decode_options &options, image_sink *sink, decoded_image *kept);
  std::uint32_t images_wanted() const noexcept;
  std::uint32_t rows_of_band() const noexcept;
  void give_picture();

  const decode_options &options_;
  image_sink *sink_;
  decoded_image *kept_;
  std::chrono::steady_clock::time_point start_;
  std::uint64_t pixels_ = 0;
  std::uint32_t images_given_ = 0;
  bool stopped_ = false;  // by the sink
  // The image at hand:
  decoded_image picture_;  // rgb: all of its rows, or a band of them
  std::uint32_t frame_ = 0;
  std::uint32_t rows_done_ = 0;
  bool is_whole_ = false;
};

}  // namespace libmatch::detail
