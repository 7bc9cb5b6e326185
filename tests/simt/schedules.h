// The orders of threads that tests of the executor go through.
#pragma once

#include <cstdint>
#include <string>

#include "simt/executor.h"

namespace libmatch::simt {

inline constexpr std::uint64_t tested_seeds = 12;

// Whole operations have the same in every build but ThreadSanitizer's: what it sees, it sees in any order, and each
// takes long there.
#ifdef LIBMATCH_SIMT_TSAN
inline constexpr std::uint64_t seeds_of_operations = 3;
#else
inline constexpr std::uint64_t seeds_of_operations = tested_seeds;
#endif

// act("seed N") in the order of each seed.
template <class function>
void for_each_seed(std::uint64_t seeds, const function &act) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    set_schedule_seed(seed);
    act("seed " + std::to_string(seed));
  }
  set_schedule_seed(0);
}

}  // namespace libmatch::simt
