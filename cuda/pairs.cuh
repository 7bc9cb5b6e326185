// The rows of a segment as queries to themselves and to the segments before it.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "hits.cuh"
#include "launch.cuh"
#include "places.cuh"

namespace libmatch::cuda {

// Limits of rows first_row and behind as queries: removed ones have no hits.
static __global__ void limit_rows(const std::uint32_t *__restrict__ removed, std::uint32_t first_row,
                                  std::uint32_t n_rows, std::int32_t max_distance, std::int32_t *limits) {
  const std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n_rows) limits[i] = is_removed(removed, first_row + i) ? -1 : max_distance;
}

struct pair_sink {
  table_pair *pairs;
  unsigned long long *count;
  std::uint64_t capacity;
};

// Of hits whose queries are rows of a segment, those whose row lies before the query's: a pair is met from both its
// ends, and each row meets itself. Blocks of whole warps.
static __global__ void keep_earlier(const table_hit *__restrict__ hits, std::uint64_t n_hits,
                                    std::uint32_t query_segment, const pair_sink kept) {
  const std::uint32_t lane = threadIdx.x & 31U;
  const std::uint64_t grid = std::uint64_t{gridDim.x} * blockDim.x;
  // Of the warp's first lane: all lanes go on together.
  std::uint64_t first = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x - lane;
  for (; first < n_hits; first += grid) {
    table_hit hit{};
    bool is_earlier = false;
    if (first + lane < n_hits) {
      hit = hits[first + lane];
      is_earlier = hit.segment < query_segment || hit.row < hit.query;
    }
    const std::uint64_t place = take_places(kept.count, is_earlier);
    if (is_earlier && place < kept.capacity) {
      kept.pairs[place] = table_pair{hit.segment, hit.row, query_segment, hit.query, hit.distance};
    }
  }
}

}  // namespace libmatch::cuda
