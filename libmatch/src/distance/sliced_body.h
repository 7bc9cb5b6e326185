// Bit-sliced search, for the vector of bits that the including file defines: distance_kernels::slice and ::find.
//
// A tile of 512 rows lies as planes, plane b holding bit b of every row, so that one operation on a vector works on
// one bit of as many rows as the vector has bits. What differs from a query is counted by adding up planes with
// carry-save adders (two operations where the machine has any function of three bits in one), a vector for each
// binary digit of the 512 counts. The count starts at 2^digits - 1 - limit, so a row is over the limit as soon as
// anything is carried out of the highest digit, and one vector holds the answer for all rows.
//
// With a few queries each plane is compared with the query's bit. With many, the planes are first added in groups of
// three: a group's count from 0 to 3 has two digits, which depend on the query's three bits alone. All their values
// are made once a tile (10 vectors a group), and a query only picks the two that it needs. Per query and 24 bits that
// is 16 loads from the first-level cache and 19 adders. More bits a group save adders, but their tables outgrow that
// cache.
//
// This follows the 'four Russians' way of tables of small blocks (Arlazarov, Dinic, Kronrod, Faradzev 1970).
#pragma once

#include <bit>
#include <cstddef>

#include "distance/kernels.h"
#include "distance/row_steps.h"

namespace libmatch::detail {
namespace {

// The including file defines the vector `bits` of bits_words 64-bit words and on it: load and store (aligned words),
// all(bool) (every bit set, or none), not_, and_, or_, xor_, parity (of three), majority (of three), all_set.
constexpr std::size_t parts = tile_words / bits_words;
constexpr std::size_t groups_of_chunk = 8;
// The digits of a group's count: ones[parity of the query's bits], twos[the query's bits].
struct group_tables {
  alignas(64) std::uint64_t ones[2][bits_words];
  alignas(64) std::uint64_t twos[8][bits_words];
};

// digit += a + b; what is carried out of it is returned.
inline bits add(bits &digit, bits a, bits b) {
  const bits carry = majority(digit, a, b);
  digit = parity(digit, a, b);
  return carry;
}

inline bits add(bits &digit, bits a) {
  const bits carry = and_(digit, a);
  digit = xor_(digit, a);
  return carry;
}

// Counts with Digits binary digits, and whether they ever overflowed.
template <std::size_t Digits>
struct counters {
  bits digit[Digits];
  bits over;

  // Overflows when more than `limit` is added.
  void start(std::uint32_t limit) {
    constexpr std::uint32_t largest = (1U << Digits) - 1U;
    const std::uint32_t start = limit < largest ? largest - limit : 0;
    for (std::size_t d = 0; d < Digits; ++d) {
      digit[d] = all(((start >> d) & 1U) != 0);
    }
    over = all(false);
  }

  // Adds 2^Level chunks and leaves what is carried out of the digits below 2^(Level + 3) in carries[0..2]. `groups`
  // gives, for a chunk, the digits of its eight groups' counts.
  template <std::size_t Level, typename Groups>
  __attribute__((always_inline)) inline void add_chunks(const Groups &groups, std::uint32_t chunk, bits *carries) {
    bits lower[6];
    if constexpr (Level == 0) {
      const auto counts = groups(chunk);
      for (std::size_t half = 0; half < 2; ++half) {
        const std::size_t g = 4 * half;
        const bits a = add(digit[0], counts.ones(g), counts.ones(g + 1));
        const bits b = add(digit[0], counts.ones(g + 2), counts.ones(g + 3));
        lower[3 * half] = add(digit[1], counts.twos(g), counts.twos(g + 1));
        lower[3 * half + 1] = add(digit[1], counts.twos(g + 2), counts.twos(g + 3));
        lower[3 * half + 2] = add(digit[1], a, b);
      }
    } else {
      add_chunks<Level - 1>(groups, chunk, lower);
      add_chunks<Level - 1>(groups, chunk + (1U << (Level - 1)), lower + 3);
    }
    carries[0] = add(digit[Level + 2], lower[0], lower[1]);
    carries[1] = add(digit[Level + 2], lower[2], lower[3]);
    carries[2] = add(digit[Level + 2], lower[4], lower[5]);
  }

