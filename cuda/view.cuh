// What turns codes into rows and hits into ordered matches without the host: numbers that only the device knows stay
// there, so grids are of fixed sizes and walk as far as those numbers say.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "backend_table.h"
#include "hits.cuh"
#include "instructions.cuh"
#include "launch.cuh"

namespace libmatch::cuda {

inline constexpr std::uint32_t view_block_threads = 256;

// Lays codes out as rows, a thread a word of 32 bits; bit j of a row is bit bit_order[j] of the code.
static __global__ void pack_codes(const std::uint8_t *__restrict__ codes, std::uint32_t n_codes,
                                  std::uint32_t code_bits, std::uint32_t width_words,
                                  const std::uint32_t *__restrict__ bit_order, std::int32_t limit,
                                  std::uint32_t *__restrict__ rows, std::int32_t *__restrict__ limits) {
  const std::uint64_t n_words = std::uint64_t{n_codes} * width_words;
  const std::uint64_t step = std::uint64_t{gridDim.x} * blockDim.x;
  for (std::uint64_t i = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n_words; i += step) {
    const std::uint64_t code = i / width_words;
    const auto first_bit = static_cast<std::uint32_t>(i % width_words) * 32;
    const std::uint8_t *bytes = codes + code * (code_bits / 8);
    std::uint32_t word = 0;
    for (std::uint32_t bit = 0; bit < 32 && first_bit + bit < code_bits; ++bit) {
      const std::uint32_t from = bit_order[first_bit + bit];
      word |= ((bytes[from / 8] >> (from % 8)) & 1U) << bit;
    }
    rows[i] = word;
    if (first_bit == 0) limits[code] = limit;
  }
}

// The hits that were stored: none where there was no room for all of them.
inline __device__ std::uint64_t hits_to_order(const hit_sink &sink) {
  return *sink.count <= sink.capacity ? *sink.count : 0;
}

// counts[q] becomes the number of hits of query q.
static __global__ void count_hits(const hit_sink sink, std::uint32_t *counts) {
  const std::uint64_t n_hits = hits_to_order(sink);
  const std::uint64_t step = std::uint64_t{gridDim.x} * blockDim.x;
  for (std::uint64_t i = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n_hits; i += step) {
    atomicAdd(&counts[sink.hits[i].query], 1U);
  }
}

// The sum of the values of all threads before this one in the block; *total becomes that of all.
inline __device__ std::uint64_t sum_before(std::uint64_t value, std::uint64_t *warp_sums, std::uint64_t *total) {
  const std::uint32_t lane = threadIdx.x & 31U;
  const std::uint32_t warp = threadIdx.x / 32;
  std::uint64_t sum = value;
  for (unsigned distance = 1; distance < 32; distance *= 2) {
    const std::uint64_t other = __shfl_up_sync(all_lanes, sum, distance);
    if (lane >= distance) sum += other;
  }
  if (lane == 31) warp_sums[warp] = sum;
  __syncthreads();
  std::uint64_t before = 0;
  std::uint64_t all = 0;
  for (std::uint32_t w = 0; w < blockDim.x / 32; ++w) {
    before += w < warp ? warp_sums[w] : 0;
    all += warp_sums[w];
  }
  __syncthreads();  // read by all before the next sums are written
  *total = all;
  return before + sum - value;
}

// One block: offsets of the queries' matches, and counts back to zero for place_hits.
static __global__ void __launch_bounds__(view_block_threads)
    sum_counts(const hit_sink sink, std::uint32_t *counts, std::uint32_t n_queries, std::int64_t *offsets,
               std::uint64_t *required) {
  LM_SHARED(std::uint64_t, warp_sums, view_block_threads / 32);
  std::uint64_t before = 0;
  for (std::uint32_t first = 0; first < n_queries; first += blockDim.x) {
    const std::uint32_t query = first + threadIdx.x;
    const std::uint64_t count = query < n_queries ? counts[query] : 0;
    std::uint64_t total = 0;
    const std::uint64_t offset = before + sum_before(count, warp_sums, &total);
    if (query < n_queries) {
      offsets[query] = static_cast<std::int64_t>(offset);
      counts[query] = 0;
    }
    before += total;
  }
  if (threadIdx.x == 0) {
    offsets[n_queries] = static_cast<std::int64_t>(before);
    *required = *sink.count;
  }
}

// places[offsets[q] ...] become the hits of query q, in any order.
static __global__ void place_hits(const hit_sink sink, std::uint32_t *counts, const std::int64_t *offsets,
                                  std::uint32_t *places) {
  const std::uint64_t n_hits = hits_to_order(sink);
  const std::uint64_t step = std::uint64_t{gridDim.x} * blockDim.x;
  for (std::uint64_t i = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n_hits; i += step) {
    const std::uint32_t query = sink.hits[i].query;
    places[offsets[query] + atomicAdd(&counts[query], 1U)] = static_cast<std::uint32_t>(i);
  }
}

// As nearer() of search/ordering.h.
inline __device__ bool is_nearer(const table_hit &a, std::int64_t a_id, const table_hit &b, std::int64_t b_id) {
  if (a.distance != b.distance) return a.distance < b.distance;
  if (a_id != b_id) return a_id < b_id;
  if (a.segment != b.segment) return a.segment < b.segment;
  return a.row < b.row;
}

// A thread a hit: its place among those of its query is the number of nearer ones. Many hits of one query cost their
// square, as they do nowhere else; a few thousand are soon ordered.
static __global__ void order_matches(const hit_sink sink, const std::int64_t *const *segment_ids,
                                     const std::int64_t *offsets, const std::uint32_t *places, std::int64_t *ids,
                                     std::uint32_t *distances) {
  const std::uint64_t n_hits = hits_to_order(sink);
  const std::uint64_t step = std::uint64_t{gridDim.x} * blockDim.x;
  for (std::uint64_t i = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n_hits; i += step) {
    const table_hit hit = sink.hits[i];
    const std::int64_t id = segment_ids[hit.segment][hit.row];
    std::int64_t place = offsets[hit.query];
    for (std::int64_t j = offsets[hit.query]; j < offsets[hit.query + 1]; ++j) {
      const table_hit other = sink.hits[places[j]];
      place += is_nearer(other, segment_ids[other.segment][other.row], hit, id) ? 1 : 0;
    }
    ids[place] = id;
    distances[place] = hit.distance;
  }
}

}  // namespace libmatch::cuda
