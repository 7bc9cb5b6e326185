// What a border frames is known when all rows of an image were there (hash/border.h), so that hashing it takes them
// once more, of the image decoded again. That costs something only where there is a border.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/cpu_features.h"
#include "hash/border.h"
#include "hash/pdq_stream.h"
#include "libmatch/libmatch.h"

namespace libmatch::detail {

// PDQ of a rectangle of an image whose rows come one after the other.
class trimmed_stream {
 public:
  trimmed_stream(lm_pixel_format format, const pixel_rectangle &rectangle, lm_orientations orientations,
                 instruction_set set);

  // The next `count` rows of the whole image, from its top on.
  void rows(const std::uint8_t *pixels, std::size_t count, std::size_t stride_bytes);
  // Once all rows of the rectangle were given; those below it may be left out.
  pdq_result finish() const { return pdq_.finish(); }

 private:
  lm_pixel_format format_;
  pixel_rectangle rectangle_;
  pdq_stream pdq_;
  std::size_t next_row_ = 0;  // of the whole image
};

}  // namespace libmatch::detail
