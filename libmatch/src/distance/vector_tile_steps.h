// The kernel for many queries, for whichever instruction set the including file is compiled for. Everything has
// internal linkage: each file gets its own copy, and the linker cannot pick one for all.
//
// |a - b|^2 = |a|^2 + |b|^2 - 2ab, and ab is what processors multiply and add fastest. Rows lie transposed: lane r of
// vector s holds the values of row r that step s multiplies, and meets the same values of one query in every lane. A
// group of queries against all rows of the tile keeps its sums in registers.
//
// A squared distance over the first third of the values can only be smaller than the whole one. When no pair of the
// group is within its limit by then, the group is done.
//
// A pair is a hit when row + query - 2 * dot <= limit, so dot - row / 2 >= (query - limit) / 2. The sums start at
// -floor(row / 2), the right side is rounded up, and one comparison of the largest sum tells whether any row may hit:
// with both roundings it is necessary, and sufficient but for 1, which the exact distance of the few that pass
// settles.
#pragma once

#include <utility>

#include "distance/vector_kernels.h"

namespace libmatch::detail {

namespace {

constexpr std::int32_t no_row = 1 << 30;           // its sum of squares: further than any limit
constexpr std::uint32_t largest_limit = 1U << 28;  // over every distance, and far from overflow

// The words that are compared first; all of them where a third is too little to tell vectors apart.
constexpr std::uint32_t head_words(std::uint32_t words) { return words < 9 ? words : (words + 2) / 3; }

// Calls body(place<0>{}), body(place<1>{}), ...: written out before the optimiser looks, so that arrays indexed by it
// become registers.
template <std::size_t I>
struct place {
  static constexpr std::size_t value = I;
};
template <typename Body, std::size_t... I>
[[gnu::always_inline]] inline void call_each(const Body &body, std::index_sequence<I...> /*places*/) {
  (body(place<I>{}), ...);
}
template <std::size_t N, typename Body>
[[gnu::always_inline]] inline void unrolled(const Body &body) {
  call_each(body, std::make_index_sequence<N>{});
}
#define LIBMATCH_INLINE __attribute__((always_inline))

// What an instruction set brings along, `Set`:
//   vector, lanes             32-bit lanes
//   row_vectors, group        how many vectors hold a step of a tile's rows; queries at once
//   values_each, row_offset   values in a lane; what is taken off those of rows, so that they fit a signed byte
//   widen                     bytes to lanes of values
//   load, broadcast           a step of rows' values; that of a query, in every lane
//   dot, add_squares          adds the products of each lane's values; adds the squares of a row's bytes
//   keep                      makes the compiler have a vector in a register
// and plain operations on vectors. With rows less an offset o, ab = a(b - o) + o sum(a): the sum of a query a is
// |a|^2 - 2o sum(a).
template <typename Set>
struct tile_steps {
  using vector = typename Set::vector;
  static constexpr std::size_t tile_rows = Set::row_vectors * Set::lanes;
  static constexpr std::size_t steps_a_word = 8 / Set::values_each;
  // Exclusive or with it takes the offset off every byte.
  static constexpr std::uint32_t offset_lane = static_cast<std::uint32_t>(Set::row_offset) * 0x01010101U;
  static_assert(Set::group * tile_rows <= max_step_hits);

  static void lay_out_rows(const std::uint64_t *rows, std::size_t n, std::uint32_t words,
                           const laid_out_vectors &out) {
    auto *lanes = static_cast<std::uint32_t *>(out.values);
    const std::size_t steps = words * steps_a_word;
    alignas(64) std::uint32_t row[max_vector_words * steps_a_word];
    for (std::size_t r = 0; r < n; ++r) {
      Set::widen(rows + r * words, words, row);
      for (std::size_t s = 0; s < steps; ++s) {
        lanes[s * tile_rows + r] = row[s] ^ offset_lane;
      }
    }
    for (std::size_t r = n; r < tile_rows; ++r) {
      for (std::size_t s = 0; s < steps; ++s) {
        lanes[s * tile_rows + r] = 0;
      }
    }
    const std::size_t head = head_words(words) * steps_a_word;
    for (std::size_t v = 0; v < Set::row_vectors; ++v) {
      const std::uint32_t *column = lanes + v * Set::lanes;
      vector sum = Set::broadcast(0);
      for (std::size_t s = 0; s < head; ++s) {
        sum = Set::add_squares(sum, Set::load(column + s * tile_rows));
      }
      Set::store(out.head + v * Set::lanes, sum);
      for (std::size_t s = head; s < steps; ++s) {
        sum = Set::add_squares(sum, Set::load(column + s * tile_rows));
      }
      Set::store(out.whole + v * Set::lanes, sum);
    }
    for (std::size_t r = n; r < tile_rows; ++r) {
      out.head[r] = no_row;
      out.whole[r] = no_row;
    }
  }

  static void lay_out_queries(const std::uint64_t *queries, std::size_t n, std::uint32_t words,
                              const laid_out_vectors &out) {
    auto *lanes = static_cast<std::uint32_t *>(out.values);
    const std::uint32_t head = head_words(words);
    for (std::size_t q = 0; q < n; ++q) {
      const std::uint64_t *query = queries + q * words;
      Set::widen(query, words, lanes + q * words * steps_a_word);
      out.head[q] = query_sum(query, head);
      out.whole[q] = out.head[q] + query_sum(query + head, words - head);
    }
  }

  static std::int32_t query_sum(const std::uint64_t *query, std::uint32_t words) {
    const auto *bytes = reinterpret_cast<const unsigned char *>(query);
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < std::size_t{words} * 8; ++i) {
      sum += bytes[i] * (bytes[i] - 2 * Set::row_offset);
    }
    return sum;
  }

