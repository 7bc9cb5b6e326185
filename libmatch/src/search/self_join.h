// The pairs of near rows among segments: the segments searched for their own rows.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/search_result.h"
#include "core/segment.h"
#include "search/scan.h"

namespace libmatch::detail {

// What search_pairs adds to its progress in all.
std::uint64_t pairs_to_compare(std::span<const segment_view> segments);

// Every two live rows within max_distance of each other, each pair once, in the order of pair_result.
pair_result search_pairs(std::span<const segment_view> segments, std::uint32_t max_distance,
                         const search_environment &environment);

// The same by any range search.
using range_searcher =
    std::function<search_result(std::span<const segment_view> segments, const query_batch &queries)>;
pair_result search_pairs(std::span<const segment_view> segments, const range_searcher &search);

// Two near rows, the one before the other in (segment, row).
struct near_rows {
  row_location earlier;
  row_location later;
  std::uint32_t distance;
};

// Pairs in any order, each once, as a result.
pair_result order_pairs(std::span<const segment_view> segments, std::span<const near_rows> pairs);

}  // namespace libmatch::detail
