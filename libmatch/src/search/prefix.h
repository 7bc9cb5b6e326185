// How many bits of a code decide that it is no match.
#pragma once

#include <cstdint>

#include "distance/kernels.h"

namespace libmatch::detail {

// A pair further apart than the limit on its first bits alone is no hit. Returns the number of planes, a multiple of
// chunk_bits, that about one random pair in 3,000 survives (3.4 standard deviations: 96 bits for a limit of 31, 144
// for 50, 192 for 71), or those of the whole code (of `words` words, filled up to whole chunks) where it takes more.
constexpr std::uint32_t selective_planes(std::uint32_t limit, std::uint32_t words) {
  const std::uint32_t bits = words * 64;
  const std::uint32_t whole = (bits + chunk_bits - 1) / chunk_bits * chunk_bits;
  for (std::uint64_t planes = 96; planes < bits; planes += chunk_bits) {
    // (planes / 2 - limit - 1/2)^2 >= 3.36^2 x planes / 4
    const std::uint64_t twice_above = 2 * std::uint64_t{limit} + 1;
    if (planes > twice_above && (planes - twice_above) * (planes - twice_above) * 100 >= planes * 1130) {
      return static_cast<std::uint32_t>(planes);
    }
  }
  return whole;
}

static_assert(selective_planes(31, 4) == 96 && selective_planes(32, 4) == 120 && selective_planes(47, 4) == 144);

}  // namespace libmatch::detail
