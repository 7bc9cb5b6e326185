// The loop that both searches share: a block of queries against a range of rows, tile by tile.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/search_result.h"
#include "core/segment.h"
#include "distance/kernels.h"

namespace libmatch::detail {

// Queries of one block: few enough to stay in the second-level cache beside a tile, enough to pay for loading it.
inline constexpr std::size_t query_block_size = 512;
// Rows of one task: enough pairs to outweigh the task's own cost, few enough to share out and to stay in cache
// while several blocks of queries pass.
inline constexpr std::size_t row_block_size = 16384;

// Consecutive rows of one segment.
struct row_range {
  std::uint32_t segment;
  std::size_t first;
  std::size_t last;  // one past the end
};

// All rows of all segments, cut into ranges of at most row_block_size.
inline std::vector<row_range> cut_rows(std::span<const segment_view> segments) {
  std::vector<row_range> ranges;
  for (std::uint32_t s = 0; s < segments.size(); ++s) {
    for (std::size_t first = 0; first < segments[s].size; first += row_block_size) {
      ranges.push_back({s, first, std::min(first + row_block_size, segments[s].size)});
    }
  }
  return ranges;
}

// Whether the next rows can go through the bit-sliced kernel, and whether that pays.
inline bool can_slice(const distance_kernels &kernels, std::uint32_t words, std::size_t n_queries,
                      std::uint32_t largest_limit, std::size_t n_rows) {
  return kernels.find_sliced != nullptr && words >= 2 && n_queries >= kernels.sliced_min_queries &&
         largest_limit <= sliced_max_limit && n_rows >= sliced_tile_rows;
}

// Calls found(query, row, distance) for every live row of the range and every query with a distance up to
// limits[query], row by row in tiles; `found` may lower limits for the tiles that follow.
template <typename Found>
void scan_rows(const segment_view &segment, const row_range &range, const query_batch &queries,
               const distance_kernels &kernels, std::span<const std::uint32_t> limits, const Found &found) {
  std::array<tile_hit, 2 * sliced_tile_rows> hits;
  static_assert(sliced_tile_rows >= max_tile_rows, "the hits of any tile fit");
  for (std::size_t first = range.first; first < range.last;) {
    const std::uint32_t largest_limit = *std::max_element(limits.begin(), limits.end());
    const bool sliced = can_slice(kernels, segment.words, queries.size, largest_limit, range.last - first);
    const distance_tile tile{segment.rows + first * segment.words,
                             sliced ? sliced_tile_rows : std::min(kernels.tile_rows, range.last - first),
                             queries.rows,
                             queries.size,
                             limits.data(),
                             largest_limit,
                             segment.words};
    std::size_t query = 0;
    while (query < queries.size) {
      const auto find = sliced ? kernels.find_sliced : kernels.find;
      const std::size_t count = find(tile, &query, hits.data(), hits.size());
      for (const tile_hit &hit : std::span(hits.data(), count)) {
        const std::size_t row = first + hit.row;
        if (!segment.is_removed(row)) {
          found(hit.query, row, hit.distance);
        }
      }
    }
    first += tile.n_rows;
  }
}

}  // namespace libmatch::detail
