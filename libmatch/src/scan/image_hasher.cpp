#include "scan/image_hasher.h"

#include <algorithm>
#include <cstring>

namespace libmatch::detail {

namespace {

// Frames of an animation often differ in too little to have another code.
bool is_same(const scanned_image &a, const scanned_image &b) { return a.quality == b.quality && a.codes == b.codes; }

}  // namespace

void image_hasher::begin(const image_header &header) {
  header_ = header;
  pixels_ = std::make_unique_for_overwrite<std::uint8_t[]>(std::size_t{header.width} * header.height * 3);
}

void image_hasher::rows(std::uint32_t y, std::uint32_t count, const std::uint8_t *rgb, std::size_t stride_bytes) {
  const std::size_t row_bytes = std::size_t{header_.width} * 3;
  for (std::uint32_t r = 0; r < count; ++r) {
    std::memcpy(pixels_.get() + (std::size_t{y} + r) * row_bytes, rgb + r * stride_bytes, row_bytes);
  }
}

bool image_hasher::end() {
  const lm_image view{pixels_.get(), header_.width, header_.height, std::size_t{header_.width} * 3, LM_PIXEL_RGB8};
  const pdq_result result = device_.hash_pdq(view, options_.orientations);
  scanned_image image;
  image.frame = header_.frame;
  image.width = header_.width;
  image.height = header_.height;
  image.part = {0, 0, header_.width, header_.height};
  image.quality = result.quality;
  const std::size_t each = options_.orientations == LM_ORIENTATIONS_PLAIN ? 1 : result.codes.size();
  for (std::size_t c = 0; c < each; ++c) {
    image.codes.insert(image.codes.end(), result.codes[c].begin(), result.codes[c].end());
  }
  const auto same = [&](const scanned_image &kept) { return is_same(kept, image); };
  if (std::any_of(images_.begin(), images_.end(), same)) {
    return true;
  }
  if (images_.size() == max_images_) {
    has_left_out_ = true;
    return false;
  }
  images_.push_back(std::move(image));
  return true;
}

}  // namespace libmatch::detail
