// Kernels around each device function that holds inline assembly: small enough to be read beside their test.
#include <cuda_runtime.h>

#include <cstdint>

#include "csa_tile.cuh"
#include "instructions.cuh"
#include "mma_tile.cuh"

using namespace libmatch::cuda;

namespace {

struct pair {
  std::uint32_t row;
  std::uint32_t query;
};

__device__ void report(pair *pairs, std::uint32_t *count, std::uint32_t row, std::uint32_t query) {
  pairs[atomicAdd(count, 1U)] = pair{row, query};
}

// The block's rows against all queries, of which the shared memory holds 64 at once.
template <bit_product product, int tiles, int step>
__device__ void near_by_mma(const uint2 *rows, const uint2 *queries, std::uint32_t n_queries, std::int32_t max_distance,
                            std::int32_t fewest_ones, pair *pairs, std::uint32_t *count) {
  __shared__ uint2 shared[64 * 4];
  const std::uint32_t warp_rows = 16 * tiles;
  const std::uint32_t first_row = (blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32) * warp_rows;
  matrix_rows<tiles> own;
  load_matrix_rows(own, rows + 4 * static_cast<std::uint64_t>(first_row));
  if constexpr (product == bit_product::and_k256) {
    start_from_ones(own, max_distance);
    add_ones(own, fewest_ones / 2);
  } else {
    start_from(own, max_distance);
  }
  for (std::uint32_t first = 0; first < n_queries; first += 64) {
    __syncthreads();
    for (std::uint32_t i = threadIdx.x; i < 128; i += blockDim.x) {
      const bool present = first + i / 2 < n_queries;
      const uint2 *from = present ? queries + 4 * static_cast<std::uint64_t>(first) + 2 * i : queries;
      copy_async_16(shared + 2 * i, from, present);
    }
    copy_async_commit();
    copy_async_wait<0>();
    __syncthreads();
    scan_matrix<product, step>(own, shared, 8, [&](std::uint32_t row, std::uint32_t query) {
      if (first + query < n_queries) report(pairs, count, first_row + row, first + query);
    });
  }
}

}  // namespace

#if __CUDA_ARCH__ < 800
extern "C" __global__ void near_by_xor_k128(const uint2 *rows, const uint2 *queries, std::uint32_t n_queries,
                                            std::int32_t max_distance, pair *pairs, std::uint32_t *count) {
  near_by_mma<bit_product::xor_k128, 2, 2>(rows, queries, n_queries, max_distance, 0, pairs, count);
}
#else
extern "C" __global__ void near_by_xor_k256(const uint2 *rows, const uint2 *queries, std::uint32_t n_queries,
                                            std::int32_t max_distance, pair *pairs, std::uint32_t *count) {
  near_by_mma<bit_product::xor_k256, 2, 2>(rows, queries, n_queries, max_distance, 0, pairs, count);
}
extern "C" __global__ void near_by_and_k256(const uint2 *rows, const uint2 *queries, std::uint32_t n_queries,
                                            std::int32_t max_distance, std::int32_t fewest_ones, pair *pairs,
                                            std::uint32_t *count) {
  near_by_mma<bit_product::and_k256, 2, 2>(rows, queries, n_queries, max_distance, fewest_ones, pairs, count);
}
#endif

extern "C" __global__ void near_by_csa96(const std::uint32_t *plane, std::uint32_t plane_stride, const uint4 *queries,
                                         std::uint32_t n_queries, pair *pairs, std::uint32_t *count) {
  __shared__ uint4 shared[64];
  row_prefixes<4> own;
  const std::uint32_t first_row = blockIdx.x * blockDim.x * 4 + threadIdx.x;
  load_row_prefixes(own, plane, plane_stride, first_row, blockDim.x);
  for (std::uint32_t first = 0; first < n_queries; first += 64) {
    __syncthreads();
    for (std::uint32_t i = threadIdx.x; i < 64; i += blockDim.x) {
      shared[i] = first + i < n_queries ? queries[first + i] : query_prefix(0, 0, 0, -1);
    }
    __syncthreads();
    scan_prefixes<2>(own, shared, 64, [&](std::uint32_t r, std::uint32_t query) {
      report(pairs, count, first_row + r * blockDim.x, first + query);
    });
  }
}
