// Exact range and k-NN search over segments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/cpu_features.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/search_result.h"
#include "core/segment.h"
#include "distance/kernels.h"
#include "search/planner.h"

namespace libmatch::detail {

// What a search runs with.
struct search_environment {
  const distance_kernels &kernels;
  instruction_set set;  // of the kernels
  thread_pool &threads;
  progress_meter &progress;                            // counts code-query pairs
  std::optional<search_method> forced = std::nullopt;  // instead of the plan's, where the segment's layouts allow it
};

// Every live row within max_distance of a query, ordered by (query, distance, id).
search_result search_range(std::span<const segment_view> segments, const query_batch &queries,
                           std::uint32_t max_distance, const search_environment &environment);

// The k nearest live rows of each query, or all where there are fewer, ordered by (query, distance, id).
search_result search_knn(std::span<const segment_view> segments, const query_batch &queries, std::size_t k,
                         const search_environment &environment);

}  // namespace libmatch::detail
