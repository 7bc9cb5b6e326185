// Range search on a device: the host's side of range.cuh.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "backend_table.h"
#include "device.h"
#include "hits.h"
#include "kernel_choice.h"
#include "search_views.h"
#include "segment.h"

namespace libmatch::cuda {

// What a launch is made for; kernel: instead of the one chosen, where it can answer.
struct range_launch {
  const device_facts &facts;
  cudaStream_t stream;
  std::optional<range_kernel> kernel = std::nullopt;
};

segment_part to_segment_part(const segment_arrays &arrays, std::uint32_t number);

// Puts the search of one segment into the stream; nothing is waited for or allocated.
void launch_range(const range_launch &with, const segment_part &segment, const query_part &queries,
                  const hit_sink &sink);

// The rows within limits[q] of query q in all segments, each limit at most the bits of a code; negative: none.
// Queries are taken in blocks, and progress is counted after each. Throws LM_ERROR_CANCELLED.
void collect_range(device_call &call, std::span<const segment_use> segments, const table_queries &queries,
                   std::span<const std::int32_t> limits, const table_progress &progress, hit_collector &collector,
                   std::optional<range_kernel> kernel = std::nullopt);

// The entry of the table.
void search_range(device &on, const search_request &request, std::uint32_t max_distance, table_hits *out_hits);

// Counts units; LM_ERROR_CANCELLED when the caller wants no more.
void count_progress(const table_progress &progress, std::uint64_t units);

}  // namespace libmatch::cuda
