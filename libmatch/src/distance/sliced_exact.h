// Counts of the bits that differ, all of them, in groups of three.
//
// A group's count from 0 to 3 has two digits, which depend on the query's three bits alone. With many queries all
// their values are made once a tile (10 vectors a group), and a query picks the two that it needs. Per query and 24
// bits that is 16 loads from the first-level cache and 15 adders. More bits a group save adders,
// but their tables outgrow that cache. With a few queries the planes are compared with the query's bits.
//
// This follows the 'four Russians' way of tables of small blocks (Arlazarov, Dinic, Kronrod, Faradzev 1970).
#pragma once

#include <cstddef>

#include "distance/row_steps.h"
#include "distance/sliced_adders.h"

namespace libmatch::detail {
namespace {

constexpr std::size_t groups_of_chunk = 8;
// The digits of a group's count: ones[parity of the query's bits], twos[the query's bits].
struct group_tables {
  alignas(64) std::uint64_t ones[2][bits_words];
  alignas(64) std::uint64_t twos[8][bits_words];
};
// The tables of a tile take 640 bytes a group, whatever the vector: 20 KiB for 96 bits, 56 KiB for 264.
constexpr std::size_t max_table_groups = 88;

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

// Counts of the bits that differ.
template <std::size_t Digits, bool FromZero>
struct exact_counters : sliced_counters<Digits, FromZero> {
  using sliced_counters<Digits, FromZero>::digit;
  using sliced_counters<Digits, FromZero>::over;

  // Adds 2^Level chunks and leaves what is carried out of the digits below 2^(Level + 3) in carries[0..2]. `groups`
  // gives, for a chunk, the digits of its eight groups' counts.
  template <std::size_t Level, typename Groups>
  __attribute__((always_inline)) inline void add_chunks(const Groups &groups, std::uint32_t chunk, bits *carries) {
    bits lower[6];
    if constexpr (Level == 0) {
      add_chunk(groups(chunk), lower);
    } else {
      add_chunks<Level - 1>(groups, chunk, lower);
      add_chunks<Level - 1>(groups, chunk + (1U << (Level - 1)), lower + 3);
    }
    add_six(digit[Level + 2], lower, carries);
  }

  // Digits 0 and 1 of a chunk. The ones are a chain of four; the twos have one of their own until digit 1 is wanted.
  template <typename Counts>
  __attribute__((always_inline)) inline void add_chunk(const Counts &counts, bits *fours) {
    bits twos = counts.twos(0);
    keep(twos);
    fours[0] = add_loaded(twos, twos, counts.twos(1), counts.twos(2));
    const bits a = add_loaded(digit[0], digit[0], counts.ones(0), counts.ones(1));
    const bits b = add_loaded(digit[0], digit[0], counts.ones(2), counts.ones(3));
    fours[1] = add_loaded(twos, twos, counts.twos(3), counts.twos(4));
    const bits c = add_loaded(digit[0], digit[0], counts.ones(4), counts.ones(5));
    fours[2] = add_loaded(twos, twos, counts.twos(5), counts.twos(6));
    const bits d = add_loaded(digit[0], digit[0], counts.ones(6), counts.ones(7));
    bits carried;
    fours[3] = add_loaded(carried, a, b, counts.twos(7));
    fours[4] = add(twos, twos, carried, c);
    fours[5] = add(digit[1], digit[1], twos, d);
  }

  // Adds three carries to digit First and those above it.
  template <std::size_t First>
  __attribute__((always_inline)) inline void add_carries(const bits *carries) {
    if constexpr (First >= Digits) {
      over = or_(over, or_(carries[0], or_(carries[1], carries[2])));
    } else {
      const bits a = add(digit[First], digit[First], carries[0], carries[1]);
      const bits b = add(digit[First], digit[First], carries[2]);
      this->template add_carry<First + 2>(add(digit[First + 1], digit[First + 1], a, b));
    }
  }

  template <typename Groups>
  __attribute__((always_inline)) inline void add_all(const Groups &groups, std::uint32_t chunks) {
    bits carries[3];
    std::uint32_t chunk = 0;
    for (; chunk + 4 <= chunks; chunk += 4) {
      add_chunks<2>(groups, chunk, carries);
      add_carries<5>(carries);
    }
    for (; chunk < chunks; ++chunk) {
      add_chunks<0>(groups, chunk, carries);
      add_carries<3>(carries);
    }
  }
};

// The bits of a code from those on that a chunk covers; zero beyond the code.
inline std::uint64_t query_chunk(const std::uint64_t *query, std::uint32_t chunk, std::uint32_t words) {
  const std::uint32_t first_byte = 3 * chunk;
  const std::uint32_t last_load = words * 8 - 8;
  const std::uint32_t load_at = first_byte < last_load ? first_byte : last_load;
  std::uint64_t value;
  __builtin_memcpy(&value, reinterpret_cast<const char *>(query) + load_at, sizeof(value));
  return value >> 8 * (first_byte - load_at);
}

// The counts of a chunk's groups for a query, picked from tables.
struct counts_by_tables {
  const char *tables;
  std::uint64_t pattern;
  std::uint64_t odd;

