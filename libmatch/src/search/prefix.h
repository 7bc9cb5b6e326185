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

// Groups of four random bits of which at least two differ, of so many: the share of pairs with no more than `most`.
constexpr double share_of_coarse_counts(std::uint32_t groups, std::uint32_t most) {
  constexpr double differing = 11.0 / 16;
  double exactly = 1;  // so many of the groups
  for (std::uint32_t g = 0; g < groups; ++g) {
    exactly *= 1 - differing;
  }
  double share = 0;
  for (std::uint32_t count = 0; count <= most && count <= groups; ++count) {
    share += exactly;
    exactly *= differing / (1 - differing) * (groups - count) / (count + 1);
  }
  return share;
}

// The same for coarse counts (distance_kernels::find_coarse): whole steps, as many as cost least together with
// settling what they leave of random pairs: 160 planes for a limit of 31, 208 for 47, 256 for 64. 0: the code is too
// short, or has more groups than are counted.
constexpr std::uint32_t selective_coarse_planes(std::uint32_t limit, std::uint32_t words) {
  constexpr double groups_of_survivor = 24;  // settling a row takes as long as counting so many groups of 512
  constexpr double largest_share = 1.0 / 500;
  const std::uint32_t groups_of_code = words * 64 / 4;
  std::uint32_t best = 0;
  double least = 0;
  for (std::uint32_t groups = 4; groups <= groups_of_code && groups <= max_coarse_groups; groups += 4) {
    const double share = share_of_coarse_counts(groups, limit / 2);
    const double cost = groups + share * tile_rows * groups_of_survivor;
    if (share < largest_share && (best == 0 || cost < least)) {
      best = groups;
      least = cost;
    }
  }
  return best * 4;
}

static_assert(selective_coarse_planes(31, 4) == 160 && selective_coarse_planes(47, 4) == 208);
static_assert(selective_coarse_planes(64, 4) == 256 && selective_coarse_planes(31, 2) == 0);
static_assert(selective_planes(31, 4) == 96 && selective_planes(32, 4) == 120 && selective_planes(47, 4) == 144);

}  // namespace libmatch::detail