  // Adds three carries to digit First and those above it.
  template <std::size_t First>
  __attribute__((always_inline)) inline void add_carries(const bits *carries) {
    if constexpr (First >= Digits) {
      over = or_(over, or_(carries[0], or_(carries[1], carries[2])));
    } else {
      const bits a = add(digit[First], carries[0], carries[1]);
      const bits b = add(digit[First], carries[2]);
      bits carry = add(digit[First + 1], a, b);
      for (std::size_t d = First + 2; d < Digits; ++d) {
        carry = add(digit[d], carry);
      }
      over = or_(over, carry);
    }
  }
};

inline void make_tables(const std::uint64_t *planes, std::size_t n_groups, group_tables *tables) {
  for (std::size_t g = 0; g < n_groups; ++g, planes += 3 * tile_words) {
    bits differs[3][2];  // from a query's bit of 0, of 1
    for (std::size_t i = 0; i < 3; ++i) {
      differs[i][0] = load(planes + i * tile_words);
      differs[i][1] = not_(differs[i][0]);
    }
    const bits odd = parity(differs[0][0], differs[1][0], differs[2][0]);
    store(tables[g].ones[0], odd);
    store(tables[g].ones[1], not_(odd));
    for (std::size_t pattern = 0; pattern < 8; ++pattern) {
      store(tables[g].twos[pattern],
            majority(differs[0][pattern & 1], differs[1][(pattern >> 1) & 1], differs[2][pattern >> 2]));
    }
  }
}

// The 24 bits of a code that a chunk covers; zero beyond the code.
inline std::uint32_t query_chunk(const std::uint64_t *query, std::uint32_t chunk, std::uint32_t words) {
  const std::uint32_t first_byte = 3 * chunk;
  const std::uint32_t last_load = words * 8 - 4;
  const std::uint32_t load_at = first_byte < last_load ? first_byte : last_load;
  std::uint32_t value;
  __builtin_memcpy(&value, reinterpret_cast<const char *>(query) + load_at, sizeof(value));
  return value >> (8 * (first_byte - load_at)) & 0xffffffU;
}

// The rows that exist, a bit each.
struct present_rows {
  std::uint64_t words[tile_words];

  explicit present_rows(std::size_t n_rows) {
    for (std::size_t w = 0; w < tile_words; ++w) {
      const std::size_t left = n_rows > 64 * w ? n_rows - 64 * w : 0;
      words[w] = left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1;
    }
  }
};

// The part of a tile that one vector covers: planes, and tables where they are made.
struct tile_part {
  const std::uint64_t *planes;
  const group_tables *tables;
};

// The place of vector number (pattern >> 3 * group & mask) in a row of vectors, in bytes.
inline std::size_t vector_offset(std::uint64_t pattern, std::size_t group, std::uint64_t mask) {
  constexpr std::size_t vector_shift = std::countr_zero(sizeof(bits));
  const std::size_t shift = 3 * group;
  const std::uint64_t moved =
      shift < vector_shift ? pattern << (vector_shift - shift) : pattern >> (shift - vector_shift);
  return moved & mask << vector_shift;
}

// The counts of a chunk's groups for a query, picked from tables.
struct counts_by_tables {
  const char *tables;
  std::uint64_t pattern;
  std::uint64_t odd;

  counts_by_tables(const tile_part &part, std::uint32_t chunk, std::uint32_t query)
      : tables(reinterpret_cast<const char *>(part.tables + chunk * groups_of_chunk)),
        pattern(query),
        odd(pattern ^ pattern >> 1 ^ pattern >> 2) {}

