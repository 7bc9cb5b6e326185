// The loop that range and k-NN search share: a block of queries against a range of rows, tile by tile.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/aligned_vector.h"
#include "core/search_result.h"
#include "core/segment.h"
#include "distance/kernels.h"
#include "search/prefix.h"

namespace libmatch::detail {

static_assert(plane_layout::tile_rows == tile_rows && plane_layout::n_planes % chunk_bits == 0);

// Queries of one block: what a tile's tables cost is divided among them, and they stay in the second-level cache.
inline constexpr std::size_t query_block_size = 4096;
// Rows of one task: enough pairs to outweigh the task's own cost, few enough to share out.
inline constexpr std::size_t row_block_size = 32 * tile_rows;
// Fewer queries cost less row by row than by planes that would have to be made.
inline constexpr std::size_t min_queries_for_slicing = 16;

// With so many queries coarse counts give back what making their planes and tables takes.
inline constexpr std::size_t min_queries_for_coarse = 128;

// The planes of coarse counts for a batch; 0: every bit of a prefix is counted.
constexpr std::uint32_t coarse_planes_of_batch(std::size_t n_queries, std::uint32_t limit, std::uint32_t words) {
  return n_queries >= min_queries_for_coarse ? selective_coarse_planes(limit, words) : 0;
}

// Consecutive rows of one segment, beginning with a tile.
struct row_range {
  std::uint32_t segment;
  std::size_t first;
  std::size_t last;  // one past the end
};

// The rows of a segment, cut into ranges of at most `most` rows, a multiple of tile_rows.
inline void cut_rows(const segment_view &segment, std::uint32_t place, std::vector<row_range> &ranges,
                     std::size_t most = row_block_size) {
  for (std::size_t first = 0; first < segment.size; first += most) {
    ranges.push_back({place, first, std::min(first + most, segment.size)});
  }
}

// Compares ranges of rows with a block of queries. Holds what a thread needs for that, so that nothing is allocated
// from tile to tile.
class tile_scanner {
 public:
  // whole_rows: planes are not used, whatever they would gain.
  explicit tile_scanner(const distance_kernels &kernels, bool whole_rows = false)
      : kernels_(kernels), whole_rows_(whole_rows) {}

  // Calls found(query, row, distance) for every live row of the range and every query with a distance up to
  // limits[query], tile by tile; `found` may lower limits, which hold for the tiles that follow, or at least soon.
  template <typename Found>
  void scan(const segment_view &segment, const row_range &range, const query_batch &queries,
            std::span<const std::uint32_t> limits, const Found &found) {
    const auto report = [&](std::uint32_t query, std::size_t row, std::uint32_t distance) {
      if (!segment.is_removed(row)) {
        found(query, row, distance);
      }
    };
    for (std::size_t first = range.first; first < range.last;) {
      const std::uint32_t largest = *std::max_element(limits.begin(), limits.end());
      choose_planes(largest, segment.words, queries.size);
      sliced_tiles tiles{nullptr,
                         n_planes_,
                         segment.words,
                         segment.rows + first * segment.words,
                         range.last - first,
                         queries.rows,
                         queries.size,
                         limits.data(),
                         {}};
      const bool by_rows = whole_rows_ || largest >= segment.words * 64;  // or every pair is a hit
      if (!by_rows && has_planes(segment)) {
        tiles.planes = planes_of(segment, first);
      } else {
        tiles.n_rows = std::min(tile_rows, tiles.n_rows);
      }
      if (tiles.planes != nullptr || (!by_rows && make_planes(segment, first, tiles))) {
        scan_planes(tiles, first, report);
      } else {
        scan_rows(tiles, first, report);
      }
      first += tiles.n_rows;
    }
  }

 private:
  // How many planes decide, and what is counted of them. Limits change seldom from tile to tile.
  void choose_planes(std::uint32_t largest, std::uint32_t words, std::size_t n_queries) {
    const bool many = n_queries >= min_queries_for_coarse;
    if (n_planes_ != 0 && largest == chosen_for_ && many == chosen_for_many_) {
      return;
    }
    chosen_for_ = largest;
    chosen_for_many_ = many;
    n_planes_ = coarse_planes_of_batch(n_queries, largest, words);
    coarse_ = n_planes_ != 0;
    if (!coarse_) {
      n_planes_ = selective_planes(largest, words);
    }
  }

  // Whether those stored are what is wanted.
  bool has_planes(const segment_view &segment) const {
    return segment.planes.planes != nullptr && n_planes_ == plane_layout::n_planes;
  }

  static const std::uint64_t *planes_of(const segment_view &segment, std::size_t first) {
    return segment.planes.planes + first / tile_rows * plane_layout::words_of_tile;
  }

  // Makes the planes of one tile, where there are queries enough; whole words of those stored are copied. The next
  // tile's rows are fetched meanwhile.
  bool make_planes(const segment_view &segment, std::size_t first, sliced_tiles &tile) {
    if (tile.n_queries < min_queries_for_slicing) {
      return false;
    }
    planes_.resize(std::size_t{tile.n_planes} * tile_words);
    std::uint32_t copied_words = 0;
    if (segment.planes.planes != nullptr) {
      copied_words = std::min(plane_layout::n_planes, tile.n_planes) / 64;
      std::copy_n(planes_of(segment, first), std::size_t{copied_words} * 64 * tile_words, planes_.begin());
    }
    kernels_.slice(tile.rows, tile.n_rows, tile.words, copied_words, tile.n_planes, planes_.data());
    tile.planes = planes_.data();
    if (first + 2 * tile_rows <= segment.size) {
      tile.ahead = {tile.rows + tile_rows * tile.words, tile_rows * tile.words};
    }
    return true;
  }

  template <typename Report>
  void scan_planes(const sliced_tiles &tiles, std::size_t first_row, const Report &report) {
    const auto find = coarse_ ? kernels_.find_coarse : kernels_.find;
    const std::size_t n_tiles = (tiles.n_rows + tile_rows - 1) / tile_rows;
    for (tile_cursor cursor; cursor.tile < n_tiles;) {
      const std::size_t count = find(tiles, &cursor, hits_.data(), hits_.size());
      for (const tile_hit &hit : std::span(hits_.data(), count)) {
        report(hit.query, first_row + hit.row, hit.distance);
      }
    }
  }

  template <typename Report>
  void scan_rows(const sliced_tiles &tile, std::size_t first_row, const Report &report) {
    for (std::uint32_t q = 0; q < tile.n_queries; ++q) {
      kernels_.distances(tile.queries + std::size_t{q} * tile.words, tile.rows, tile.n_rows, tile.words,
                         distances_.data());
      for (std::size_t row = 0; row < tile.n_rows; ++row) {
        if (distances_[row] <= tile.limits[q]) {
          report(q, first_row + row, distances_[row]);
        }
      }
    }
  }

  const distance_kernels &kernels_;
  const bool whole_rows_;
  std::uint32_t chosen_for_ = 0;
  bool chosen_for_many_ = false;
  std::uint32_t n_planes_ = 0;
  bool coarse_ = false;
  aligned_vector<std::uint64_t> planes_;
  std::array<tile_hit, 2 * tile_rows> hits_;
  std::array<std::uint32_t, tile_rows> distances_;
};

}  // namespace libmatch::detail
