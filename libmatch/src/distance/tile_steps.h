// Steps that the kernels share. Everything is `static`: each file gets its own copy, made for its instruction set,
// and the linker cannot pick one for all.
#pragma once

#include "distance/kernels.h"

namespace libmatch::detail {

// A pair further apart than the limit on its first bits alone is no hit. The narrowest prefix that at most one random
// pair in 2,000 survives: P(Binomial(96, 1/2) <= 31) = 3.4e-4, (128, 44) 2.7e-4, (192, 72) 3.3e-4. Returns its
// number of 32-bit words: 3, 4, 6, or all of them where no prefix is selective.
static inline std::uint32_t prefix_words32(std::uint32_t limit, std::uint32_t words) {
  const std::uint32_t all = words * 2;
  const std::uint32_t wanted = limit <= 31 ? 3 : limit <= 44 ? 4 : limit <= 72 ? 6 : all;
  return wanted < all ? wanted : all;
}

// The w-th 32 bits of a code.
static inline std::int32_t word32(const std::uint64_t *code, std::size_t w) {
  std::int32_t word;
  __builtin_memcpy(&word, reinterpret_cast<const char *>(code) + w * sizeof(word), sizeof(word));
  return word;
}

static inline std::uint32_t exact_distance(const std::uint64_t *a, const std::uint64_t *b, std::uint32_t words) {
  std::uint32_t distance = 0;
  for (std::uint32_t w = 0; w < words; ++w) {
    distance += static_cast<std::uint32_t>(__builtin_popcountll(a[w] ^ b[w]));
  }
  return distance;
}

// Appends those of the rows first_row + i, bit i of `survivors` being set, that lie within the query's limit.
static inline std::size_t verify(const distance_tile &tile, std::size_t query, std::uint32_t first_row,
                                 std::uint64_t survivors, tile_hit *hits) {
  std::size_t count = 0;
  for (; survivors != 0; survivors &= survivors - 1) {
    const std::uint32_t row = first_row + static_cast<std::uint32_t>(__builtin_ctzll(survivors));
    const std::uint32_t distance =
        exact_distance(tile.queries + query * tile.words, tile.rows + std::size_t{row} * tile.words, tile.words);
    if (distance <= tile.limits[query]) {
      hits[count++] = {static_cast<std::uint32_t>(query), row, distance};
    }
  }
  return count;
}

// distance_kernels::find where no prefix is selective: all bits of each row, by distance_kernels::distances.
template <typename Distances>
static inline std::size_t find_whole(const distance_tile &tile, std::size_t *query, tile_hit *hits,
                                     std::size_t capacity, Distances distances) {
  std::uint32_t all[max_tile_rows];
  std::size_t count = 0;
  std::size_t q = *query;
  for (; q < tile.n_queries && count + tile.n_rows <= capacity; ++q) {
    distances(tile.queries + q * tile.words, tile.rows, tile.n_rows, tile.words, all);
    for (std::uint32_t r = 0; r < tile.n_rows; ++r) {
      hits[count] = {static_cast<std::uint32_t>(q), r, all[r]};
      count += all[r] <= tile.limits[q] ? 1U : 0U;
    }
  }
  *query = q;
  return count;
}

}  // namespace libmatch::detail
