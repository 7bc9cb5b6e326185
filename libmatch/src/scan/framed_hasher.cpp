#include "scan/framed_hasher.h"

#include <utility>

namespace libmatch::detail {

void framed_hasher::begin(const image_header &header) {
  stream_.reset();
  if (found_.size() < framed_.size() && images_[framed_[found_.size()].image].frame == header.frame) {
    stream_.emplace(LM_PIXEL_RGB8, framed_[found_.size()].part, orientations_, device_.hashes_rows_by());
  }
}

void framed_hasher::rows(std::uint32_t /*y*/, std::uint32_t count, const std::uint8_t *rgb,
                         std::size_t stride_bytes) {
  if (stream_) {
    stream_->rows(rgb, count, stride_bytes);
  }
}

bool framed_hasher::end() {
  if (stream_) {
    const framed_image &framed = framed_[found_.size()];
    const scanned_image &whole = images_[framed.image];
    const pdq_result result = stream_->finish();
    scanned_image image;
    image.frame = whole.frame;
    image.trimmed = true;
    image.width = whole.width;
    image.height = whole.height;
    image.part = framed.part;
    image.quality = result.quality;
    image.codes = code_bytes(result, orientations_);
    found_.push_back(std::move(image));
  }
  return found_.size() < framed_.size();
}

void framed_hasher::insert() {
  for (std::size_t f = found_.size(); f-- > 0;) {
    images_.insert(images_.begin() + static_cast<std::ptrdiff_t>(framed_[f].image) + 1, std::move(found_[f]));
  }
  found_.clear();
}

}  // namespace libmatch::detail