  // The products of steps first .. last - 1 of `Queries` queries with all rows.
  template <std::size_t Queries>
  [[gnu::always_inline]] static void add_products(const std::uint32_t *rows, const std::uint32_t *queries,
                                                  std::size_t steps, std::size_t first, std::size_t last,
                                                  vector (&sums)[Queries][Set::row_vectors]) {
    for (std::size_t s = first; s < last; ++s) {
      vector row[Set::row_vectors];
      unrolled<Set::row_vectors>(
          [&](auto v) LIBMATCH_INLINE { row[v.value] = Set::load(rows + s * tile_rows + v.value * Set::lanes); });
      unrolled<Queries>([&](auto q) LIBMATCH_INLINE {
        const vector query = Set::broadcast(static_cast<std::int32_t>(queries[q.value * steps + s]));
        unrolled<Set::row_vectors>([&](auto v) LIBMATCH_INLINE {
          sums[q.value][v.value] = Set::dot(sums[q.value][v.value], row[v.value], query);
        });
      });
    }
    // GCC 12 would otherwise store every sum in every step, for its use behind the loop.
    unrolled<Queries>([&](auto q) LIBMATCH_INLINE {
      unrolled<Set::row_vectors>([&](auto v) LIBMATCH_INLINE { Set::keep(sums[q.value][v.value]); });
    });
  }

  // Whether a row may be within the limit of a query, by the query's sums and its sum of squares.
  [[gnu::always_inline]] static bool near(const vector (&sums)[Set::row_vectors], std::int32_t query,
                                          std::uint32_t limit) {
    vector largest = sums[0];
    unrolled<Set::row_vectors>([&](auto v) LIBMATCH_INLINE { largest = Set::larger(largest, sums[v.value]); });
    // (query - limit) / 2, rounded up.
    return Set::any_at_least(largest, (query - capped(limit) + 1) >> 1);
  }

  static std::int32_t capped(std::uint32_t limit) {
    return static_cast<std::int32_t>(limit < largest_limit ? limit : largest_limit);
  }
  // The exact distances of one query, from its sums over all values.
  static std::size_t hits_of(const vector_tile &tile, std::size_t query, const std::int32_t *sums, tile_hit *hits) {
    const std::int32_t limit = capped(tile.limits[query]);
    std::size_t count = 0;
    for (std::size_t r = 0; r < tile_rows; ++r) {
      const std::int32_t row = tile.rows.whole[r];
      const std::int32_t distance = row + tile.queries.whole[query] - 2 * (sums[r] + (row >> 1));
      hits[count] = {static_cast<std::uint32_t>(query), static_cast<std::uint32_t>(r),
                     static_cast<std::uint32_t>(distance)};
      count += distance <= limit ? 1U : 0U;
    }
    return count;
  }

  template <std::size_t Queries>
  static std::size_t find_group(const vector_tile &tile, std::size_t first_query, tile_hit *hits) {
    const std::size_t steps = tile.words * steps_a_word;
    const std::size_t head = head_words(tile.words) * steps_a_word;
    const auto *rows = static_cast<const std::uint32_t *>(tile.rows.values);
    const auto *queries = static_cast<const std::uint32_t *>(tile.queries.values) + first_query * steps;
    const std::int32_t *head_sums = tile.queries.head + first_query;
    const std::uint32_t *limits = tile.limits + first_query;
    vector sums[Queries][Set::row_vectors];
    unrolled<Set::row_vectors>([&](auto v) LIBMATCH_INLINE {
      const vector start = Set::negated_half(tile.rows.head + v.value * Set::lanes);
      unrolled<Queries>([&](auto q) LIBMATCH_INLINE { sums[q.value][v.value] = start; });
    });
    add_products<Queries>(rows, queries, steps, 0, head, sums);
    bool any_near = false;
    unrolled<Queries>([&](auto q)
                          LIBMATCH_INLINE { any_near |= near(sums[q.value], head_sums[q.value], limits[q.value]); });
    if (!any_near) {
      return 0;
    }
    unrolled<Set::row_vectors>([&](auto v) LIBMATCH_INLINE {
      const vector change = Set::subtract(Set::negated_half(tile.rows.whole + v.value * Set::lanes),
                                          Set::negated_half(tile.rows.head + v.value * Set::lanes));
      unrolled<Queries>([&](auto q)
                            LIBMATCH_INLINE { sums[q.value][v.value] = Set::add(sums[q.value][v.value], change); });
    });
    add_products<Queries>(rows, queries, steps, head, steps, sums);
    std::size_t count = 0;
    unrolled<Queries>([&](auto q) LIBMATCH_INLINE {
      if (near(sums[q.value], tile.queries.whole[first_query + q.value], limits[q.value])) {
        alignas(64) std::int32_t stored[tile_rows];
        unrolled<Set::row_vectors>(
            [&](auto v) LIBMATCH_INLINE { Set::store(stored + v.value * Set::lanes, sums[q.value][v.value]); });
        count += hits_of(tile, first_query + q.value, stored, hits + count);
      }
    });
    return count;
  }

  static std::size_t find(const vector_tile &tile, std::size_t *query, tile_hit *hits, std::size_t capacity) {
    std::size_t count = 0;
    std::size_t q = *query;
    while (q < tile.n_queries && count + Set::group * tile_rows <= capacity) {
      if (tile.n_queries - q >= Set::group) {
        count += find_group<Set::group>(tile, q, hits + count);
        q += Set::group;
      } else {
        count += find_group<1>(tile, q, hits + count);
        ++q;
      }
    }
    *query = q;
    return count;
  }
};

}  // namespace

}  // namespace libmatch::detail
