// The codes of a whole image in memory, as a scan gives them of a file: the definition for what hashes images
// otherwise.
#pragma once

#include <optional>

#include "core/cpu_features.h"
#include "hash/border.h"
#include "hash/luma.h"
#include "hash/pdq.h"
#include "libmatch/libmatch.h"

namespace libmatch::test {

struct tier_one_codes {
  detail::pdq_result whole;
  std::optional<detail::pixel_rectangle> framed;  // nothing where there is no border
  detail::pdq_result trimmed;                     // of the rectangle alone; not set where there is none
};

inline tier_one_codes tier_one(const lm_image &image, lm_orientations orientations, detail::instruction_set set) {
  detail::border_finder border({image.width, image.height, image.format}, set);
  border.rows(image.pixels, image.height, image.stride_bytes);
  tier_one_codes result;
  result.whole = detail::pdq(image, orientations, set);
  result.framed = border.finish();
  if (result.framed) {
    const detail::pixel_rectangle &part = *result.framed;
    const std::uint8_t *first =
        image.pixels + part.y * image.stride_bytes + part.x * detail::pixel_size_bytes(image.format);
    result.trimmed =
        detail::pdq({first, part.width, part.height, image.stride_bytes, image.format}, orientations, set);
  }
  return result;
}

}  // namespace libmatch::test
