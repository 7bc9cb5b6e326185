// distance_kernels::slice in plain C++: the compiler's own vectors would gain little, as planes are made once.
#pragma once

#include "distance/kernels.h"
#include "distance/transpose.h"

namespace libmatch::detail {
namespace {

void slice(const std::uint64_t *rows, std::size_t n_rows, std::uint32_t words, std::uint32_t first_word,
           std::uint32_t n_planes, std::uint64_t *planes) {
  for (std::uint32_t word = first_word; word * 64 < n_planes; ++word) {
    const std::uint32_t first_plane = word * 64;
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
