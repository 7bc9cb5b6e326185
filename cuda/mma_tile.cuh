// Rows in registers against queries in shared memory, on all 256 bits, by the tensor cores. A warp has 16 rows a
// tile, and meets queries eight at a time. All lanes of the warp take every call together.
//
// The accumulator of a row starts such that the result's sign tells whether a pair is near, and the signs of many
// results are joined by logical operations, two results each: only where one tells so is looked closer. By xor a
// result is distance - max_distance - 1. `and` counts common ones: since distance = ones(row) + ones(query) - 2
// common, it must start from the ones of the query too, which is another for each; it starts from the fewest of all
// that the warp meets, so some pairs are reported that are not near, and none that is near is missed. Queries that
// have about as many ones should come together.
//
// A lane's words of a row are 2t and 2t + 1, t = lane % 4, and not those that the instruction numbers so: both sides
// do the same, and rows of 32 bytes are read from memory as they lie there, 256 bytes by a warp at once.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "instructions.cuh"

namespace libmatch::cuda {

// How pairs are multiplied.
enum class bit_product { xor_k128, xor_k256, and_k256 };

inline constexpr std::uint32_t rows_of_mma = 16;
inline constexpr std::uint32_t queries_of_mma = 8;
// As uint2: four a code.
inline constexpr std::uint32_t words_of_mma = 32;

template <int tiles>
struct matrix_rows {
  std::uint32_t words[tiles][4];
  std::int32_t start[tiles][2];  // of rows g and g + 8, g = lane / 4
};

// Tile i holds rows 16 i to 16 i + 15 from `codes` on; all must be there to be read.
template <int tiles>
__device__ inline void load_matrix_rows(matrix_rows<tiles> &loaded, const uint2 *__restrict__ codes) {
  const std::uint32_t lane = threadIdx.x & 31U;
#pragma unroll
  for (int i = 0; i < tiles; ++i) {
    const uint2 upper = codes[static_cast<std::uint32_t>(2 * i) * words_of_mma + lane];
    const uint2 lower = codes[static_cast<std::uint32_t>(2 * i + 1) * words_of_mma + lane];
    loaded.words[i][0] = upper.x;
    loaded.words[i][1] = lower.x;
    loaded.words[i][2] = upper.y;
    loaded.words[i][3] = lower.y;
  }
}

// For the products by xor.
template <int tiles>
__device__ inline void start_from(matrix_rows<tiles> &of, std::int32_t max_distance) {
#pragma unroll
  for (int i = 0; i < tiles; ++i) of.start[i][0] = of.start[i][1] = -max_distance - 1;
}

// For and_k256. near: common >= (ones(row) + ones(query) - max_distance) / 2. Rows start without what queries add to
// that, which add_ones takes off: half the ones of those that are met next, of which none has fewer, less what was
// taken off before. Halves are rounded such that none is missed.
template <int tiles>
__device__ inline void start_from_ones(matrix_rows<tiles> &of, std::int32_t max_distance) {
#pragma unroll
  for (int i = 0; i < tiles; ++i) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      std::int32_t ones = __popc(of.words[i][half]) + __popc(of.words[i][half + 2]);
      ones += __shfl_xor_sync(all_lanes, ones, 1);
      ones += __shfl_xor_sync(all_lanes, ones, 2);
      of.start[i][half] = (max_distance - ones) >> 1;
    }
  }
}

template <int tiles>
__device__ inline void add_ones(matrix_rows<tiles> &of, std::int32_t half_ones) {
#pragma unroll
  for (int i = 0; i < tiles; ++i) {
    of.start[i][0] -= half_ones;
    of.start[i][1] -= half_ones;
  }
}

