// 64 rows by 64 bits, transposed by swapping ever smaller blocks (Warren, Hacker's Delight, 7-3). `static`: each file
// gets its own copy, made for its instruction set, and the linker cannot pick one for all.
#pragma once

#include <cstdint>

namespace libmatch::detail {

// Bit j of block[i] and bit i of block[j] change places.
static inline void transpose_64(std::uint64_t *block) {
  std::uint64_t mask = 0x00000000ffffffffULL;
  for (std::uint32_t step = 32; step != 0; step >>= 1, mask ^= mask << step) {
    for (std::uint32_t i = 0; i < 64; i = (i + step + 1) & ~step) {
      const std::uint64_t swapped = ((block[i] >> step) ^ block[i + step]) & mask;
      block[i] ^= swapped << step;
      block[i + step] ^= swapped;
    }
  }
}

}  // namespace libmatch::detail
