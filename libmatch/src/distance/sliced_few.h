// Few queries over many tiles whose planes are stored: distance_kernels::find_few.
//
// What a query needs is made ready once, and rows that have to be compared whole are asked for together, at the end
// of a block of tiles: one by one, each would be waited for. A tile and query take 96 loads of planes, 96 of masks
// and 61 adders a vector.
#pragma once

#include <cstddef>

#include "distance/kernels.h"
#include "distance/sliced_exact.h"
#include "distance/sliced_survivors.h"

namespace libmatch::detail {
namespace {

constexpr std::uint32_t few_chunks = few_planes / chunk_bits;
// Tiles and queries of one block: long enough for rows to arrive.
constexpr std::size_t few_pairs = 8;

struct few_masks {
  std::uint64_t words[max_few_queries][(few_planes + 63) / 64 * 64];
};

// Counts for tiles first .. last - 1 and every query, and leaves the parts that have survivors.
template <bool FromZero>
__attribute__((noinline)) std::size_t count_tiles(const sliced_tile &tiles, const few_masks &masks, std::size_t first,
                                                  std::size_t last, survivors *left) {
  std::size_t n_left = 0;
  for (std::size_t tile = first; tile < last; ++tile) {
    const std::uint64_t *planes = tiles.planes + tile * few_planes * tile_words;
    for (std::size_t q = 0; q < tiles.n_queries; ++q) {
      exact_counters<5, FromZero> start;
      start.start(tiles.limits[q]);
      const std::uint64_t *masks_of_query = masks.words[q];
      for (std::size_t p = 0; p < parts; ++p) {
        const std::uint64_t *of_part = planes + p * bits_words;
        auto counted = start;
        const auto groups = [&](std::uint32_t chunk) {
          return counts_by_planes(of_part + std::size_t{chunk} * chunk_bits * tile_words,
                                  masks_of_query + std::size_t{chunk} * chunk_bits);
        };
        counted.add_all(groups, few_chunks);
        leave(counted.over, q, tile * tile_rows + p * bits_words * 64, left, n_left);
      }
    }
  }
  return n_left;
}

std::size_t find_few(const sliced_tile &tiles, std::size_t *tile, tile_hit *hits, std::size_t capacity) {
  few_masks masks;
  bool from_zero = true;
  for (std::size_t q = 0; q < tiles.n_queries; ++q) {
    make_masks(tiles.queries + q * tiles.words, tiles.words, few_planes, masks.words[q]);
    from_zero = from_zero && tiles.limits[q] == 31;
  }
  const std::size_t n_tiles = (tiles.n_rows + tile_rows - 1) / tile_rows;
  const std::size_t tiles_at_once = few_pairs / tiles.n_queries;
  survivors blocks[2][few_pairs * parts + 1];
  survivors *left = blocks[0];  // of the block before the one that is counted
  survivors *counted = blocks[1];
  std::size_t n_left = 0;
  std::size_t count = 0;
  for (std::size_t first = *tile, end = first; n_left != 0 || first < n_tiles; first = end) {
    end = n_tiles - first < tiles_at_once ? n_tiles : first + tiles_at_once;
    const std::size_t n_counted = from_zero ? count_tiles<true>(tiles, masks, first, end, counted)
                                            : count_tiles<false>(tiles, masks, first, end, counted);
    for (std::size_t i = 0; i < n_counted; ++i) {
      fetch_rows(tiles, counted[i]);
    }
    for (std::size_t i = 0; i < n_left; ++i) {
      const std::size_t of_tile = left[i].first_row / tile_rows;
      // All hits of a tile must fit, so that the next call can begin with a whole one.
      if ((i == 0 || of_tile != left[i - 1].first_row / tile_rows) &&
          count + tile_rows * tiles.n_queries > capacity) {
        *tile = of_tile;
        return count;
      }
      count += settle(tiles, left[i], hits + count);
    }
    survivors *settled = left;
    left = counted;
    n_left = n_counted;
    counted = settled;
  }
  *tile = n_tiles;
  return count;
}

}  // namespace
}  // namespace libmatch::detail
