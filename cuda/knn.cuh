// The nearest k rows of each query, ties included, by counting: the distances to a sample of the rows are counted,
// the counts say within which distance the nearest k surely lie, a range search finds all rows that are, and the
// counts of those say how far the nearest k really reach.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "distance_counts.cuh"
#include "hits.cuh"
#include "instructions.cuh"
#include "launch.cuh"
#include "places.cuh"

namespace libmatch::cuda {

// Adds hits to counts[query x steps + step]; their queries are first_query and those behind.
static __global__ void count_hits(const table_hit *__restrict__ hits, std::uint64_t n_hits, std::uint32_t first_query,
                                  const distance_steps steps, std::uint32_t *counts) {
  const std::uint64_t grid = std::uint64_t{gridDim.x} * blockDim.x;
  for (std::uint64_t i = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n_hits; i += grid) {
    const table_hit hit = hits[i];
    atomicAdd(&counts[std::uint64_t{hit.query - first_query} * steps.size + step_of(steps, hit.distance)], 1U);
  }
}

struct found_limits {
  std::int32_t *limits;       // of each query
  std::int32_t *largest;      // of them and of what stood there
  std::uint32_t *unreached;   // counts the queries that have fewer than k
  std::int32_t max_distance;  // what no limit exceeds: that of a query that has fewer
};

// The end of the step that holds the k-th nearest of each query. A warp a query; blocks of whole warps.
static __global__ void find_limits(const std::uint32_t *__restrict__ counts, std::uint32_t n_queries,
                                   const distance_steps steps, std::uint64_t k, const found_limits found) {
  const std::uint32_t lane = threadIdx.x & 31U;
  const std::uint32_t query = (blockIdx.x * blockDim.x + threadIdx.x) / 32;
  if (query >= n_queries) return;  // the whole warp
  const std::uint32_t *own = counts + std::uint64_t{query} * steps.size;
  unsigned long long before = 0;
  std::uint32_t limit_step = steps.size;
  for (std::uint32_t first = 0; first < steps.size && limit_step == steps.size; first += 32) {
    unsigned long long sum = first + lane < steps.size ? own[first + lane] : 0;
    for (unsigned delta = 1; delta < 32; delta *= 2) {
      const unsigned long long below = __shfl_up_sync(all_lanes, sum, delta);
      if (lane >= delta) sum += below;
    }
    const unsigned reached = __ballot_sync(all_lanes, before + sum >= k);
    if (reached != 0) limit_step = first + static_cast<std::uint32_t>(__ffs(static_cast<int>(reached)) - 1);
    before += __shfl_sync(all_lanes, sum, 31);
  }
  if (lane == 0) {
    std::int32_t limit = found.max_distance;
    if (limit_step < steps.size) {
      limit = min(limit, static_cast<std::int32_t>(end_of_step(steps, limit_step)));
    } else {
      atomicAdd(found.unreached, 1U);
    }
    found.limits[query] = limit;
    atomicMax(found.largest, limit);
  }
}

// Hands on the hits within their query's limit. Blocks of whole warps.
static __global__ void keep_near(const table_hit *__restrict__ hits, std::uint64_t n_hits, std::uint32_t first_query,
                                 const std::int32_t *__restrict__ limits, const hit_sink kept) {
  const std::uint32_t lane = threadIdx.x & 31U;
  const std::uint64_t grid = std::uint64_t{gridDim.x} * blockDim.x;
  // Of the warp's first lane: all lanes go on together.
  std::uint64_t first = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x - lane;
  for (; first < n_hits; first += grid) {
    table_hit hit{};
    bool near = false;
    if (first + lane < n_hits) {
      hit = hits[first + lane];
      near = static_cast<std::int32_t>(hit.distance) <= limits[hit.query - first_query];
    }
    const std::uint64_t place = take_places(kept.count, near);
    if (near && place < kept.capacity) kept.hits[place] = hit;
  }
}

}  // namespace libmatch::cuda