// The results of one tile of rows and eight queries, as instructions.cuh says of m16n8k256.
template <bit_product product, int tiles>
__device__ inline void multiply(std::int32_t (&result)[4], const matrix_rows<tiles> &of, int tile, uint2 query) {
  const std::uint32_t(&words)[4] = of.words[tile];
  if constexpr (product == bit_product::xor_k128) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const std::int32_t start[2] = {of.start[tile][half], of.start[tile][half]};
      std::int32_t sums[2];
      mma_xor_popc_m8n8k128(sums, words[half], query.x, start);
      mma_xor_popc_m8n8k128(sums, words[half + 2], query.y, sums);
      result[2 * half] = sums[0];
      result[2 * half + 1] = sums[1];
    }
  } else {
    const std::uint32_t columns[2] = {query.x, query.y};
    const std::int32_t start[4] = {of.start[tile][0], of.start[tile][0], of.start[tile][1], of.start[tile][1]};
    if constexpr (product == bit_product::xor_k256) {
      mma_xor_popc_m16n8k256(result, words, columns, start);
    } else {
      mma_and_popc_m16n8k256(result, words, columns, start);
    }
  }
}

// Bit 4 i + k: whether result k of tile i is near.
template <bit_product product, int tiles>
__device__ inline std::uint32_t near_results(const matrix_rows<tiles> &of, uint2 query) {
  static_assert(tiles <= 8, "which results are near is one word");
  std::uint32_t negative = 0;
#pragma unroll
  for (int i = 0; i < tiles; ++i) {
    std::int32_t result[4];
    multiply<product>(result, of, i, query);
#pragma unroll
    for (int k = 0; k < 4; ++k) negative |= (static_cast<std::uint32_t>(result[k]) >> 31) << (4 * i + k);
  }
  if constexpr (product == bit_product::and_k256) {
    constexpr std::uint32_t all = tiles == 8 ? 0xffffffffU : (1U << (4 * tiles)) - 1U;
    return ~negative & all;
  } else {
    return negative;
  }
}

// Calls visit(row, q) for every pair, row < 16 tiles and q < 8 n_columns, that may be near; n_columns is a multiple
// of `step`, and queries[32 c] are the codes of queries 8 c to 8 c + 7. Only some lanes of the warp are there when it
// is called, so it must not wait for others.
template <bit_product product, int step, int tiles, typename Visit>
__device__ inline void scan_matrix(const matrix_rows<tiles> &of, const uint2 *queries, std::uint32_t n_columns,
                                   const Visit &visit) {
  constexpr bool by_and = product == bit_product::and_k256;
  const std::uint32_t lane = threadIdx.x & 31U;
#pragma unroll 1
  for (std::uint32_t column = 0; column < n_columns; column += step) {
    // Its sign: set where a result by xor is negative, clear where one by `and` is not.
    std::int32_t joined = by_and ? -1 : 0;
#pragma unroll
    for (int c = 0; c < step; ++c) {
      const uint2 query = queries[(column + static_cast<std::uint32_t>(c)) * words_of_mma + lane];
#pragma unroll
      for (int i = 0; i < tiles; ++i) {
        std::int32_t result[4];
        multiply<product>(result, of, i, query);
        joined = by_and ? joined & result[0] & result[1] : joined | result[0] | result[1];
        joined = by_and ? joined & result[2] & result[3] : joined | result[2] | result[3];
      }
    }
    if (__any_sync(all_lanes, by_and ? joined >= 0 : joined < 0)) {
#pragma unroll 1
      for (int c = 0; c < step; ++c) {
        const std::uint32_t place = column + static_cast<std::uint32_t>(c);
        std::uint32_t near = near_results<product>(of, queries[place * words_of_mma + lane]);
        while (near != 0) {
          const std::uint32_t bit = static_cast<std::uint32_t>(__ffs(static_cast<int>(near)) - 1);
          const std::uint32_t row = rows_of_mma * (bit >> 2) + 8 * ((bit >> 1) & 1U) + (lane >> 2);
          visit(row, queries_of_mma * place + 2 * (lane & 3U) + (bit & 1U));
          near &= near - 1;
        }
        __syncwarp();
      }
    }
  }
}

}  // namespace libmatch::cuda