  bits ones(std::size_t g) const { return at(g, offsetof(group_tables, ones) + vector_offset(odd, g, 1)); }
  bits twos(std::size_t g) const { return at(g, offsetof(group_tables, twos) + vector_offset(pattern, g, 7)); }
  bits at(std::size_t g, std::size_t offset) const {
    return load(reinterpret_cast<const std::uint64_t *>(tables + g * sizeof(group_tables) + offset));
  }
};

// The same, counted from the planes themselves.
struct counts_by_planes {
  bits digits[2][groups_of_chunk];

  counts_by_planes(const tile_part &part, std::uint32_t chunk, std::uint32_t query) {
    const std::uint64_t *plane = part.planes + std::size_t{chunk} * chunk_bits * tile_words;
    for (std::size_t g = 0; g < groups_of_chunk; ++g, query >>= 3, plane += 3 * tile_words) {
      const bits a = xor_(load(plane), all((query & 1U) != 0));
      const bits b = xor_(load(plane + tile_words), all((query & 2U) != 0));
      const bits c = xor_(load(plane + 2 * tile_words), all((query & 4U) != 0));
      digits[0][g] = parity(a, b, c);
      digits[1][g] = majority(a, b, c);
    }
  }

  bits ones(std::size_t g) const { return digits[0][g]; }
  bits twos(std::size_t g) const { return digits[1][g]; }
};

// Keeps the compiler from computing addresses from a pointer ahead of a loop: there are more of them than registers.
template <typename T>
inline void hide_value(T &value) {
  __asm__("" : "+r"(value));
}

// Asks for an equal share of some words at every query.
struct gradual_prefetch {
  const char *next;
  const char *end;
  std::size_t lines_of_query;

  gradual_prefetch(const words_ahead &ahead, std::size_t n_queries)
      : next(reinterpret_cast<const char *>(ahead.words)),
        end(reinterpret_cast<const char *>(ahead.words + ahead.size)),
        lines_of_query((ahead.size / 8 + n_queries - 1) / n_queries) {}

