// distance_kernels::slice in plain C++: the compiler's own vectors would gain little, as planes are made once.
//
// 64 rows by 64 bits are transposed at a time, by swapping ever smaller blocks (Warren, Hacker's Delight, 7-3).
#pragma once

#include "distance/kernels.h"

namespace libmatch::detail {
namespace {

inline void transpose_64(std::uint64_t *block) {
  std::uint64_t mask = 0x00000000ffffffffULL;
  for (std::uint32_t step = 32; step != 0; step >>= 1, mask ^= mask << step) {
    for (std::uint32_t i = 0; i < 64; i = (i + step + 1) & ~step) {
      const std::uint64_t swapped = ((block[i] >> step) ^ block[i + step]) & mask;
      block[i] ^= swapped << step;
      block[i + step] ^= swapped;
    }
  }
}

void slice(const std::uint64_t *rows, std::size_t n_rows, std::uint32_t words, std::uint32_t n_planes,
           std::uint64_t *planes) {
  for (std::uint32_t first_plane = 0; first_plane < n_planes; first_plane += 64) {
    const std::uint32_t word = first_plane / 64;
    const std::uint32_t taken = n_planes - first_plane < 64 ? n_planes - first_plane : 64;
    for (std::size_t group = 0; group < tile_words; ++group) {
      std::uint64_t block[64];
      for (std::size_t r = 0; r < 64; ++r) {
        const std::size_t row = group * 64 + r;
        block[r] = row < n_rows && word < words ? rows[row * words + word] : 0;
      }
      transpose_64(block);
      for (std::uint32_t b = 0; b < taken; ++b) {
        planes[(first_plane + b) * tile_words + group] = block[b];
      }
    }
  }
}

}  // namespace
}  // namespace libmatch::detail
