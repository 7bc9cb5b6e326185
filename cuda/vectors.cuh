// Range search among vectors of bytes by squared Euclidean distance: |a|² + |b|² - 2 ab, four bytes an instruction.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "hits.cuh"
#include "launch.cuh"
#include "search_views.h"

namespace libmatch::cuda {

// A block has 64 rows and meets 64 queries at once; both are in shared memory a few words at a time, word by word. A
// thread has four rows and four queries, whose sixteen products take two loads of 16 bytes each word.
inline constexpr std::uint32_t vector_tile = 64;
inline constexpr std::uint32_t vector_tile_words = 12;
inline constexpr std::uint32_t vector_block_threads = 256;
// Between two words; four more than a tile, so that writes of one vector's words fall into different banks.
inline constexpr std::uint32_t vector_stride = vector_tile + 4;

// Words first_word and behind of up to vector_tile vectors; vectors and words that are not there become zeros. Adds
// to each vector's sum of squares.
inline __device__ void load_vectors(const std::uint32_t *__restrict__ vectors, std::uint32_t n_vectors,
                                    std::uint32_t width_words, std::uint32_t first_word, std::uint32_t *tile,
                                    std::uint32_t *squares) {
  for (std::uint32_t i = threadIdx.x; i < vector_tile * vector_tile_words; i += blockDim.x) {
    const std::uint32_t vector = i / vector_tile_words;
    const std::uint32_t word = i % vector_tile_words;
    std::uint32_t bytes = 0;
    if (vector < n_vectors && first_word + word < width_words) {
      bytes = vectors[std::uint64_t{vector} * width_words + first_word + word];
      atomicAdd(&squares[vector], __dp4a(bytes, bytes, 0U));
    }
    tile[word * vector_stride + vector] = bytes;
  }
}

// products[i][j] of rows 4 x + i and queries 4 y + j of the tiles.
inline __device__ void multiply_vectors(const std::uint32_t *row_tile, const std::uint32_t *query_tile,
                                        std::uint32_t x, std::uint32_t y, std::uint32_t (&products)[4][4]) {
#pragma unroll
  for (std::uint32_t word = 0; word < vector_tile_words; ++word) {
    const uint4 rows = *reinterpret_cast<const uint4 *>(row_tile + word * vector_stride + 4 * x);
    const uint4 queries = *reinterpret_cast<const uint4 *>(query_tile + word * vector_stride + 4 * y);
    const std::uint32_t row[4] = {rows.x, rows.y, rows.z, rows.w};
    const std::uint32_t query[4] = {queries.x, queries.y, queries.z, queries.w};
#pragma unroll
    for (int i = 0; i < 4; ++i) {
#pragma unroll
      for (int j = 0; j < 4; ++j) products[i][j] = __dp4a(row[i], query[j], products[i][j]);
    }
  }
}

// Blocks (x, y): tile x of the rows against tiles y, y + gridDim.y ... of the queries.
static __global__ void __launch_bounds__(vector_block_threads)
    compare_vectors(const segment_part segment, const query_part queries, const hit_sink sink) {
  LM_SHARED(uint4, row_words, vector_tile_words * vector_stride / 4);
  LM_SHARED(uint4, query_words, vector_tile_words * vector_stride / 4);
  LM_SHARED(std::uint32_t, row_squares, vector_tile);
  LM_SHARED(std::uint32_t, query_squares, vector_tile);
  auto *row_tile = reinterpret_cast<std::uint32_t *>(row_words);
  auto *query_tile = reinterpret_cast<std::uint32_t *>(query_words);
  const std::uint32_t width = segment.width_words;
  const std::uint32_t x = threadIdx.x % 16;
  const std::uint32_t y = threadIdx.x / 16;
  const std::uint32_t first_row = blockIdx.x * vector_tile;
  const std::uint32_t n_rows = min(vector_tile, segment.size - first_row);
  const std::uint32_t step = gridDim.y * vector_tile;
  for (std::uint32_t first = blockIdx.y * vector_tile; first < queries.size; first += step) {
    const std::uint32_t n_queries = min(vector_tile, queries.size - first);
    __syncthreads();  // the tiles before were read by all
    for (std::uint32_t i = threadIdx.x; i < vector_tile; i += blockDim.x) row_squares[i] = query_squares[i] = 0;
    std::uint32_t products[4][4] = {};
    for (std::uint32_t word = 0; word < width; word += vector_tile_words) {
      __syncthreads();
      load_vectors(segment.rows + std::uint64_t{first_row} * width, n_rows, width, word, row_tile, row_squares);
      load_vectors(queries.rows + std::uint64_t{first} * width, n_queries, width, word, query_tile, query_squares);
      __syncthreads();
      multiply_vectors(row_tile, query_tile, x, y, products);
    }
#pragma unroll
    for (std::uint32_t j = 0; j < 4; ++j) {
      const std::uint32_t query = 4 * y + j;
      const std::int32_t limit = query < n_queries ? queries.limits[first + query] : -1;
#pragma unroll
      for (std::uint32_t i = 0; i < 4; ++i) {
        const std::uint32_t row = 4 * x + i;
        const std::uint32_t distance = row_squares[row] + query_squares[query] - 2 * products[i][j];
        if (row < n_rows && static_cast<std::int32_t>(distance) <= limit &&
            !is_removed(segment.removed, first_row + row)) {
          report(sink, queries.first + first + query, segment.number, first_row + row, distance);
        }
      }
    }
  }
}

// For count_distances: what four bytes of each vector add.
struct squared_differences {
  static __device__ std::uint32_t add(std::uint32_t sum, std::uint32_t a, std::uint32_t b) {
    const std::uint32_t differences = __vabsdiffu4(a, b);
    return __dp4a(differences, differences, sum);
  }
};

}  // namespace libmatch::cuda