  void step() {
    for (std::size_t i = 0; i < lines_of_query && next < end; ++i, next += 64) {
      __builtin_prefetch(next);
    }
  }
};

// Rows of one part that are not over a query's limit on the planes. About one query in six has one on 96 bits, too
// many to branch on: each query leaves its answer in the next place, and only a survivor moves that place on.
struct survivors {
  alignas(64) std::uint64_t over[bits_words];
  std::uint32_t query;
  std::uint32_t first_row;
};
constexpr std::size_t queries_at_once = 32;

inline std::size_t settle(const sliced_tile &tile, const present_rows &present, const survivors &left,
                          tile_hit *hits) {
  std::size_t count = 0;
  for (std::size_t w = 0; w < bits_words; ++w) {
    const std::uint64_t rows = ~left.over[w] & present.words[left.first_row / 64 + w];
    if (rows != 0) {
      count += verify(tile, left.query, static_cast<std::uint32_t>(left.first_row + 64 * w), rows, hits + count);
    }
  }
  return count;
}

// Chunks: how many there are, or 0 for as many as the tile says.
template <std::size_t Digits, std::uint32_t Chunks, typename Counts>
inline bits over_limit(const sliced_tile &tile, const tile_part &part, const std::uint64_t *query,
                       counters<Digits> counters) {
  const std::uint32_t chunks = Chunks != 0 ? Chunks : tile.n_planes / chunk_bits;
  const auto groups = [&](std::uint32_t chunk) {
    // Where the number of chunks is known here, they lie within the first two words.
    return Counts(part, chunk, query_chunk(query, chunk, Chunks != 0 ? 2 : tile.words));
  };
  bits carries[3];
  std::uint32_t chunk = 0;
  for (; chunk + 4 <= chunks; chunk += 4) {
    counters.template add_chunks<2>(groups, chunk, carries);
    counters.template add_carries<5>(carries);
  }
  for (; chunk < chunks; ++chunk) {
    counters.template add_chunks<0>(groups, chunk, carries);
    counters.template add_carries<3>(carries);
  }
  return counters.over;
}

template <std::size_t Digits, std::uint32_t Chunks, typename Counts>
std::size_t find_over(const sliced_tile &tile, const tile_part *all_parts, std::size_t *query, tile_hit *hits,
                      std::size_t capacity) {
  const present_rows present(tile.n_rows);
  survivors left[queries_at_once * parts + 1];
  counters<Digits> start;
  std::uint32_t start_limit = 0;
  start.start(start_limit);
  gradual_prefetch planes_ahead(tile.planes_ahead, tile.n_queries);
  gradual_prefetch rows_ahead(tile.rows_ahead, tile.n_queries);
  std::size_t count = 0;
  for (std::size_t q = *query; q < tile.n_queries;) {
    const std::size_t end = tile.n_queries - q < queries_at_once ? tile.n_queries : q + queries_at_once;
    std::size_t n_left = 0;
    for (; q < end; ++q) {
      planes_ahead.step();
      rows_ahead.step();
      if (__builtin_expect(tile.limits[q] != start_limit, 0)) {
        start_limit = tile.limits[q];
        start.start(start_limit);
      }
      for (std::size_t p = 0; p < parts; ++p) {
        tile_part part = all_parts[p];
        hide_value(part.tables);
        const bits over = over_limit<Digits, Chunks, Counts>(tile, part, tile.queries + q * tile.words, start);
        store(left[n_left].over, over);
        left[n_left].query = static_cast<std::uint32_t>(q);
        left[n_left].first_row = static_cast<std::uint32_t>(p * bits_words * 64);
        n_left += all_set(over) ? 0 : 1;
      }
    }
    for (std::size_t i = 0; i < n_left; ++i) {
      // All parts of a query must fit, so that the next call can begin with a whole query.
      if ((i == 0 || left[i].query != left[i - 1].query) && count + tile_rows > capacity) {
        *query = left[i].query;
        return count;
      }
      count += settle(tile, present, left[i], hits + count);
    }
  }
  *query = tile.n_queries;
  return count;
}

template <typename Counts>
std::size_t find_with(const sliced_tile &tile, const tile_part *all_parts, std::size_t *query, tile_hit *hits,
                      std::size_t capacity) {
  std::uint32_t largest = 0;
  for (std::size_t q = *query; q < tile.n_queries; ++q) {
    largest = tile.limits[q] > largest ? tile.limits[q] : largest;
  }
  if (largest < 32 && tile.n_planes == 4 * chunk_bits && tile.words > 1) {  // most searches
    return find_over<5, 4, Counts>(tile, all_parts, query, hits, capacity);
  }
  return largest < 256 ? find_over<8, 0, Counts>(tile, all_parts, query, hits, capacity)
                       : find_over<12, 0, Counts>(tile, all_parts, query, hits, capacity);
}

// The tables of all parts take 640 bytes a group: 20 KiB for 96 bits, 56 KiB for 264.
constexpr std::size_t max_table_groups = 88;
// Fewer queries cost less than the tables of a tile.
constexpr std::size_t min_queries_for_tables = 8;

std::size_t find(const sliced_tile &tile, std::size_t *query, tile_hit *hits, std::size_t capacity) {
  const std::size_t groups = tile.n_planes / 3;
  tile_part all_parts[parts];
  for (std::size_t part = 0; part < parts; ++part) {
    all_parts[part] = {tile.planes + part * bits_words, nullptr};
  }
  if (tile.n_queries - *query < min_queries_for_tables || groups > max_table_groups) {
    return find_with<counts_by_planes>(tile, all_parts, query, hits, capacity);
  }
  alignas(64) group_tables tables[parts][max_table_groups];
  for (std::size_t part = 0; part < parts; ++part) {
    make_tables(all_parts[part].planes, groups, tables[part]);
    all_parts[part].tables = tables[part];
  }
  return find_with<counts_by_tables>(tile, all_parts, query, hits, capacity);
}

}  // namespace
}  // namespace libmatch::detail
