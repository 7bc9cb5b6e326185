// Which hash pixels get.
#pragma once

#include <cstdint>
#include <vector>

#include "backend/backend.h"
#include "hash/pdq.h"
#include "libmatch/libmatch.h"

namespace libmatch::detail {

struct hashed_pixels {
  std::vector<std::uint8_t> codes;  // one, or eight by LM_ORIENTATION_..., one behind the other
  std::uint8_t quality = 0;         // 0 to 100
};

// The codes of a PDQ one behind the other.
hashed_pixels to_hashed_pixels(const pdq_result &result, lm_orientations orientations);

// Which hash the options mean, and the width of its codes: that of the hasher where there is one.
struct wanted_hash {
  lm_hash hash;
  std::uint32_t bits;
};
wanted_hash hash_of(const lm_hash_options &options) noexcept;

// Hashes an image by the options, which are checked, on the calling thread. Throws hasher_failure, and LM_ERROR_LIMIT
// for a side that the hash does not take.
hashed_pixels hash_pixels(const lm_image &image, const lm_hash_options &options, const backend &device);

}  // namespace libmatch::detail
