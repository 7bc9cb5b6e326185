#include "scan/image_hasher.h"

#include <algorithm>
#include <cstring>

namespace libmatch::detail {

namespace {

// Frames of an animation often differ in too little to have another code.
bool is_same(const scanned_image &a, const scanned_image &b) { return a.quality == b.quality && a.codes == b.codes; }

}  // namespace

std::vector<std::uint8_t> code_bytes(const pdq_result &result, lm_orientations orientations) {
  const std::size_t each = orientations == LM_ORIENTATIONS_PLAIN ? 1 : result.codes.size();
  std::vector<std::uint8_t> bytes;
  bytes.reserve(each * pdq_code_size_bytes);
  for (std::size_t c = 0; c < each; ++c) {
    bytes.insert(bytes.end(), result.codes[c].begin(), result.codes[c].end());
  }
  return bytes;
}

void image_hasher::begin(const image_header &header) {
  header_ = header;
  const pdq_shape shape{header.width, header.height, LM_PIXEL_RGB8};
  if (request_.orientations == LM_ORIENTATIONS_TRUE) {
    pixels_ = std::make_unique_for_overwrite<std::uint8_t[]>(std::size_t{header.width} * header.height * 3);
  } else {
    stream_.emplace(shape, request_.orientations, device_.hashes_rows_by());
  }
  border_.reset();
  if (request_.finds_borders) {
    border_.emplace(shape, device_.hashes_rows_by());
  }
  plane_.reset();
  // A longer image is a line, if it has passed the limit of pixels: there are no corners in it.
  if (request_.keypoints.max_points != 0 && std::max(header.width, header.height) <= plane_builder_side_max) {
    plane_.emplace(header.width, header.height,
                   request_.keypoints.role == keypoint_role::query ? query_plane_side : reference_plane_side);
  }
}

void image_hasher::rows(std::uint32_t y, std::uint32_t count, const std::uint8_t *rgb, std::size_t stride_bytes) {
  if (stream_) {
    stream_->rows(rgb, count, stride_bytes);
  } else {
    const std::size_t row_bytes = std::size_t{header_.width} * 3;
    for (std::uint32_t r = 0; r < count; ++r) {
      std::memcpy(pixels_.get() + (std::size_t{y} + r) * row_bytes, rgb + r * stride_bytes, row_bytes);
    }
  }
  if (border_) {
    border_->rows(rgb, count, stride_bytes);
  }
  if (plane_) {
    plane_->rows(count, rgb, stride_bytes);
  }
}

pdq_result image_hasher::finish() const {
  return stream_ ? stream_->finish()
                 : device_.hash_pdq(
                       {pixels_.get(), header_.width, header_.height, std::size_t{header_.width} * 3, LM_PIXEL_RGB8},
                       request_.orientations);
}

bool image_hasher::end() {
  const pdq_result result = finish();
  scanned_image image;
  image.frame = header_.frame;
  image.width = header_.width;
  image.height = header_.height;
  image.part = {0, 0, header_.width, header_.height};
  image.quality = result.quality;
  image.codes = code_bytes(result, request_.orientations);
  const auto same = [&](const scanned_image &kept) { return is_same(kept, image); };
  if (std::any_of(images_.begin(), images_.end(), same)) {
    return true;
  }
  if (images_.size() == request_.max_images) {
    has_left_out_ = true;
    return false;
  }
  if (plane_) {
    image.keypoints = extract_keypoints(plane_->finish(), request_.keypoints);
  }
  if (const auto part = border_ ? border_->finish() : std::nullopt) {
    framed_.push_back({images_.size(), *part});
  }
  images_.push_back(std::move(image));
  return true;
}

}  // namespace libmatch::detail
