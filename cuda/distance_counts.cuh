// How many rows lie at which distance from each query.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "hits.cuh"
#include "launch.cuh"
#include "search_views.h"

namespace libmatch::cuda {

// What distances are counted in: each below 2^(fine_bits + 1) on its own, and from there on 2^fine_bits steps for
// every power of two.
struct distance_steps {
  std::uint32_t fine_bits;
  std::uint32_t size;  // steps
};

__device__ inline std::uint32_t step_of(const distance_steps &steps, std::uint32_t distance) {
  if (distance >> (steps.fine_bits + 1) == 0) return distance;
  const std::uint32_t shift = 31U - static_cast<std::uint32_t>(__clz(static_cast<int>(distance))) - steps.fine_bits;
  return (shift << steps.fine_bits) + (distance >> shift);
}

// The largest distance of a step.
__device__ inline std::uint32_t end_of_step(const distance_steps &steps, std::uint32_t step) {
  if (step >> (steps.fine_bits + 1) == 0) return step;
  const std::uint32_t shift = (step >> steps.fine_bits) - 1;
  return ((step - (shift << steps.fine_bits) + 1) << shift) - 1;
}

// What a word of a row and one of a query add to their distance.
struct hamming_bits {
  static __device__ std::uint32_t add(std::uint32_t sum, std::uint32_t a, std::uint32_t b) {
    return sum + static_cast<std::uint32_t>(__popc(a ^ b));
  }
};

// Shared memory of count_distances.
inline std::size_t count_shared_bytes(std::uint32_t tile_queries, std::uint32_t width_words, std::uint32_t n_steps) {
  return std::size_t{tile_queries} * (width_words + n_steps) * sizeof(std::uint32_t);
}

// Adds the distances of every query and the live ones among rows 0, stride, 2 stride ... to
// counts[query x steps + step]. Blocks (x, y) take tile_queries queries each, those of their y.
template <typename word_distance, int tile_queries>
__global__ void count_distances(const segment_part segment, const query_part queries, std::uint32_t stride,
                                const distance_steps steps, std::uint32_t *counts) {
  LM_DYNAMIC_SHARED(std::uint32_t, shared);
  const std::uint32_t width = segment.width_words;
  std::uint32_t *codes = shared;
  std::uint32_t *own_counts = shared + tile_queries * width;
  const std::uint32_t first_query = blockIdx.y * tile_queries;
  const std::uint32_t n_queries = min(static_cast<std::uint32_t>(tile_queries), queries.size - first_query);
  for (std::uint32_t i = threadIdx.x; i < tile_queries * width; i += blockDim.x) {
    codes[i] = i < n_queries * width ? queries.rows[std::uint64_t{first_query} * width + i] : 0;
  }
  for (std::uint32_t i = threadIdx.x; i < tile_queries * steps.size; i += blockDim.x) own_counts[i] = 0;
  __syncthreads();

  const std::uint64_t grid = std::uint64_t{gridDim.x} * blockDim.x;
  for (std::uint64_t i = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x; i * stride < segment.size; i += grid) {
    const std::uint64_t row = i * stride;
    if (is_removed(segment.removed, static_cast<std::uint32_t>(row))) continue;
    std::uint32_t distances[tile_queries] = {};
    for (std::uint32_t w = 0; w < width; ++w) {
      const std::uint32_t word = segment.rows[row * width + w];
#pragma unroll
      for (std::uint32_t q = 0; q < tile_queries; ++q) {
        distances[q] = word_distance::add(distances[q], word, codes[q * width + w]);
      }
    }
#pragma unroll
    for (std::uint32_t q = 0; q < tile_queries; ++q) {
      if (q < n_queries) atomicAdd(&own_counts[q * steps.size + step_of(steps, distances[q])], 1U);
    }
  }
  __syncthreads();
  for (std::uint32_t i = threadIdx.x; i < n_queries * steps.size; i += blockDim.x) {
    if (own_counts[i] != 0) atomicAdd(&counts[std::uint64_t{first_query} * steps.size + i], own_counts[i]);
  }
}

}  // namespace libmatch::cuda
