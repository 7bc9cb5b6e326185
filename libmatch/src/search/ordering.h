// From hits in any order to a result in the order of the contract.
#pragma once

#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "core/parallel.h"
#include "core/search_result.h"

namespace libmatch::detail {

struct search_hit {
  std::int64_t id;
  std::uint32_t query;
  std::uint32_t distance;
  row_location location;
};

// Nearest first, ties by smaller id; entries alike in both by their place, so that every run gives the same bytes.
// An object, not a function, whose calls sorting would not inline.
inline constexpr auto nearer = [](const search_hit &a, const search_hit &b) noexcept {
  if (a.distance != b.distance) {
    return a.distance < b.distance;
  }
  return std::tie(a.id, a.location.segment, a.location.row) < std::tie(b.id, b.location.segment, b.location.row);
};

// Gathers the hits of all tasks by query, orders each query's by nearer(), and keeps the first `keep` of each.
search_result order_hits(std::span<const std::vector<search_hit>> tasks, std::size_t n_queries, std::size_t keep,
                         thread_pool &threads);

}  // namespace libmatch::detail
