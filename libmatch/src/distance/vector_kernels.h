// The dispatch table of the kernels for vectors of unsigned bytes: one set of functions an instruction set, all with
// the same answers. What distance/kernels.h says of files compiled for an instruction set holds here too.
#pragma once

#include <cstddef>
#include <cstdint>

#include "distance/kernels.h"

namespace libmatch::detail {

inline constexpr std::uint32_t max_vector_words = 128;
// As many hits as one step of `find` may have.
inline constexpr std::size_t max_step_hits = 512;

// Vectors laid out anew for `find`. All arrays begin on a cache line and hold as many vectors as were asked for,
// rounded up to tile_rows where they are rows. The sums turn a dot product into a distance.
struct laid_out_vectors {
  void *values;         // each words * 8 * value_bytes
  std::int32_t *head;   // sums over the first values of each
  std::int32_t *whole;  // sums over all
};

// Some rows to be compared with many queries while they stay in the first-level cache.
struct vector_tile {
  laid_out_vectors rows;
  laid_out_vectors queries;
  std::size_t n_queries;
  const std::uint32_t *limits;  // n_queries: the largest distance that is a hit
  std::uint32_t words;          // of a vector
};

struct vector_kernels {
  // distances[r] of one query to each of n rows.
  void (*distances)(const std::uint64_t *query, const std::uint64_t *rows, std::size_t n, std::uint32_t words,
                    std::uint32_t *distances);

  // The rest is for many queries. Null and 0 where there is nothing faster than `distances`.
  std::size_t tile_rows;
  std::size_t value_bytes;
  std::size_t min_queries;  // from here on it pays

  // 1 to tile_rows rows.
  void (*lay_out_rows)(const std::uint64_t *rows, std::size_t n, std::uint32_t words, const laid_out_vectors &out);
  void (*lay_out_queries)(const std::uint64_t *queries, std::size_t n, std::uint32_t words,
                          const laid_out_vectors &out);
  // Appends to `hits` every pair of the tile within its query's limit, from query *query on. It stops before queries
  // whose hits might not fit `capacity` (at least max_step_hits), and leaves in *query the one to go on with,
  // n_queries when done. Returns the number of hits.
  std::size_t (*find)(const vector_tile &tile, std::size_t *query, tile_hit *hits, std::size_t capacity);

  // Nanoseconds for 64 bits of a row, measured on Zen 4 (NEON: computed): by `distances`, and by `find` with what a
  // tile costs first.
  double distances_price;
  double layout_price;
  double find_price;
};

extern const vector_kernels scalar_vector_kernels;
#if defined(LIBMATCH_X86)
extern const vector_kernels avx2_vector_kernels;         // needs AVX2
extern const vector_kernels avx512bw_vector_kernels;     // needs AVX-512 F, BW, DQ, VL
extern const vector_kernels avx512_vnni_vector_kernels;  // needs these and AVX-512 VNNI

// What two of the tables share.
void vector_distances_avx512bw(const std::uint64_t *query, const std::uint64_t *rows, std::size_t n,
                               std::uint32_t words, std::uint32_t *distances);
#elif defined(LIBMATCH_NEON)
extern const vector_kernels neon_vector_kernels;
#endif

}  // namespace libmatch::detail
