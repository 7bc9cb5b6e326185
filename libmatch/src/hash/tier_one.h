// The codes of a whole image: of all of it, and of what its border frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/cpu_features.h"
#include "hash/border.h"
#include "hash/pdq.h"
#include "hash/pdq_stream.h"
#include "libmatch/libmatch.h"

namespace libmatch::detail {

struct tier_one_codes {
  pdq_result whole;
  std::optional<pixel_rectangle> framed;  // nothing where there is no border
  pdq_result trimmed;                     // of the rectangle alone; not set where there is none
};

// Of pixels in memory.
tier_one_codes tier_one(const lm_image &image, lm_orientations orientations, instruction_set set);

// Of rows as they come. What a border frames is known when all rows were there, so that hashing it takes them once
// more: a trimmed_stream does, of the image decoded again. That costs something only where there is a border.
class tier_one_stream {
 public:
  // orientations: as for pdq_stream.
  tier_one_stream(const pdq_shape &shape, lm_orientations orientations, instruction_set set)
      : pdq_(shape, orientations, set), border_(shape, set) {}

  void rows(const std::uint8_t *pixels, std::size_t count, std::size_t stride_bytes) {
    border_.rows(pixels, count, stride_bytes);
    pdq_.rows(pixels, count, stride_bytes);
  }
  // Once all rows were given.
  pdq_result finish() const { return pdq_.finish(); }
  std::optional<pixel_rectangle> framed() const { return border_.finish(); }

 private:
  pdq_stream pdq_;
  border_finder border_;
};

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
