// Small kernels, each of which can be given one mistake that GPUs forgive often enough to be shipped. What the tools
// say of them is in README.md; planted_bugs_test.cpp holds them to it.
#pragma once

#include <cstdint>

#include "instructions.cuh"
#include "launch.cuh"

namespace libmatch::cuda {

enum class planted {
  nothing,
  no_barrier_before_fill,
  no_barrier_after_fill,
  divergent_collective,
  shared_write_beyond,
  shared_read_beyond,
  no_copy_wait,
  racing_blocks,
  no_syncwarp,
  divergent_barrier,
  early_return,
};

inline constexpr unsigned tile_queries = 32;

// The distances of each row to all queries, summed; queries go through a tile in shared memory. For blocks of 64.
template <planted bug>
__global__ void distance_sums(const std::uint32_t *rows, unsigned n_rows, const std::uint32_t *queries,
                              unsigned n_queries, std::uint32_t *sums) {
  LM_SHARED(std::uint32_t, tile_array, tile_queries);
  std::uint32_t *const tile = tile_array;
  const unsigned row = blockIdx.x * blockDim.x + threadIdx.x;
  if (bug == planted::early_return && row >= n_rows) {
    return;
  }
  const std::uint32_t code = row < n_rows ? rows[row] : 0;
  std::uint32_t sum = 0;
  for (unsigned first = 0; first < n_queries; first += tile_queries) {
    const unsigned filled = min(tile_queries, n_queries - first);
    if (bug != planted::no_barrier_before_fill) {
      __syncthreads();
    }
    const unsigned written = bug == planted::shared_write_beyond && filled == tile_queries ? filled + 1 : filled;
    for (unsigned i = threadIdx.x; i < written; i += blockDim.x) {
      tile[i] = queries[min(first + i, n_queries - 1)];
    }
    if (bug == planted::divergent_barrier && threadIdx.x >= 32) {
      __syncthreads();
    } else if (bug != planted::no_barrier_after_fill) {
      __syncthreads();
    }
    const unsigned read = bug == planted::shared_read_beyond && filled == tile_queries ? filled + 1 : filled;
    for (unsigned i = 0; i < read; ++i) {
      sum += i < filled || tile[i] == 0 ? static_cast<std::uint32_t>(__popc(code ^ tile[i])) : 0U;
    }
  }
  if (row < n_rows) {
    sums[row] = sum;
  }
}

// The same by copies that arrive later, two tiles in turn.
template <planted bug>
__global__ void distance_sums_by_copies(const std::uint32_t *rows, unsigned n_rows, const std::uint32_t *queries,
                                        unsigned n_queries, std::uint32_t *sums) {
  LM_DYNAMIC_SHARED(std::uint32_t, tiles);
  const unsigned row = blockIdx.x * blockDim.x + threadIdx.x;
  const std::uint32_t code = row < n_rows ? rows[row] : 0;
  const auto fetch = [&](unsigned first) {
    const unsigned at = 4 * threadIdx.x;
    if (at < tile_queries) {
      copy_async_16(tiles + first / tile_queries % 2 * tile_queries + at, queries + first + at,
                    first + at < n_queries);
    }
    copy_async_commit();
  };
  std::uint32_t sum = 0;
  fetch(0);
  for (unsigned first = 0; first < n_queries; first += tile_queries) {
    if (first + tile_queries < n_queries) {
      fetch(first + tile_queries);
    } else {
      copy_async_commit();
    }
    // The copies of this tile may still be under way where one group more is left out.
    copy_async_wait<bug == planted::no_copy_wait ? 2 : 1>();
    __syncthreads();
    for (unsigned i = 0; i < tile_queries && first + i < n_queries; ++i) {
      sum += static_cast<std::uint32_t>(__popc(code ^ tiles[first / tile_queries % 2 * tile_queries + i]));
    }
    __syncthreads();
  }
  copy_async_wait<0>();
  if (row < n_rows) {
    sums[row] = sum;
  }
}

// How many rows are within the distance of each query, counted by votes of warps.
template <planted bug>
__global__ void matches_by_votes(const std::uint32_t *rows, unsigned n_rows, const std::uint32_t *queries,
                                 unsigned n_queries, std::uint32_t *counts) {
  const unsigned row = blockIdx.x * blockDim.x + threadIdx.x;
  const bool present = row < n_rows;
  const std::uint32_t code = present ? rows[row] : 0;
  for (unsigned query = 0; query < n_queries; ++query) {
    if (bug == planted::divergent_collective && !present) {
      continue;
    }
    const unsigned near = __ballot_sync(all_lanes, present && __popc(code ^ queries[query]) <= 14);
    if (threadIdx.x % 32 != 0 || near == 0) {
      continue;
    }
    if (bug == planted::racing_blocks) {
      counts[query] += static_cast<std::uint32_t>(__popc(near));
    } else {
      atomicAdd(&counts[query], static_cast<std::uint32_t>(__popc(near)));
    }
  }
}

// Each row's distance to its neighbour in the warp, exchanged through shared memory. For blocks of 64.
template <planted bug>
__global__ void distances_of_neighbours(const std::uint32_t *rows, unsigned n_rows, const std::uint32_t *, unsigned,
                                        std::uint32_t *distances) {
  LM_SHARED(std::uint32_t, exchanged, 64);
  const unsigned row = blockIdx.x * blockDim.x + threadIdx.x;
  const std::uint32_t code = row < n_rows ? rows[row] : 0;
  exchanged[threadIdx.x] = code;
  if (bug != planted::no_syncwarp) {
    __syncwarp();
  }
  const std::uint32_t other = exchanged[threadIdx.x ^ 1];
  if (row < n_rows) {
    distances[row] = static_cast<std::uint32_t>(__popc(code ^ other));
  }
}

}  // namespace libmatch::cuda
