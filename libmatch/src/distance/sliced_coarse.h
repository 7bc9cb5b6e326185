// Counts of groups of four bits that differ in two of them or more, two for each: at most as many as differ.
//
// Such a count is one digit, a vector of 512 bits where counts of all bits need two for three bits: 40 groups have 40
// loads and 36 adders a query, and 4.6e-5 of random pairs pass a limit of 31; of 96 bits counted one by one, with 64
// loads and 61 adders, 3.4e-4. They are 160 bits of the code in place of 96, which is why planes stored with an index
// are not made for them.
#pragma once

#include <cstddef>

#include "distance/sliced_adders.h"

namespace libmatch::detail {
namespace {

constexpr std::size_t groups_of_step = coarse_step_bits / 4;
constexpr std::size_t groups_of_word = 64 / 4;
// twos[the query's bits]: whether at least two of the four differ.
struct coarse_table {
  alignas(64) std::uint64_t twos[16][bits_words];
};

inline void make_coarse_tables(const std::uint64_t *planes, std::size_t n_groups, coarse_table *tables) {
  for (std::size_t g = 0; g < n_groups; ++g, planes += 4 * tile_words) {
    bits both[2][4];  // of the first two bits, of the others; by the query's bits
    bits any[2][4];
    for (std::size_t half = 0; half < 2; ++half) {
      const bits a = load(planes + 2 * half * tile_words);
      const bits b = load(planes + (2 * half + 1) * tile_words);
      for (std::size_t pattern = 0; pattern < 4; ++pattern) {
        const bits a_differs = (pattern & 1) != 0 ? not_(a) : a;
        const bits b_differs = (pattern & 2) != 0 ? not_(b) : b;
        both[half][pattern] = and_(a_differs, b_differs);
        any[half][pattern] = or_(a_differs, b_differs);
      }
    }
    for (std::size_t pattern = 0; pattern < 16; ++pattern) {
      const std::size_t low = pattern & 3;
      const std::size_t high = pattern >> 2;
      store(tables[g].twos[pattern], or_(or_(both[0][low], both[1][high]), and_(any[0][low], any[1][high])));
    }
  }
}

// Counts of the groups of which two bits differ.
template <std::size_t Digits, bool FromZero>
struct coarse_counters : sliced_counters<Digits, FromZero> {
  using sliced_counters<Digits, FromZero>::digit;

  // Adds 2^Level steps of four groups and returns what is carried out of the digits below Level + 2. `group` gives a
  // group by its number.
  template <std::size_t Level, typename Group>
  __attribute__((always_inline)) inline bits add_steps(const Group &group, std::size_t first) {
    if constexpr (Level == 0) {
      bits sum;
      const bits a = add_loaded(sum, group(first), group(first + 1), group(first + 2));
      const bits b = add_loaded(digit[0], digit[0], sum, group(first + 3));
      return add(digit[1], digit[1], a, b);
    } else {
      const bits a = add_steps<Level - 1>(group, first);
      const bits b = add_steps<Level - 1>(group, first + (groups_of_step << (Level - 1)));
      return add(digit[Level + 1], digit[Level + 1], a, b);
    }
  }

  // groups_of(word) gives the groups of a word of the code.
  template <typename Groups>
  __attribute__((always_inline)) inline void add_all(const Groups &groups_of, std::uint32_t steps) {
    std::uint32_t word = 0;
    for (; 4 * word + 4 <= steps; ++word) {
      this->template add_carry<4>(add_steps<2>(groups_of(word), 0));
    }
    if (steps % 4 >= 2) {
      this->template add_carry<3>(add_steps<1>(groups_of(word), 0));
    }
    if (steps % 4 == 1) {
      this->template add_carry<2>(add_steps<0>(groups_of(word), 0));
    } else if (steps % 4 == 3) {
      this->template add_carry<2>(add_steps<0>(groups_of(word), 2 * groups_of_step));
    }
  }
};

// The groups of one word, picked from tables.
struct groups_by_tables {
  const char *tables;
  std::uint64_t code;

  bits operator()(std::size_t group) const {
    const char *table = tables + group * sizeof(coarse_table);
    return load(reinterpret_cast<const std::uint64_t *>(table + vector_offset<4>(code, group, 15)));
  }
};

// A way of counting, for blocks_by_tables (sliced_body.h). Digits of the counts; Steps: how many there are, or 0 for
// as many as the tiles say.
template <std::size_t Digits, std::uint32_t Steps, bool FromZero>
struct coarse_count {
  using counters = coarse_counters<Digits, FromZero>;
  using table = coarse_table;
  static constexpr bool from_zero = FromZero;
  static constexpr std::size_t max_tables = max_coarse_groups;

  static std::uint32_t units(std::uint32_t limit) { return limit / 2; }

  static void make(const std::uint64_t *planes, const sliced_tiles &tiles, coarse_table *tables) {
    make_coarse_tables(planes, tiles.n_planes / 4, tables);
  }

  __attribute__((always_inline)) static inline bits over_limit(const sliced_tiles &tiles, const coarse_table *tables,
                                                               const std::uint64_t *code, counters counted) {
    const auto groups_of = [&](std::uint32_t word) {
      return groups_by_tables{reinterpret_cast<const char *>(tables + std::size_t{word} * groups_of_word),
                              code[word]};
    };
    counted.add_all(groups_of, Steps != 0 ? Steps : tiles.n_planes / coarse_step_bits);
    return counted.over;
  }
};

}  // namespace
}  // namespace libmatch::detail
