// The host's side of knn.cuh, for any metric.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "backend_table.h"
#include "device.h"
#include "distance_counts.cuh"
#include "hits.h"
#include "search_views.h"
#include "segment.h"

namespace libmatch::cuda {

// What searches by different metrics differ in. Both put kernels into the stream of the call and wait for nothing.
class nearest_kernels {
 public:
  virtual ~nearest_kernels() = default;
  // As count_distances says.
  virtual void count(const device_call &call, const segment_part &segment, const query_part &queries,
                     std::uint32_t stride, const distance_steps &steps, std::uint32_t *counts) const = 0;
  // Reports the live rows within the limits of the queries.
  virtual void find(const device_call &call, const segment_part &segment, const query_part &queries,
                    const hit_sink &sink) const = 0;
};

struct nearest_options {
  std::uint64_t k = 0;
  std::int32_t max_distance = 0;  // what lies further is no neighbour
  std::uint32_t fine_bits = 0;    // of distance_steps
  // Whether a sample says where to look first. Without it all within max_distance is looked at, which is better where
  // that is little.
  bool by_sample = true;
  // Rows of the sample; fewer for more neighbours would say too little.
  std::uint64_t sample_rows = std::uint64_t{1} << 17;
  // Hits that are on the device at once, unless a single query has more.
  std::uint64_t hits_at_once = std::uint64_t{1} << 24;
};

// The nearest k live rows of each query among all segments, and what lies in the same step of distances as the last
// of them. Progress counts pairs. Throws LM_ERROR_CANCELLED.
void collect_nearest(device_call &call, std::span<const segment_use> segments, const table_queries &queries,
                     const nearest_options &options, const nearest_kernels &kernels, const table_progress &progress,
                     hit_collector &collector);

// By Hamming distance; distances of codes are told apart one by one.
const nearest_kernels &code_kernels() noexcept;
inline constexpr std::uint32_t code_fine_bits = 11;

// The entry of the table. `options`: of tests, whose lists are short.
void search_knn(device &on, const search_request &request, std::uint64_t k, table_hits *out_hits,
                const nearest_options &options = {});

}  // namespace libmatch::cuda
