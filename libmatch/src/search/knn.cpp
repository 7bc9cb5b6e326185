#include <algorithm>
#include <vector>

#include "search/nearest_hits.h"
#include "search/ordering.h"
#include "search/scan.h"
#include "search/tile_scan.h"

namespace libmatch::detail {

namespace {

// A block of queries against some of the row ranges.
struct knn_task {
  std::size_t first_query;
  std::size_t first_range;
  std::size_t last_range;
};

// Each task keeps k hits a query, so rows are divided only as far as the threads need it.
std::vector<knn_task> plan_tasks(std::size_t n_queries, std::size_t n_ranges, unsigned threads) {
  const std::size_t blocks = (n_queries + query_block_size - 1) / query_block_size;
  const std::size_t wanted = threads == 1 ? 1 : std::size_t{threads} * 4;
  const std::size_t parts = std::clamp<std::size_t>((wanted + blocks - 1) / blocks, 1, n_ranges);
  std::vector<knn_task> tasks;
  for (std::size_t block = 0; block < blocks; ++block) {
    for (std::size_t part = 0; part < parts; ++part) {
      tasks.push_back({block * query_block_size, n_ranges * part / parts, n_ranges * (part + 1) / parts});
    }
  }
  return tasks;
}

std::vector<search_hit> knn_hits(std::span<const segment_view> segments, std::span<const row_range> ranges,
                                 const query_batch &queries, const knn_task &task, std::size_t k,
                                 const search_environment &environment) {
  const query_batch block{queries.rows + task.first_query * queries.words,
                          std::min(query_block_size, queries.size - task.first_query), queries.words};
  nearest_hits nearest(block.size, k);
  tile_scanner scanner(environment.kernels);
  for (const row_range &range : ranges.subspan(task.first_range, task.last_range - task.first_range)) {
    const segment_view &segment = segments[range.segment];
    scanner.scan(segment, range, block, nearest.limits(),
                 [&](std::uint32_t query, std::size_t row, std::uint32_t distance) {
                   nearest.offer({segment.ids[row],
                                  static_cast<std::uint32_t>(task.first_query + query),
                                  distance,
                                  {range.segment, static_cast<std::uint32_t>(row)}},
                                 query);
                 });
    environment.progress.add((range.last - range.first) * block.size);
  }
  return nearest.take();
}

}  // namespace

search_result search_knn(std::span<const segment_view> segments, const query_batch &queries, std::size_t k,
                         const search_environment &environment) {
  std::vector<row_range> ranges;
  for (std::uint32_t s = 0; s < segments.size(); ++s) {
    cut_rows(segments[s], s, ranges);
  }
  std::vector<knn_task> tasks;
  if (k > 0 && queries.size > 0 && !ranges.empty()) {
    tasks = plan_tasks(queries.size, ranges.size(), environment.threads.threads());
  }
  std::vector<std::vector<search_hit>> hits(tasks.size());
  environment.threads.for_each(
      tasks.size(), [&](std::size_t i) { hits[i] = knn_hits(segments, ranges, queries, tasks[i], k, environment); });
  return order_hits(hits, queries.size, k, environment.threads);
}

}  // namespace libmatch::detail
