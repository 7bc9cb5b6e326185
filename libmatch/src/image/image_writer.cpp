#include "image/image_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "image/decoders.h"
#include "image/orientation.h"

namespace libmatch::detail {

namespace {

// A band stays in the second-level cache until whoever takes it is done. JPEG decodes 8 or 16 rows at once.
constexpr std::size_t band_size_bytes = std::size_t{1} << 18;
constexpr std::size_t least_band_rows = 16;
constexpr std::size_t most_band_rows = 64;

}  // namespace

image_writer::image_writer(const decode_options &options, image_sink *sink, decoded_image *kept)
    : options_(options), sink_(sink), kept_(kept), start_(std::chrono::steady_clock::now()) {}

// The first image is given whatever the limits: those of the frames are looked at by decode_images.
std::uint32_t image_writer::images_wanted() const noexcept {
  return kept_ != nullptr ? 1 : std::max(std::min(options_.max_images, options_.max_frames), std::uint32_t{1});
}

bool image_writer::wants_more() const noexcept { return !stopped_ && images_given_ < images_wanted(); }

bool image_writer::wants_one_more() const noexcept { return images_given_ + 1 == images_wanted(); }

bool image_writer::out_of_time() const noexcept {
  return options_.max_milliseconds != 0 &&
         std::chrono::steady_clock::now() - start_ > std::chrono::milliseconds(options_.max_milliseconds);
}

void image_writer::check_time() const {
  if (out_of_time()) {
    not_scanned(LM_SCAN_LIMIT, "took longer than ", options_.max_milliseconds, " ms");
  }
}

void image_writer::count_pixels(const char *format, std::uint64_t width, std::uint64_t height) {
  check_time();
  check_pixels(format, width, height, options_);
  pixels_ += width * height;
  if ((pixels_ - 1) / max_total_pixels_factor >= options_.max_pixels) {
    not_scanned(LM_SCAN_LIMIT, format, ": all its images together are over the limit of ", max_total_pixels_factor,
                " x ", options_.max_pixels, " pixels");
  }
}

std::uint32_t image_writer::rows_of_band() const noexcept {
  return static_cast<std::uint32_t>(std::clamp(band_size_bytes / stride_bytes(), least_band_rows, most_band_rows));
}

void image_writer::begin(const image_header &stored, int orientation) {
  picture_.width = stored.width;
  picture_.height = stored.height;
  picture_.exif_orientation = options_.apply_exif_orientation ? orientation : 1;
  frame_ = stored.frame;
  rows_done_ = 0;
  is_whole_ = kept_ != nullptr || picture_.exif_orientation != 1;
  picture_.rgb = new_pixels(picture_.width, is_whole_ ? picture_.height : std::min(rows_of_band(), picture_.height));
  if (!is_whole_) {
    sink_->begin(stored);
  }
}

image_writer::band image_writer::next_band() const noexcept {
  return {picture_.rgb.get() + (is_whole_ ? rows_done_ * stride_bytes() : 0),
          std::min(rows_of_band(), picture_.height - rows_done_)};
}

void image_writer::band_filled() {
  const band filled = next_band();
  if (!is_whole_) {
    sink_->rows(rows_done_, filled.rows, filled.rgb, stride_bytes());
  }
  rows_done_ += filled.rows;
  check_time();
}

void image_writer::end() {
  if (is_whole_) {
    give_picture();
    return;
  }
  ++images_given_;
  stopped_ = !sink_->end();
}

void image_writer::give_picture() {
  turn_upright(picture_);
  ++images_given_;
  if (kept_ != nullptr) {
    kept_->rgb = std::move(picture_.rgb);
    kept_->width = picture_.width;
    kept_->height = picture_.height;
    return;
  }
  sink_->begin({picture_.width, picture_.height, frame_});
  sink_->rows(0, picture_.height, picture_.rgb.get(), stride_bytes());
  stopped_ = !sink_->end();
}

void image_writer::give(std::unique_ptr<std::uint8_t[]> rgb, const image_header &stored, int orientation) {
  check_time();
  picture_.rgb = std::move(rgb);
  picture_.width = stored.width;
  picture_.height = stored.height;
  picture_.exif_orientation = options_.apply_exif_orientation ? orientation : 1;
  frame_ = stored.frame;
  give_picture();
}

void image_writer::give_copy(const std::uint8_t *rgb, const image_header &stored, int orientation) {
  if (kept_ == nullptr && (orientation == 1 || !options_.apply_exif_orientation)) {
    check_time();
    ++images_given_;
    sink_->begin(stored);
    sink_->rows(0, stored.height, rgb, std::size_t{stored.width} * 3);
    stopped_ = !sink_->end();
    return;
  }
  std::unique_ptr<std::uint8_t[]> copy = new_pixels(stored.width, stored.height);
  std::memcpy(copy.get(), rgb, std::size_t{stored.width} * stored.height * 3);
  give(std::move(copy), stored, orientation);
}

}  // namespace libmatch::detail