  counts_by_tables(const group_tables *of_chunk, std::uint64_t query)
      : tables(reinterpret_cast<const char *>(of_chunk)),
        pattern(query),
        odd(pattern ^ pattern >> 1 ^ pattern >> 2) {}

  bits ones(std::size_t g) const { return at(g, offsetof(group_tables, ones) + vector_offset<3>(odd, g, 1)); }
  bits twos(std::size_t g) const { return at(g, offsetof(group_tables, twos) + vector_offset<3>(pattern, g, 7)); }
  bits at(std::size_t g, std::size_t offset) const {
    return load(reinterpret_cast<const std::uint64_t *>(tables + g * sizeof(group_tables) + offset));
  }
};

// A word for each of a code's bits, all ones where it is set; whole words' worth of them.
inline void make_masks(const std::uint64_t *code, std::uint32_t words, std::uint32_t n_planes, std::uint64_t *masks) {
  for (std::uint32_t word = 0; word * 64 < n_planes; ++word, masks += 64) {
    const std::uint64_t bits_of_word = word < words ? code[word] : 0;
    for (std::uint64_t b = 0; b < 64; ++b) {
      masks[b] = ~((bits_of_word >> b & 1U) - 1U);
    }
  }
}

// The same, counted from the planes themselves. masks: a word for each plane, all ones where the query's bit is set.
// Each plane is asked for in the tile behind this one, `words_of_tile` words on: what the processor fetches by itself
// comes late where lists are larger than its caches (10 million codes took 5.8 ms, and take 3.6 of the 3.2 that
// reading their planes takes). All at once at the beginning of a tile would hold up what runs.
struct counts_by_planes {
  bits digits[2][groups_of_chunk];

  counts_by_planes(const std::uint64_t *plane, const std::uint64_t *masks, std::size_t words_of_tile) {
    for (std::size_t g = 0; g < groups_of_chunk; ++g, masks += 3, plane += 3 * tile_words) {
      for (std::size_t i = 0; i < 3; ++i) {
        fetch_beyond(plane + i * tile_words, words_of_tile * sizeof(std::uint64_t));
      }
      const bits a = xor_(load(plane), same(masks[0]));
      const bits b = xor_(load(plane + tile_words), same(masks[1]));
      const bits c = xor_(load(plane + 2 * tile_words), same(masks[2]));
      digits[0][g] = parity(a, b, c);
      digits[1][g] = majority(a, b, c);
    }
  }

  bits ones(std::size_t g) const { return digits[0][g]; }
  bits twos(std::size_t g) const { return digits[1][g]; }
};

// Ways of counting, for blocks_by_tables and blocks_by_planes (sliced_body.h). Digits of the counts; Chunks: how many
// there are, or 0 for as many as the tiles say.
template <std::size_t Digits, std::uint32_t Chunks, bool FromZero>
struct exact_count {
  using counters = exact_counters<Digits, FromZero>;
  using table = group_tables;
  static constexpr bool from_zero = FromZero;
  static constexpr std::size_t max_tables = max_table_groups;  // for each part of a tile

  static std::uint32_t units(std::uint32_t limit) { return limit; }
  static std::uint32_t chunks(const sliced_tiles &tiles) {
    return Chunks != 0 ? Chunks : tiles.n_planes / chunk_bits;
  }

  static void make(const std::uint64_t *planes, const sliced_tiles &tiles, group_tables *tables) {
    make_tables(planes, tiles.n_planes / 3, tables);
  }

  __attribute__((always_inline)) static inline bits over_limit(const sliced_tiles &tiles, const group_tables *tables,
                                                               const std::uint64_t *code, counters counted) {
    const auto groups = [&](std::uint32_t chunk) {
      // Where the number of chunks is known here, they lie within the first two words.
      return counts_by_tables(tables + chunk * groups_of_chunk,
                              query_chunk(code, chunk, Chunks != 0 ? 2 : tiles.words));
    };
    counted.add_all(groups, chunks(tiles));
    return counted.over;
  }

  __attribute__((always_inline)) static inline bits over_limit(const sliced_tiles &tiles, const std::uint64_t *planes,
                                                               const std::uint64_t *masks, counters counted) {
    const auto groups = [&](std::uint32_t chunk) {
      return counts_by_planes(planes + std::size_t{chunk} * chunk_bits * tile_words,
                              masks + std::size_t{chunk} * chunk_bits, tiles.n_planes * tile_words);
    };
    counted.add_all(groups, chunks(tiles));
    return counted.over;
  }
};

}  // namespace
}  // namespace libmatch::detail
