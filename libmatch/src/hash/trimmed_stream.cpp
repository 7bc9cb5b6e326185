#include "hash/trimmed_stream.h"

#include <algorithm>

#include "hash/luma.h"

namespace libmatch::detail {

trimmed_stream::trimmed_stream(lm_pixel_format format, const pixel_rectangle &rectangle, lm_orientations orientations,
                               instruction_set set)
    : format_(format), rectangle_(rectangle), pdq_({rectangle.width, rectangle.height, format}, orientations, set) {}

void trimmed_stream::rows(const std::uint8_t *pixels, std::size_t count, std::size_t stride_bytes) {
  const std::size_t top = rectangle_.y;
  const std::size_t bottom = top + rectangle_.height;
  const std::size_t begin = std::clamp(next_row_, top, bottom);
  const std::size_t end = std::clamp(next_row_ + count, top, bottom);
  if (begin < end) {
    const std::uint8_t *first =
        pixels + (begin - next_row_) * stride_bytes + rectangle_.x * pixel_size_bytes(format_);
    pdq_.rows(first, end - begin, stride_bytes);
  }
  next_row_ += count;
}

}  // namespace libmatch::detail
