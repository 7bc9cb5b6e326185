// Bit-sliced search, for the vector of bits that the including file defines: distance_kernels::find and
// ::find_coarse.
//
// A tile of 512 rows lies as planes, plane b holding bit b of every row, so that one operation on a vector works on
// one bit of as many rows as the vector has bits. What differs from a query is counted by adding up planes with
// carry-save adders (two operations where the machine has any function of three bits in one), a vector for each
// binary digit of the 512 counts. The count starts at 2^digits - 1 - limit, so a row is over the limit as soon as
// anything is carried out of the highest digit, and one vector holds the answer for all rows.
//
// What is counted is in sliced_exact.h and sliced_coarse.h: every bit of a prefix, or less of a longer one. Either is
// at most the distance, so what is over the limit is no hit, and the rest is compared whole.
#pragma once

#include <cstddef>

#include "distance/kernels.h"
#include "distance/row_steps.h"
#include "distance/sliced_adders.h"
#include "distance/sliced_coarse.h"
#include "distance/sliced_exact.h"
#include "distance/sliced_survivors.h"

namespace libmatch::detail {
namespace {

// Queries of one block: long enough for the rows that the block before left open to arrive.
constexpr std::size_t queries_at_once = 32;
// Fewer queries cost less than the tables of a tile, and what each needs is made ready for all tiles. Tiles and
// queries of one block.
constexpr std::size_t min_queries_for_tables = 8;
constexpr std::size_t few_pairs = 8;

inline std::size_t count_tiles(const sliced_tiles &tiles) { return (tiles.n_rows + tile_rows - 1) / tile_rows; }

inline const std::uint64_t *planes_of_tile(const sliced_tiles &tiles, std::size_t tile) {
  return tiles.planes + tile * tiles.n_planes * tile_words;
}

// Counts for queries first .. last - 1 of a tile and leaves the parts that have survivors. A function of its own, so
// that what it uses stays in registers: reading a query's words late holds up all that follows. Each query asks for
// an equal share of what comes after the tile; a little beyond it does no harm.
template <typename Count>
__attribute__((noinline)) std::size_t count_queries(const sliced_tiles &tiles, const typename Count::table *tables,
                                                    std::size_t tile, std::size_t first, std::size_t last,
                                                    survivors *left) {
  const words_ahead ahead = tile + 1 < count_tiles(tiles)
                                ? words_ahead{planes_of_tile(tiles, tile + 1), tiles.n_planes * tile_words}
                                : tiles.ahead;
  std::size_t lines = (ahead.size / 8 + tiles.n_queries - 1) / tiles.n_queries;
  const std::uint64_t *next = ahead.words + first * lines * 8;
  lines = first * lines * 8 < ahead.size ? lines : 0;
  typename Count::counters start;
  std::uint32_t start_limit = Count::units(tiles.limits[first]);
  start.start(start_limit);
  const std::uint64_t *code = tiles.queries + first * tiles.words;
  const std::size_t words = tiles.words;
  std::size_t n_left = 0;
  for (std::size_t q = first; q < last; ++q, code += words) {
    for (std::size_t i = 0; i < lines; ++i, next += 8) {
      __builtin_prefetch(next);
    }
    if (!Count::from_zero && __builtin_expect(Count::units(tiles.limits[q]) != start_limit, 0)) {
      start_limit = Count::units(tiles.limits[q]);
      start.start(start_limit);
    }
    for (std::size_t p = 0; p < parts; ++p) {
      const typename Count::table *of_part = tables + p * Count::max_tables;
      hide_value(of_part);
      leave(Count::over_limit(tiles, of_part, code, start), q, tile * tile_rows + p * bits_words * 64, left, n_left);
    }
  }
  return n_left;
}

// Blocks of many queries of one tile.
template <typename Count>
class blocks_by_tables {
 public:
  static constexpr std::size_t max_left = queries_at_once * parts;

  explicit blocks_by_tables(const sliced_tiles &tiles) : tiles_(tiles) {}

