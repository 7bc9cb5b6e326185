// Exact search among vectors of bytes by comparing every row with every query.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/parallel.h"
#include "core/progress.h"
#include "core/search_result.h"
#include "core/segment.h"
#include "distance/vector_kernels.h"
#include "search/planner.h"

namespace libmatch::detail {

// What a search runs with.
struct vector_search_environment {
  const vector_kernels &kernels;
  thread_pool &threads;
  progress_meter &progress;  // counts vector-query pairs
};

// What a range search of rows without layouts would cost.
search_plan plan_vector_range(const search_shape &shape, const vector_kernels &kernels) noexcept;

// As search_range and search_knn of search/scan.h, by squared Euclidean distance.
search_result search_vector_range(std::span<const segment_view> segments, const query_batch &queries,
                                  std::uint32_t max_distance, const vector_search_environment &environment);
search_result search_vector_knn(std::span<const segment_view> segments, const query_batch &queries, std::size_t k,
                                const vector_search_environment &environment);

}  // namespace libmatch::detail
