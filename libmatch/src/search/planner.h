// Which way of searching a segment costs least.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/cpu_features.h"
#include "core/metric.h"
#include "core/segment.h"

namespace libmatch::detail {

enum class search_method : std::uint8_t {
  rows,     // whole codes, one query after the other
  planes,   // bit planes: those stored, or made for the batch
  lookups,  // tables of the queries, made for the batch: each row looks up those that may be near
  probes,   // buckets, query by query
  visits    // buckets, all queries that ask for one at once
};
const char *search_method_name(search_method method) noexcept;

// What a choice depends on.
struct search_shape {
  std::size_t n_rows = 0;
  std::uint32_t words = 0;
  bool has_planes = false;
  const bucket_layout *buckets = nullptr;  // tables whose arrays need not exist; null: none
  std::size_t n_queries = 0;
  std::uint32_t max_distance = 0;
  metric compared_by = metric::hamming;
};

struct search_plan {
  search_method method = search_method::rows;
  double nanoseconds = 0;  // expected, on one thread of the machine that the costs were measured on
};

// Whether a segment of this shape can be searched so.
bool can_search(search_method method, const search_shape &shape) noexcept;

// The cheapest range search. The costs are measured ones (planner.cpp); what they leave out, skewed data, is bounded
// while searching.
search_plan plan_range(const search_shape &shape, instruction_set set) noexcept;

// What comparing every row of the shape with every query takes, in steps of query_tables::search: lookups that take
// more are given up, so that at worst they double it.
std::uint64_t max_lookup_work(const search_shape &shape, instruction_set set) noexcept;

// A query that has more than this in a segment's buckets is answered by a scan instead: at worst that doubles what
// the scan alone would have taken.
struct crowd_limits {
  std::uint64_t candidates;  // in the buckets that it asks for, known beforehand
  std::uint64_t survivors;   // of them within the limit on the words inline, known as they are met
  // The survivors of all queries together, a query: above it the scan of the whole batch would have cost less.
  std::uint64_t mean_survivors;
};
crowd_limits limits_of_crowds(const search_shape &shape, instruction_set set) noexcept;

}  // namespace libmatch::detail