  // Counts for one block and moves on to the next.
  std::size_t count(tile_cursor &at, survivors *left) {
    if (at.tile != made_for_) {
      for (std::size_t part = 0; part < parts; ++part) {
        Count::make(planes_of_tile(tiles_, at.tile) + part * bits_words, tiles_, tables_ + part * Count::max_tables);
      }
      made_for_ = at.tile;
    }
    const std::size_t first = at.query;
    const std::size_t last = tiles_.n_queries - first < queries_at_once ? tiles_.n_queries : first + queries_at_once;
    const std::size_t n_left = count_queries<Count>(tiles_, tables_, at.tile, first, last, left);
    at = last < tiles_.n_queries ? tile_cursor{at.tile, last} : tile_cursor{at.tile + 1, 0};
    return n_left;
  }

 private:
  const sliced_tiles &tiles_;
  std::size_t made_for_ = ~std::size_t{0};
  alignas(64) typename Count::table tables_[parts * Count::max_tables];
};

// Blocks of few queries and several tiles, or of codes too long for tables: one or more queries of one tile.
template <typename Count>
class blocks_by_planes {
 public:
  static constexpr std::size_t max_left = few_pairs * parts;

  explicit blocks_by_planes(const sliced_tiles &tiles)
      : tiles_(tiles),
        masks_of_query_((std::size_t{tiles.n_planes} + 63) / 64 * 64),
        max_held_(max_masks / masks_of_query_) {
    max_held_ = max_held_ < few_pairs ? max_held_ : few_pairs;
  }

  // Counts for one block and moves on to the next.
  std::size_t count(tile_cursor &at, survivors *left) {
    hold(at.query);
    if (n_held_ < tiles_.n_queries) {
      const std::size_t end = held_first_ + n_held_;
      const std::size_t n_left = count_pairs(at.tile, at.tile + 1, at.query, end, left);
      at = end < tiles_.n_queries ? tile_cursor{at.tile, end} : tile_cursor{at.tile + 1, 0};
      return n_left;
    }
    const std::size_t left_tiles = count_tiles(tiles_) - at.tile;
    const std::size_t at_once = few_pairs / n_held_;
    const std::size_t end = at.tile + (left_tiles < at_once ? left_tiles : at_once);
    std::size_t first = at.tile;
    std::size_t n_left = 0;
    if (at.query != 0) {
      n_left = count_pairs(first, first + 1, at.query, n_held_, left);
      ++first;
    }
    at = {end, 0};
    return n_left + count_pairs(first, end, 0, n_held_, left + n_left);
  }

 private:
  // Seven queries of 320 planes, or one of 2,048 bits, filled up to whole chunks and then to whole words.
  static constexpr std::size_t max_masks = 2240;

  __attribute__((noinline)) std::size_t count_pairs(std::size_t first_tile, std::size_t end_tile, std::size_t first,
                                                    std::size_t last, survivors *left) const {
    const sliced_tiles &tiles = tiles_;
    const std::uint64_t *first_masks = masks_ + (first - held_first_) * masks_of_query_;
    const std::size_t masks_of_query = masks_of_query_;
    const std::size_t words_of_tile = tiles.n_planes * tile_words;
    const std::uint64_t *planes = planes_of_tile(tiles, first_tile);
    std::size_t n_left = 0;
    for (std::size_t tile = first_tile; tile < end_tile; ++tile, planes += words_of_tile) {
      const std::uint64_t *masks = first_masks;
      for (std::size_t q = first; q < last; ++q, masks += masks_of_query) {
        typename Count::counters start;
        start.start(tiles.limits[q]);
        for (std::size_t p = 0; p < parts; ++p) {
          const std::uint64_t *of_part = planes + p * bits_words;
          hide_value(of_part);
          leave(Count::over_limit(tiles, of_part, masks, start), q, tile * tile_rows + p * bits_words * 64, left,
                n_left);
        }
      }
    }
    return n_left;
  }

  // Makes the masks of a query, and of as many behind it as there is room for.
  void hold(std::size_t query) {
    if (n_held_ != 0 && query >= held_first_ && query < held_first_ + n_held_) {
      return;
    }
    held_first_ = tiles_.n_queries <= max_held_ ? 0 : query;
    n_held_ = tiles_.n_queries - held_first_ < max_held_ ? tiles_.n_queries - held_first_ : max_held_;
    for (std::size_t q = 0; q < n_held_; ++q) {
      make_masks(tiles_.queries + (held_first_ + q) * tiles_.words, tiles_.words, tiles_.n_planes,
                 masks_ + q * masks_of_query_);
    }
  }

