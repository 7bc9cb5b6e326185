// What counting leaves open: rows of a tile that are not over a query's limit.
#pragma once

#include <cstddef>

#include "distance/kernels.h"
#include "distance/row_steps.h"
#include "distance/sliced_adders.h"

namespace libmatch::detail {
namespace {

constexpr std::size_t parts = tile_words / bits_words;  // of a tile, a vector each

// Rows of one part that are not over a query's limit. About one query in six has one on 96 bits, too many to branch
// on: each query leaves its answer in the next place, and only a survivor moves that place on.
struct survivors {
  alignas(64) std::uint64_t over[bits_words];
  std::uint32_t query;
  std::uint32_t first_row;

  tile_cursor place() const { return {first_row / tile_rows, query}; }
};

inline void leave(bits over, std::size_t query, std::size_t first_row, survivors *left, std::size_t &n_left) {
  store(left[n_left].over, over);
  left[n_left].query = static_cast<std::uint32_t>(query);
  left[n_left].first_row = static_cast<std::uint32_t>(first_row);
  n_left += all_set(over) ? 0 : 1;
}

// The survivors among the 64 rows of word w, without those behind the last row.
inline std::uint64_t rows_left(const survivors &left, std::size_t w, std::size_t n_rows) {
  const std::size_t first = left.first_row + 64 * w;
  const std::uint64_t rows = ~left.over[w];
  if (first >= n_rows) {
    return 0;
  }
  return n_rows - first >= 64 ? rows : rows & ((std::uint64_t{1} << (n_rows - first)) - 1);
}

// Calls body(word, its survivors) for the words that have any. Survivors are few, and seldom in the same word: a loop
// over all words would be mispredicted at each.
template <typename Body>
__attribute__((always_inline)) inline void for_each_word_left(const survivors &left, std::size_t n_rows,
                                                              const Body &body) {
  for (std::uint32_t words = words_not_set(load(left.over)); words != 0; words &= words - 1) {
    const auto w = static_cast<std::size_t>(__builtin_ctz(words));
    body(w, rows_left(left, w, n_rows));
  }
}

inline std::size_t settle(const sliced_tiles &tiles, const survivors &left, tile_hit *hits) {
  std::size_t count = 0;
  for_each_word_left(left, tiles.n_rows, [&](std::size_t w, std::uint64_t rows) {
    count += verify(tiles, left.query, static_cast<std::uint32_t>(left.first_row + 64 * w), rows, hits + count);
  });
  return count;
}

// Asks for the rows that will be settled. Inlined by force: g++ 12 takes a function that only asks for memory for one
// without effect, and drops its calls.
__attribute__((always_inline)) inline void fetch_rows(const sliced_tiles &tiles, const survivors &left) {
  for_each_word_left(left, tiles.n_rows, [&](std::size_t w, std::uint64_t rows) {
    for (; rows != 0; rows &= rows - 1) {
      const std::size_t row = left.first_row + 64 * w + static_cast<std::size_t>(__builtin_ctzll(rows));
      __builtin_prefetch(tiles.rows + row * tiles.words);
    }
  });
}

}  // namespace
}  // namespace libmatch::detail
