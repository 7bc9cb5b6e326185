// The dispatch table of the distance kernels: one set of functions an instruction set, all with the same answers.
//
// Files compiled for an instruction set include only this header and intrinsics, and define no inline function that
// the linker could pick for the rest of the library.
#pragma once

#include <cstddef>
#include <cstdint>

namespace libmatch::detail {

inline constexpr std::size_t max_tile_rows = 64;
inline constexpr std::size_t sliced_tile_rows = 512;
inline constexpr std::uint32_t sliced_max_limit = 31;

// A few rows to be compared with many queries while they stay in registers or in the first-level cache: from 1 to
// tile_rows of them for `find`.
struct distance_tile {
  const std::uint64_t *rows;     // n_rows x words
  std::size_t n_rows;            // what the kernel takes
  const std::uint64_t *queries;  // n_queries x words
  std::size_t n_queries;
  const std::uint32_t *limits;  // n_queries: the largest distance that is a hit
  std::uint32_t largest_limit;  // of `limits`
  std::uint32_t words;          // 64-bit words of a code
};

struct tile_hit {
  std::uint32_t query;
  std::uint32_t row;  // within the tile
  std::uint32_t distance;
};

struct distance_kernels {
  std::size_t tile_rows;

  // distances[r] of one query to each of n rows.
  void (*distances)(const std::uint64_t *query, const std::uint64_t *rows, std::size_t n, std::uint32_t words,
                    std::uint32_t *distances);

  // Appends to `hits` every pair of the tile within its query's limit, taking the queries in order from *query on.
  // It stops before a query whose hits might not fit `capacity` (at least tile_rows), and leaves in *query the one
  // to go on with, n_queries when done. Returns the number of hits.
  std::size_t (*find)(const distance_tile &tile, std::size_t *query, tile_hit *hits, std::size_t capacity);

  // The same for a tile of exactly sliced_tile_rows rows of at least 2 words and limits up to sliced_max_limit,
  // faster when there are many queries: what it does once a tile pays from sliced_min_queries on. Null: there is
  // none.
  std::size_t (*find_sliced)(const distance_tile &tile, std::size_t *query, tile_hit *hits, std::size_t capacity);
  std::size_t sliced_min_queries;
};

extern const distance_kernels scalar_kernels;
#if defined(LIBMATCH_SIMD)
extern const distance_kernels avx2_kernels;    // needs AVX2, POPCNT
extern const distance_kernels avx512_kernels;  // needs AVX-512 F, BW, DQ, VL, VPOPCNTDQ

// Parts of the tables that have a file of their own.
std::size_t find_sliced_avx512(const distance_tile &tile, std::size_t *query, tile_hit *hits, std::size_t capacity);
#endif

}  // namespace libmatch::detail