  const sliced_tiles &tiles_;
  std::size_t masks_of_query_;
  std::size_t max_held_;
  std::size_t held_first_ = 0;
  std::size_t n_held_ = 0;
  std::uint64_t masks_[max_masks];
};

// Counts block after block, and settles what the block before left while its rows arrive for this one.
template <typename Blocks>
std::size_t find_by(const sliced_tiles &tiles, tile_cursor *cursor, tile_hit *hits, std::size_t capacity) {
  Blocks blocks(tiles);
  survivors storage[2][Blocks::max_left + 1];
  survivors *left = storage[0];
  survivors *counted = storage[1];
  const std::size_t n_tiles = count_tiles(tiles);
  std::size_t n_left = 0;
  std::size_t count = 0;
  for (tile_cursor at = *cursor; n_left != 0 || at.tile < n_tiles;) {
    const std::size_t n_counted = at.tile < n_tiles ? blocks.count(at, counted) : 0;
    for (std::size_t i = 0; i < n_counted; ++i) {
      fetch_rows(tiles, counted[i]);
    }
    for (std::size_t i = 0; i < n_left; ++i) {
      const tile_cursor place = left[i].place();
      // All parts of a query must fit, so that the next call can begin with a whole query.
      const bool is_next = i == 0 || place.query != left[i - 1].query || place.tile != left[i - 1].place().tile;
      if (is_next && count + tile_rows > capacity) {
        *cursor = place;
        return count;
      }
      count += settle(tiles, left[i], hits + count);
    }
    survivors *settled = left;
    left = counted;
    n_left = n_counted;
    counted = settled;
  }
  *cursor = {n_tiles, 0};
  return count;
}

// The least and the largest of the limits.
struct limit_range {
  std::uint32_t least = ~std::uint32_t{0};
  std::uint32_t largest = 0;

  explicit limit_range(const sliced_tiles &tiles) {
    for (std::size_t q = 0; q < tiles.n_queries; ++q) {
      least = tiles.limits[q] < least ? tiles.limits[q] : least;
      largest = tiles.limits[q] > largest ? tiles.limits[q] : largest;
    }
  }
};

// With the counters that the limits need. Most searches have one limit, 31.
template <template <typename> typename Blocks>
std::size_t find_exact(const sliced_tiles &tiles, tile_cursor *cursor, tile_hit *hits, std::size_t capacity) {
  const limit_range limits(tiles);
  if (limits.largest < 32 && tiles.n_planes == 4 * chunk_bits && tiles.words > 1) {
    return limits.least == 31 ? find_by<Blocks<exact_count<5, 4, true>>>(tiles, cursor, hits, capacity)
                              : find_by<Blocks<exact_count<5, 4, false>>>(tiles, cursor, hits, capacity);
  }
  return limits.largest < 256 ? find_by<Blocks<exact_count<8, 0, false>>>(tiles, cursor, hits, capacity)
                              : find_by<Blocks<exact_count<12, 0, false>>>(tiles, cursor, hits, capacity);
}

std::size_t find(const sliced_tiles &tiles, tile_cursor *cursor, tile_hit *hits, std::size_t capacity) {
  const bool has_tables = tiles.n_queries >= min_queries_for_tables && tiles.n_planes / 3 <= max_table_groups;
  return has_tables ? find_exact<blocks_by_tables>(tiles, cursor, hits, capacity)
                    : find_exact<blocks_by_planes>(tiles, cursor, hits, capacity);
}

std::size_t find_coarse(const sliced_tiles &tiles, tile_cursor *cursor, tile_hit *hits, std::size_t capacity) {
  const limit_range limits(tiles);
  if (limits.largest < 32 && tiles.n_planes == 10 * coarse_step_bits) {
    return limits.least >= 30 ? find_by<blocks_by_tables<coarse_count<4, 10, true>>>(tiles, cursor, hits, capacity)
                              : find_by<blocks_by_tables<coarse_count<4, 10, false>>>(tiles, cursor, hits, capacity);
  }
  return limits.largest < 64 ? find_by<blocks_by_tables<coarse_count<5, 0, false>>>(tiles, cursor, hits, capacity)
                             : find_by<blocks_by_tables<coarse_count<7, 0, false>>>(tiles, cursor, hits, capacity);
}

}  // namespace
}  // namespace libmatch::detail
