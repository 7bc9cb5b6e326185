// Rows in registers against queries in shared memory, on the first 96 bits of both, by carry-save adders: whoever is
// near on all bits is near on these. A lane has `rows` rows; all lanes meet the same queries.
//
// Three words of 32 bits differ in popcount(x) + popcount(y) + popcount(z) places. An adder of three bits in each of
// 32 places makes parity and majority of them, so that two popcounts, the dearest instruction here, do:
// popcount(parity) + 2 popcount(majority). Since the parity of three differences is the difference of two parities,
// those of rows and queries are made beforehand, and a pair takes four logical operations.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "instructions.cuh"

namespace libmatch::cuda {

// The first 96 bits of a query as x, y and, in z, the parity of three words; in w the largest distance that is near,
// less than 0 for a query that nothing is near to.
__host__ __device__ inline uint4 query_prefix(std::uint32_t first, std::uint32_t second, std::uint32_t third,
                                              std::int32_t max_distance) {
  uint4 prefix;
  prefix.x = first;
  prefix.y = second;
  prefix.z = first ^ second ^ third;
  prefix.w = static_cast<std::uint32_t>(max_distance);
  return prefix;
}

template <int rows>
struct row_prefixes {
  static_assert(rows >= 1 && rows <= 32, "which rows are near is one word");
  std::uint32_t first[rows];
  std::uint32_t second[rows];
  std::uint32_t parity[rows];
};

// Row r of the lane is first_row + r * stride. The word w of a row is at plane[w * plane_stride + row]; all rows must
// be there to be read.
template <int rows>
__device__ inline void load_row_prefixes(row_prefixes<rows> &loaded, const std::uint32_t *__restrict__ plane,
                                         std::uint64_t plane_stride, std::uint64_t first_row, std::uint32_t stride) {
#pragma unroll
  for (int r = 0; r < rows; ++r) {
    const std::uint64_t row = first_row + static_cast<std::uint64_t>(r) * stride;
    loaded.first[r] = plane[row];
    loaded.second[r] = plane[plane_stride + row];
    loaded.parity[r] = loaded.first[r] ^ loaded.second[r] ^ plane[2 * plane_stride + row];
  }
}

template <int rows>
__device__ inline std::int32_t prefix_distance(const row_prefixes<rows> &of, int r, const uint4 &query) {
  const std::uint32_t first = of.first[r] ^ query.x;
  const std::uint32_t second = of.second[r] ^ query.y;
  const std::uint32_t parity = of.parity[r] ^ query.z;
  return __popc(parity) + 2 * __popc(majority_by_parity(first, second, parity));
}

// Bit r: whether row r is near.
template <int rows>
__device__ inline std::uint32_t near_prefixes(const row_prefixes<rows> &of, const uint4 &query) {
  std::uint32_t near = 0;
#pragma unroll
  for (int r = 0; r < rows; ++r) {
    const bool is_near = prefix_distance(of, r, query) <= static_cast<std::int32_t>(query.w);
    near |= (is_near ? 1U : 0U) << r;
  }
  return near;
}

// Calls visit(r, q) for every row r of this lane that is near to queries[q], q < n_queries, a multiple of `step`.
// Only some lanes of a warp are there when it is called, so it must not wait for others. Of `step` queries at once
// only the nearest row decides whether to look closer: few random pairs are near.
template <int step, int rows, typename Visit>
__device__ inline void scan_prefixes(const row_prefixes<rows> &of, const uint4 *queries, std::uint32_t n_queries,
                                     const Visit &visit) {
#pragma unroll 1
  for (std::uint32_t q = 0; q < n_queries; q += step) {
    bool any = false;
#pragma unroll
    for (int i = 0; i < step; ++i) {
      const uint4 query = queries[q + static_cast<std::uint32_t>(i)];
      std::int32_t nearest = prefix_distance(of, 0, query);
#pragma unroll
      for (int r = 1; r < rows; ++r) nearest = min(nearest, prefix_distance(of, r, query));
      any |= nearest <= static_cast<std::int32_t>(query.w);
    }
    if (any) {
#pragma unroll 1
      for (int i = 0; i < step; ++i) {
        std::uint32_t near = near_prefixes(of, queries[q + static_cast<std::uint32_t>(i)]);
        while (near != 0) {
          visit(static_cast<std::uint32_t>(__ffs(static_cast<int>(near)) - 1), q + static_cast<std::uint32_t>(i));
          near &= near - 1;
        }
      }
    }
  }
}

}  // namespace libmatch::cuda
