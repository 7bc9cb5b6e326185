// The images of one file on their way from the decoder to codes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "backend/backend.h"
#include "image/decode.h"
#include "libmatch/libmatch.h"
#include "scan/scanned_image.h"

namespace libmatch::detail {

// Hashes each image that it is given, and keeps the distinct ones, up to a number.
class image_hasher final : public image_sink {
 public:
  // max_images: of those that are distinct.
  image_hasher(const lm_hash_options &options, std::size_t max_images, const backend &device,
               std::vector<scanned_image> &images)
      : options_(options), max_images_(max_images), device_(device), images_(images) {}

  void begin(const image_header &header) override;
  void rows(std::uint32_t y, std::uint32_t count, const std::uint8_t *rgb, std::size_t stride_bytes) override;
  bool end() override;

  // Whether there was another distinct image after the last that was kept.
  bool has_left_out() const noexcept { return has_left_out_; }

 private:
  const lm_hash_options &options_;
  std::size_t max_images_;
  const backend &device_;
  std::vector<scanned_image> &images_;
  bool has_left_out_ = false;
  image_header header_{};
  std::unique_ptr<std::uint8_t[]> pixels_;  // of the image at hand
};

}  // namespace libmatch::detail
