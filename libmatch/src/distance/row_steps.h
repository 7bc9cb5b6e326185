// Steps on whole rows that the kernels share. Everything is `static`: each file gets its own copy, made for its
// instruction set, and the linker cannot pick one for all.
#pragma once

#include "distance/kernels.h"

namespace libmatch::detail {

// Asks for what lies so many bytes on, which may be behind all that there is: that address is never read, nor made as
// a pointer into an array. Inlined by force: g++ 12 drops calls of a function that only asks for memory.
__attribute__((always_inline)) static inline void fetch_beyond(const void *from, std::uintptr_t bytes) {
  const auto address = reinterpret_cast<std::uintptr_t>(from) + bytes;
  __builtin_prefetch(reinterpret_cast<const void *>(address));  // NOLINT(performance-no-int-to-ptr): as said
}

static inline std::uint32_t exact_distance(const std::uint64_t *a, const std::uint64_t *b, std::uint32_t words) {
  if (words == 4) {
    return static_cast<std::uint32_t>(__builtin_popcountll(a[0] ^ b[0]) + __builtin_popcountll(a[1] ^ b[1]) +
                                      __builtin_popcountll(a[2] ^ b[2]) + __builtin_popcountll(a[3] ^ b[3]));
  }
  std::uint32_t distance = 0;
  for (std::uint32_t w = 0; w < words; ++w) {
    distance += static_cast<std::uint32_t>(__builtin_popcountll(a[w] ^ b[w]));
  }
  return distance;
}

// Appends those of the rows first_row + i, bit i of `survivors` being set, that lie within the query's limit.
static inline std::size_t verify(const sliced_tiles &tiles, std::size_t query, std::uint32_t first_row,
                                 std::uint64_t survivors, tile_hit *hits) {
  std::size_t count = 0;
  for (; survivors != 0; survivors &= survivors - 1) {
    const std::uint32_t row = first_row + static_cast<std::uint32_t>(__builtin_ctzll(survivors));
    const std::uint32_t distance =
        exact_distance(tiles.queries + query * tiles.words, tiles.rows + std::size_t{row} * tiles.words, tiles.words);
    if (distance <= tiles.limits[query]) {
      hits[count++] = {static_cast<std::uint32_t>(query), row, distance};
    }
  }
  return count;
}

// distance_kernels::distances_at: such rows are waited for, not computed with, so one code at a time serves.
static inline void distances_at(const std::uint64_t *query, const std::uint64_t *rows, const std::uint32_t *numbers,
                                std::size_t n, std::uint32_t words, std::uint32_t *out) {
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = exact_distance(query, rows + std::size_t{numbers[i]} * words, words);
  }
}

}  // namespace libmatch::detail
