// PDQ: image to 256-bit code and quality, exactly as the reference in facebook/ThreatExchange (pdq/cpp) computes it;
// the algorithm is described in hashing/hashing.pdf there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/cpu_features.h"
#include "libmatch/libmatch.h"

namespace libmatch::detail {

inline constexpr std::size_t pdq_code_size_bytes = 32;
inline constexpr std::uint32_t pdq_min_side = 5;  // below it there is nothing to hash
using pdq_code = std::array<std::uint8_t, pdq_code_size_bytes>;

struct pdq_result {
  std::array<pdq_code, 8> codes{};  // by LM_ORIENTATION_...; only the first is set for LM_ORIENTATIONS_PLAIN
  std::uint8_t quality = 0;         // 0 to 100, of the image as it is
};

// The slow definition: reads like the description, in the order of its steps.
pdq_result pdq_definition(const lm_image &image, lm_orientations orientations);

// The same bits, fast. Uses the calling thread alone; safe to call from many. Throws std::bad_alloc.
pdq_result pdq(const lm_image &image, lm_orientations orientations, instruction_set set);

}  // namespace libmatch::detail
