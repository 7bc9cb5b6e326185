// Bit-sliced search, for the vector of bits that the including file defines: distance_kernels::find, ::find_coarse
// and, in sliced_few.h, ::find_few.
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
#include "distance/sliced_few.h"
#include "distance/sliced_survivors.h"

namespace libmatch::detail {
namespace {

// Asks for what the next tile needs, an equal share at every query: planes, then rows. What a block of queries asks
// for is in one of the two; a little beyond it does no harm.
class gradual_prefetch {
 public:
  explicit gradual_prefetch(const sliced_tile &tile)
      : areas_{tile.planes_ahead, tile.rows_ahead},
        lines_of_query_((areas_[0].size / 8 + areas_[1].size / 8 + tile.n_queries - 1) / tile.n_queries) {}

  std::size_t lines_of_query() const { return lines_of_query_; }

  // Where so many queries begin to ask; null: nothing is left.
  const char *take(std::size_t n_queries) {
    words_ahead &area = areas_[areas_[0].size != 0 ? 0 : 1];
    const std::uint64_t *begin = area.size != 0 ? area.words : nullptr;
    const std::size_t words = lines_of_query_ * n_queries * 8;
    const std::size_t taken = words < area.size ? words : area.size;
    area.words += taken;
    area.size -= taken;
    return reinterpret_cast<const char *>(begin);
  }

 private:
  words_ahead areas_[2];
  std::size_t lines_of_query_;
};

constexpr std::size_t queries_at_once = 32;

// Counts for queries first .. last - 1 and leaves the parts that have survivors. A function of its own, so that what
// it uses stays in registers: reading a query's words late holds up all that follows. Way: what is counted, and how
// (exact_by_tables and others).
template <typename Way>
__attribute__((noinline)) std::size_t count_block(const sliced_tile &tile, Way way, std::size_t first,
                                                  std::size_t last, gradual_prefetch &ahead, survivors *left) {
  const char *next = ahead.take(last - first);
  const std::size_t lines = next != nullptr ? ahead.lines_of_query() : 0;
  typename Way::counters start;
  std::uint32_t start_limit = Way::units(tile.limits[first]);
  start.start(start_limit);
  const std::uint64_t *code = tile.queries + first * tile.words;
  const std::size_t words = tile.words;
  std::size_t n_left = 0;
  for (std::size_t q = first; q < last; ++q, code += words) {
    for (std::size_t i = 0; i < lines; ++i, next += 64) {
      __builtin_prefetch(next);
    }
    if (!Way::from_zero && __builtin_expect(Way::units(tile.limits[q]) != start_limit, 0)) {
      start_limit = Way::units(tile.limits[q]);
      start.start(start_limit);
    }
    way.begin_query(tile, code);
    for (std::size_t p = 0; p < parts; ++p) {
      const bits over = way.over_limit(tile, code, p, start);
      leave(over, q, p * bits_words * 64, left, n_left);
    }
  }
  return n_left;
}

template <typename Way>
std::size_t find_over(const sliced_tile &tile, Way way, std::size_t *query, tile_hit *hits, std::size_t capacity) {
  survivors left[queries_at_once * parts + 1];
  gradual_prefetch ahead(tile);
  std::size_t count = 0;
  for (std::size_t q = *query; q < tile.n_queries;) {
    const std::size_t end = tile.n_queries - q < queries_at_once ? tile.n_queries : q + queries_at_once;
    const std::size_t n_left = count_block(tile, way, q, end, ahead, left);
    for (std::size_t i = 0; i < n_left; ++i) {
      // All parts of a query must fit, so that the next call can begin with a whole query.
      if ((i == 0 || left[i].query != left[i - 1].query) && count + tile_rows > capacity) {
        *query = left[i].query;
        return count;
      }
      count += settle(tile, left[i], hits + count);
    }
    q = end;
  }
  *query = tile.n_queries;
  return count;
}

// The limits of the queries from one on.
struct limit_range {
  std::uint32_t least = ~std::uint32_t{0};
  std::uint32_t largest = 0;

  limit_range(const sliced_tile &tile, std::size_t first_query) {
    for (std::size_t q = first_query; q < tile.n_queries; ++q) {
      least = tile.limits[q] < least ? tile.limits[q] : least;
      largest = tile.limits[q] > largest ? tile.limits[q] : largest;
    }
  }
};

// Calls run with the counters that the limits need. Most searches have one limit, 31.
template <template <std::size_t, std::uint32_t, bool> typename Way, typename Run>
std::size_t with_exact_counters(const sliced_tile &tile, std::size_t first_query, const Run &run) {
  const limit_range limits(tile, first_query);
  if (limits.largest < 32 && tile.n_planes == 4 * chunk_bits && tile.words > 1) {
    return limits.least == 31 ? run(Way<5, 4, true>{}) : run(Way<5, 4, false>{});
  }
  return limits.largest < 256 ? run(Way<8, 0, false>{}) : run(Way<12, 0, false>{});
}

// Fewer queries cost less than the tables of a tile.
constexpr std::size_t min_queries_for_tables = 8;

std::size_t find(const sliced_tile &tile, std::size_t *query, tile_hit *hits, std::size_t capacity) {
  const std::size_t groups = tile.n_planes / 3;
  if (tile.n_queries - *query < min_queries_for_tables || groups > max_table_groups) {
    std::uint64_t masks[max_masks];
    return with_exact_counters<exact_by_planes>(tile, *query, [&](auto way) {
      way.masks = masks;
      return find_over(tile, way, query, hits, capacity);
    });
  }
  alignas(64) group_tables tables[parts * max_table_groups];
  for (std::size_t part = 0; part < parts; ++part) {
    make_tables(tile.planes + part * bits_words, groups, tables + part * max_table_groups);
  }
  return with_exact_counters<exact_by_tables>(tile, *query, [&](auto way) {
    way.tables = tables;
    return find_over(tile, way, query, hits, capacity);
  });
}

std::size_t find_coarse(const sliced_tile &tile, std::size_t *query, tile_hit *hits, std::size_t capacity) {
  alignas(64) coarse_table tables[parts * max_coarse_groups];
  for (std::size_t part = 0; part < parts; ++part) {
    make_coarse_tables(tile.planes + part * bits_words, tile.n_planes / 4, tables + part * max_coarse_groups);
  }
  const auto run = [&](auto way) {
    way.tables = tables;
    return find_over(tile, way, query, hits, capacity);
  };
  const limit_range limits(tile, *query);
  if (limits.largest < 32 && tile.n_planes == 10 * coarse_step_bits) {
    return limits.least >= 30 ? run(coarse_by_tables<4, 10, true>{}) : run(coarse_by_tables<4, 10, false>{});
  }
  return limits.largest < 64 ? run(coarse_by_tables<5, 0, false>{}) : run(coarse_by_tables<7, 0, false>{});
}

}  // namespace
}  // namespace libmatch::detail
