#include "search/ordering.h"

#include <algorithm>
#include <cstddef>

namespace libmatch::detail {

namespace {

// Queries that one task of the ordering takes.
constexpr std::size_t queries_per_task = 1024;

void append(search_result &result, std::span<const search_hit> hits) {
  for (const search_hit &hit : hits) {
    result.ids.push_back(hit.id);
    result.distances.push_back(hit.distance);
    result.locations.push_back(hit.location);
  }
  result.offsets.push_back(static_cast<std::int64_t>(result.ids.size()));
}

}  // namespace

search_result order_hits(std::span<const std::vector<search_hit>> tasks, std::size_t n_queries, std::size_t keep,
                         thread_pool &threads) {
  std::vector<std::size_t> starts(n_queries + 1, 0);
  for (const auto &hits : tasks) {
    for (const search_hit &hit : hits) {
      ++starts[hit.query + 1];
    }
  }
  for (std::size_t q = 0; q < n_queries; ++q) {
    starts[q + 1] += starts[q];
  }

  std::vector<search_hit> by_query(starts[n_queries]);
  std::vector<std::size_t> next(starts.begin(), starts.end() - 1);
  for (const auto &hits : tasks) {
    for (const search_hit &hit : hits) {
      by_query[next[hit.query]++] = hit;
    }
  }

  const auto hits_of = [&](std::size_t q) {
    return std::span(by_query).subspan(starts[q], starts[q + 1] - starts[q]);
  };
  threads.for_each((n_queries + queries_per_task - 1) / queries_per_task, [&](std::size_t task) {
    const std::size_t end = std::min(n_queries, (task + 1) * queries_per_task);
    for (std::size_t q = task * queries_per_task; q < end; ++q) {
      const auto hits = hits_of(q);
      std::sort(hits.begin(), hits.end(), nearer);
    }
  });

  search_result result;
  result.offsets.reserve(n_queries + 1);
  std::size_t total = 0;
  for (std::size_t q = 0; q < n_queries; ++q) {
    total += std::min(keep, hits_of(q).size());
  }
  result.ids.reserve(total);
  result.distances.reserve(total);
  result.locations.reserve(total);
  for (std::size_t q = 0; q < n_queries; ++q) {
    const auto hits = hits_of(q);
    append(result, hits.first(std::min(keep, hits.size())));
  }
  return result;
}

}  // namespace libmatch::detail
