// Near codes of keypoints by the tables of a segment: which rows a query compares, and in which order, is what
// libmatch/src/search/keypoint_lookup.cpp says, so that all backends lose the same pairs.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "hits.cuh"
#include "instructions.cuh"
#include "launch.cuh"
#include "places.cuh"
#include "search_views.h"

namespace libmatch::cuda {

inline constexpr std::uint32_t keypoint_code_words = 8;
inline constexpr std::uint32_t lookup_block_threads = 128;
// Lanes hold the names of a query's buckets.
inline constexpr std::uint32_t lookup_tables_most = 32;

// Each warp remembers the rows that it reported.
inline std::size_t lookup_shared_bytes(std::uint32_t max_candidates) {
  return std::size_t{lookup_block_threads / 32} * max_candidates * sizeof(std::uint32_t);
}

// The name of a code's bucket in table t.
inline __device__ std::uint32_t bucket_name(const keypoint_table_part &tables, const std::uint32_t *code,
                                            std::uint32_t t) {
  const std::uint8_t *places = tables.places + t * tables.width;
  std::uint32_t name = 0;
  for (std::uint32_t i = 0; i < tables.width; ++i) name |= (code[places[i] / 32] >> (places[i] % 32) & 1U) << i;
  return name;
}

// The part of a bucket that a lane looks at: rows begin .. begin + size - 1 of a table's list.
struct bucket_rows {
  const std::uint32_t *rows;
  std::uint32_t size;
};

// Bucket i of a query: those of its own names, table after table, then those whose names differ in one bit.
inline __device__ bucket_rows rows_of_bucket(const segment_part &segment, const keypoint_table_part &tables,
                                             std::uint32_t own_name, std::uint32_t i) {
  const std::uint32_t neighbour = i - tables.tables;
  const bool is_own = i < tables.tables;
  const bool is_there = i < tables.tables * (tables.width + 1);
  const std::uint32_t t = !is_there ? 0 : is_own ? i : neighbour / tables.width;
  std::uint32_t name = __shfl_sync(all_lanes, own_name, static_cast<int>(t));
  if (!is_there) return {nullptr, 0};
  if (!is_own) name ^= 1U << (neighbour % tables.width);
  const std::uint32_t *starts = tables.starts + t * ((std::uint64_t{1} << tables.width) + 1) + name;
  const std::uint32_t begin = starts[0];
  const std::uint32_t end = starts[1];
  const std::uint32_t size = begin < end && end <= segment.size ? min(end - begin, tables.max_rows_of_bucket) : 0;
  return {tables.rows + std::uint64_t{t} * segment.size + begin, size};
}

inline __device__ std::uint32_t sum_up_to_lane(std::uint32_t value) {
  const std::uint32_t lane = threadIdx.x & 31U;
  for (unsigned delta = 1; delta < 32; delta *= 2) {
    const std::uint32_t below = __shfl_up_sync(all_lanes, value, delta);
    if (lane >= delta) value += below;
  }
  return value;
}

// Row k of those that the lanes' parts hold together; ends: sums of sizes up to each lane, k less than the last. All
// lanes call it.
inline __device__ std::uint32_t row_of_parts(const bucket_rows &own, std::uint32_t ends, std::uint32_t k,
                                             bool is_there) {
  std::uint32_t holder = 0;  // lanes whose parts end at k or before it
  for (std::uint32_t half = 16; half != 0; half /= 2) {
    const std::uint32_t end = __shfl_sync(all_lanes, ends, static_cast<int>(holder + half - 1));
    if (end <= k) holder += half;
  }
  const std::uint32_t begin = __shfl_sync(all_lanes, ends - own.size, static_cast<int>(holder));
  const auto rows = __shfl_sync(all_lanes, reinterpret_cast<unsigned long long>(own.rows), static_cast<int>(holder));
  return is_there ? reinterpret_cast<const std::uint32_t *>(rows)[k - begin] : 0;
}

// Reports the near rows of the warp that it has not reported for this query before.
inline __device__ void report_new(const hit_sink &sink, const table_hit &hit, bool near, std::uint32_t *reported,
                                  std::uint32_t &n_reported) {
  if (__any_sync(all_lanes, near) == 0) return;
  const std::uint32_t lane = threadIdx.x & 31U;
  const unsigned long long key = near ? hit.row : (1ULL << 32) + lane;
  const unsigned same = __match_any_sync(all_lanes, key);
  bool is_new = near && static_cast<std::uint32_t>(__ffs(static_cast<int>(same)) - 1) == lane;
  for (std::uint32_t i = 0; i < n_reported; ++i) is_new = is_new && reported[i] != hit.row;
  const unsigned fresh = __ballot_sync(all_lanes, is_new);
  if (is_new) reported[n_reported + static_cast<std::uint32_t>(__popc(fresh & ((1U << lane) - 1U)))] = hit.row;
  n_reported += static_cast<std::uint32_t>(__popc(fresh));
  __syncwarp();
  const std::uint64_t place = take_places(sink.count, is_new);
  if (is_new && place < sink.capacity) sink.hits[place] = hit;
}

// A warp a query.
static __global__ void __launch_bounds__(lookup_block_threads)
    look_up_codes(const segment_part segment, const keypoint_table_part tables, const query_part queries,
                  const hit_sink sink) {
  LM_DYNAMIC_SHARED(std::uint32_t, shared);
  const std::uint32_t lane = threadIdx.x & 31U;
  const std::uint32_t query = (blockIdx.x * blockDim.x + threadIdx.x) / 32;
  if (query >= queries.size) return;  // the whole warp
  std::uint32_t *reported = shared + threadIdx.x / 32 * tables.max_candidates_of_code;
  std::uint32_t n_reported = 0;
  const std::uint32_t *code = queries.rows + std::uint64_t{query} * keypoint_code_words;
  const std::int32_t limit = queries.limits[query];
  const std::uint32_t own_name = lane < tables.tables ? bucket_name(tables, code, lane) : 0;
  const std::uint32_t n_buckets = tables.tables * (tables.width + 1);
  std::uint32_t candidates = 0;
  for (std::uint32_t first = 0; first < n_buckets && candidates <= tables.max_candidates_of_code; first += 32) {
    const bucket_rows part = rows_of_bucket(segment, tables, own_name, first + lane);
    const std::uint32_t ends = sum_up_to_lane(part.size);
    // Buckets up to the first that would make too many.
    const unsigned taken = __ballot_sync(all_lanes, candidates + ends <= tables.max_candidates_of_code);
    const std::uint32_t taken_rows = taken == 0 ? 0 : __shfl_sync(all_lanes, ends, __popc(taken) - 1);
    for (std::uint32_t k = 0; k < taken_rows; k += 32) {
      const bool is_there = k + lane < taken_rows;
      const std::uint32_t row = row_of_parts(part, ends, k + lane, is_there);
      std::int32_t distance = 0;
      bool near = is_there && row < segment.size;
      if (near) {
        const std::uint32_t *found = segment.rows + std::uint64_t{row} * keypoint_code_words;
        for (std::uint32_t w = 0; w < keypoint_code_words; ++w) distance += __popc(found[w] ^ code[w]);
        near = distance <= limit && !is_removed(segment.removed, row);
      }
      report_new(sink, {queries.first + query, segment.number, row, static_cast<std::uint32_t>(distance)}, near,
                 reported, n_reported);
    }
    candidates += __shfl_sync(all_lanes, ends, 31);
  }
}

}  // namespace libmatch::cuda
