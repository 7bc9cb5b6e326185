#include <limits>
#include <vector>

#include "search/ordering.h"
#include "search/scan.h"
#include "search/tile_scan.h"

namespace libmatch::detail {

namespace {

// Hits of one range of rows, for all queries, block by block: the rows stay in the second-level cache meanwhile.
std::vector<search_hit> range_hits(const segment_view &segment, const row_range &range, const query_batch &queries,
                                   std::uint32_t max_distance, const search_environment &environment) {
  std::vector<search_hit> hits;
  const std::vector<std::uint32_t> limits(std::min(query_block_size, queries.size), max_distance);
  for (std::size_t first = 0; first < queries.size; first += query_block_size) {
    const query_batch block{queries.rows + first * queries.words, std::min(query_block_size, queries.size - first),
                            queries.words};
    scan_rows(segment, range, block, environment.kernels, std::span(limits).first(block.size),
              [&](std::uint32_t query, std::size_t row, std::uint32_t distance) {
                hits.push_back({segment.ids[row],
                                static_cast<std::uint32_t>(first + query),
                                distance,
                                {range.segment, static_cast<std::uint32_t>(row)}});
              });
    environment.progress.add((range.last - range.first) * block.size);
  }
  return hits;
}

}  // namespace

search_result search_range(std::span<const segment_view> segments, const query_batch &queries,
                           std::uint32_t max_distance, const search_environment &environment) {
  const std::vector<row_range> ranges = cut_rows(segments);
  std::vector<std::vector<search_hit>> hits(ranges.size());
  environment.threads.for_each(ranges.size(), [&](std::size_t i) {
    hits[i] = range_hits(segments[ranges[i].segment], ranges[i], queries, max_distance, environment);
  });
  return order_hits(hits, queries.size, std::numeric_limits<std::size_t>::max(), environment.threads);
}

}  // namespace libmatch::detail
