// Exact search by comparing every row with every query.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/parallel.h"
#include "core/progress.h"
#include "core/search_result.h"
#include "core/segment.h"
#include "distance/kernels.h"

namespace libmatch::detail {

// What a search runs with.
struct search_environment {
  const distance_kernels &kernels;
  thread_pool &threads;
  progress_meter &progress;  // counts code-query pairs
};

// Every live row within max_distance of a query, ordered by (query, distance, id).
search_result search_range(std::span<const segment_view> segments, const query_batch &queries,
                           std::uint32_t max_distance, const search_environment &environment);

// The k nearest live rows of each query, or all where there are fewer, ordered by (query, distance, id).
search_result search_knn(std::span<const segment_view> segments, const query_batch &queries, std::size_t k,
                         const search_environment &environment);

}  // namespace libmatch::detail
