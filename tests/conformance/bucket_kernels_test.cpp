// The kernels of buckets and lookups, every one that this machine can run, against the definition.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string>
#include <tuple>
#include <vector>

#include "core/aligned_vector.h"
#include "core/cpu_features.h"
#include "distance/definition.h"
#include "distance/dispatch.h"
#include "support/instruction_sets.h"
#include "support/random_codes.h"

namespace libmatch::detail {
namespace {

using test::random_rows;
using test::random_source;

constexpr std::uint32_t any_distance = 0xffffffffU;
// Where sums are bytes, a limit of 256 must not become 0.
constexpr std::uint32_t over_a_byte = 256;

class BucketKernels : public testing::TestWithParam<instruction_set> {
 protected:
  void SetUp() override {
    if (!can_run(GetParam())) {
      GTEST_SKIP() << "this processor or this build has no " << instruction_set_name(GetParam());
    }
  }
  static const distance_kernels &kernels() { return kernels_for(GetParam()); }
};

class LookupKernels : public testing::TestWithParam<std::tuple<instruction_set, std::uint32_t>> {
 protected:
  void SetUp() override {
    if (!can_run(std::get<0>(GetParam()))) {
      GTEST_SKIP() << "this processor or this build has no " << instruction_set_name(std::get<0>(GetParam()));
    }
  }
  static std::uint32_t words() { return std::get<1>(GetParam()); }
  static const distance_kernels &kernels() { return kernels_for(std::get<0>(GetParam())); }
};

// Buckets of random words and what lies within a limit of a query, by the definition.
struct bucket_fixture {
  bucket_fixture(std::uint32_t size, std::uint32_t width) : n_words(width) {
    random_source random(size + width);
    words.assign(std::size_t{(size + bucket_lanes - 1) / bucket_lanes * bucket_lanes} * n_words, 0);
    for (std::uint32_t &word : words) {
      word = static_cast<std::uint32_t>(random.next());
    }
    // Near ones, so that some are found.
    for (std::uint32_t position = 0; position < size; position += 3) {
      for (std::uint32_t w = 0; w < n_words; ++w) {
        word(position, w) = 1U << (position % 32);
      }
    }
  }
  std::uint32_t &word(std::uint32_t position, std::uint32_t w) {
    return words[(position / bucket_lanes * n_words + w) * bucket_lanes + position % bucket_lanes];
  }
  bool within(const std::uint32_t *query, std::uint32_t position, std::uint32_t limit) {
    int distance = 0;
    for (std::uint32_t w = 0; w < n_words; ++w) {
      distance += std::popcount(query[w] ^ word(position, w));
    }
    return static_cast<std::uint32_t>(distance) <= limit;
  }

  std::uint32_t n_words;
  aligned_vector<std::uint32_t> words;
};

using position_pairs = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

// Buckets at the beginning, across blocks, of one position, whole blocks, and the last.
constexpr std::pair<std::uint32_t, std::uint32_t> bucket_places[] = {{0, 5},   {5, 6},   {6, 37},   {37, 64},
                                                                     {64, 80}, {80, 99}, {99, 300}, {300, 301}};

TEST_P(BucketKernels, ProbeEqualsTheDefinition) {
  for (std::uint32_t n_words = 1; n_words <= max_inline_words; ++n_words) {
    bucket_fixture first(301, n_words);
    bucket_fixture second(301, n_words);
    const std::uint32_t *tables[] = {first.words.data(), second.words.data()};
    const std::vector<std::uint32_t> query{0, 4, 0, 0xffffffffU, 7, 0};
    for (const std::uint32_t limit : {0U, 1U, 3U, 31U, 32 * n_words, over_a_byte, any_distance}) {
      std::vector<bucket_probe> probes;
      position_pairs expected;
      for (const auto &[begin, end] : bucket_places) {
        for (std::uint32_t table = 0; table < 2; ++table) {
          bucket_fixture &buckets = table == 0 ? first : second;
          for (std::uint32_t position = begin; position < end; ++position) {
            if (buckets.within(query.data() + table * n_words, position, limit)) {
              expected.emplace_back(static_cast<std::uint32_t>(probes.size()), position);
            }
          }
          probes.push_back({begin, end, table, limit});
        }
      }
      for (const std::size_t capacity : {std::size_t{16}, std::size_t{37}, std::size_t{2000}}) {
        position_pairs found;
        std::vector<bucket_hit> hits(capacity);
        probe_cursor cursor;
        while (cursor.probe < probes.size()) {
          const bucket_probes all{tables, query.data(), n_words, probes.data(), probes.size()};
          const std::size_t count = kernels().probe(all, &cursor, hits.data(), capacity);
          ASSERT_LE(count, capacity);
          for (std::size_t i = 0; i < count; ++i) {
            found.emplace_back(hits[i].source, hits[i].position);
          }
        }
        ASSERT_EQ(found, expected) << n_words << " words, limit " << limit << ", capacity " << capacity;
      }
    }
  }
}

TEST_P(BucketKernels, VisitEqualsTheDefinition) {
  random_source random(5);
  for (std::uint32_t n_words = 1; n_words <= max_inline_words; ++n_words) {
    bucket_fixture buckets(301, n_words);
    for (const std::size_t n_visitors : {1U, 2U, 5U}) {
      std::vector<std::uint32_t> queries(n_visitors * n_words, 0);
      for (std::size_t w = n_words; w < queries.size(); ++w) {
        queries[w] = static_cast<std::uint32_t>(random.next() & random.next() & random.next());
      }
      for (const std::uint32_t limit : {0U, 3U, 31U, over_a_byte, any_distance}) {
        for (const auto &[begin, end] : bucket_places) {
          position_pairs expected;
          for (std::uint32_t v = 0; v < n_visitors; ++v) {
            for (std::uint32_t position = begin; position < end; ++position) {
              if (buckets.within(queries.data() + v * n_words, position, limit)) {
                expected.emplace_back(v, position);
              }
            }
          }
          std::sort(expected.begin(), expected.end());
          for (const std::size_t capacity : {2 * bucket_lanes * n_visitors, std::size_t{3000}}) {
            position_pairs found;
            std::vector<bucket_hit> hits(capacity);
            std::uint32_t position = begin;
            while (position < end) {
              const bucket_visitors all{buckets.words.data(), n_words, end, queries.data(), n_visitors, limit};
              const std::size_t count = kernels().visit(all, &position, hits.data(), capacity);
              ASSERT_LE(count, capacity);
              for (std::size_t i = 0; i < count; ++i) {
                found.emplace_back(hits[i].source, hits[i].position);
              }
            }
            std::sort(found.begin(), found.end());
            ASSERT_EQ(found, expected) << n_words << " words, limit " << limit << ", from " << begin;
          }
        }
      }
    }
  }
}

// Lines of any contents, some near the codes 0 and 1, and what visits of them find, by the definition.
struct line_fixture {
  static constexpr std::uint32_t n_lines = 128;

  line_fixture() : words(std::size_t{n_lines} * words_of_line) {
    random_source random(11);
    for (std::uint32_t &word : words) {
      word = static_cast<std::uint32_t>(random.next());
    }
    for (std::uint32_t line = 0; line < n_lines; ++line) {
      std::uint32_t *own = &words[std::size_t{line} * words_of_line];
      if (line % 3 == 0) {
        std::fill_n(own, words_of_line - 1, line % 2 == 0 ? 0U : 1U << (line % 32));
      }
      // 0 to 7 rows, one more than there can be; every other line goes on in another, a smaller one at times.
      own[words_of_line - 1] = (line % 2 == 0 ? 0U : (line % 5 == 0 ? line / 2 : line * 4'000'001U) << 3) | line % 8;
    }
  }

  std::uint32_t next_of(std::uint32_t line) const { return words[(line + 1) * words_of_line - 1] >> 3; }
  bool within(std::uint32_t line, std::uint32_t row, std::uint64_t low, std::uint32_t high,
              std::uint32_t limit) const {
    const auto *bytes = reinterpret_cast<const unsigned char *>(&words[std::size_t{line} * words_of_line]);
    int distance = 0;
    for (std::size_t byte = 0; byte < 8; ++byte) {
      distance += std::popcount(static_cast<unsigned>(bytes[8 * row + byte] ^ (low >> (8 * byte) & 0xff)));
    }
    for (std::size_t byte = 0; byte < 2; ++byte) {
      distance += std::popcount(static_cast<unsigned>(bytes[48 + 2 * row + byte] ^ (high >> (8 * byte) & 0xff)));
    }
    return row < (words[(line + 1) * words_of_line - 1] & 7U) && static_cast<std::uint32_t>(distance) <= limit;
  }

  aligned_vector<std::uint32_t> words;
};

// What is found of lines, and room for it.
struct line_results {
  explicit line_results(std::size_t n_visits) : hits(rows_of_line * n_visits), more(n_visits) {}

  static position_pairs pairs(const std::vector<bucket_hit> &from, std::size_t n) {
    position_pairs pairs;
    for (std::size_t i = 0; i < n; ++i) {
      pairs.emplace_back(from[i].source, from[i].position);
    }
    return pairs;
  }

  // By the definition.
  void expect(const line_fixture &table, std::uint32_t line, std::uint32_t source, std::uint64_t low,
              std::uint32_t high, std::uint32_t limit) {
    for (std::uint32_t row = 0; row < rows_of_line; ++row) {
      if (table.within(line, row, low, high, limit)) {
        expected.emplace_back(source, line * rows_of_line + row);
      }
    }
    if (table.next_of(line) > line) {
      expected_more.emplace_back(source, table.next_of(line));
    }
  }
  void compare(std::size_t n_hits) const {
    EXPECT_EQ(pairs(hits, n_hits), expected);
    EXPECT_EQ(pairs(more, n_more), expected_more);
  }

  std::vector<bucket_hit> hits;
  std::vector<bucket_hit> more;
  std::size_t n_more = 0;
  position_pairs expected;
  position_pairs expected_more;
};

TEST_P(BucketKernels, ProbesOfLinesEqualTheDefinition) {
  const line_fixture table;
  random_source random(13);
  for (const std::uint32_t n : {1U, 5U, 64U, 100U}) {
    std::vector<std::uint32_t> masks(n + 3);
    for (std::uint32_t &mask : masks) {
      mask = static_cast<std::uint32_t>(random.below(table.n_lines));
    }
    for (const std::uint32_t limit : {0U, 3U, 31U, 32U, 40U, any_distance}) {
      const std::uint64_t low = limit % 2 == 0 ? random.next() : 1;
      const auto high = static_cast<std::uint32_t>(random.next() << 16 | 2U);  // the upper half does not count
      const std::uint32_t flip = 77;
      line_results results(n);
      for (std::uint32_t i = 0; i < n; ++i) {
        results.expect(table, masks[i] ^ flip, 0, low, high, limit);
      }
      // Lines that are wanted next: of two tables, and they come to an end.
      const std::array<wanted_lines, 2> wanted{{{table.words.data(), 3, n}, {table.words.data(), 4, 2}}};
      line_cursor ahead{masks.data(), wanted.data(), wanted.data() + wanted.size(), n - 1};
      const line_probes probes{table.words.data(), masks.data(), n, flip, limit, {&low, &high}, &ahead};
      results.compare(kernels().probe_lines(probes, results.hits.data(), results.more.data(), &results.n_more));
      ASSERT_EQ(ahead.table - wanted.data(), n == 1 ? 1 : 2);  // n lines on
    }
  }
}

TEST_P(BucketKernels, VisitsOfLinesEqualTheDefinition) {
  const line_fixture table;
  random_source random(17);
  std::vector<std::uint64_t> low(100);
  std::vector<std::uint32_t> high(low.size());
  for (std::size_t i = 0; i < low.size(); ++i) {
    low[i] = i % 2 == 0 ? i % 4 : random.next();
    high[i] = static_cast<std::uint32_t>(random.below(64) << 16 | (i % 2 == 0 ? 0 : random.below(65536)));
  }
  const std::vector<std::uint32_t> flips{0, 5, 63, 32};
  const std::vector<line_visitors> visitors{{0, 1, 0, 4, 0}, {1, 70, 9, 3, 2}, {71, 0, 1, 4, 1}, {90, 10, 40, 4, 4}};
  // The largest limit of the flips comes first.
  for (const auto &[first_line, limits] : {std::pair{0U, std::vector<std::uint32_t>{any_distance, 31, 7, 4}},
                                           std::pair{64U, std::vector<std::uint32_t>{17, 16, 16, 15}}}) {
    line_results results(4 * low.size());
    for (const line_visitors &each : visitors) {
      for (std::uint32_t f = 0; f < each.n_flips; ++f) {
        for (std::uint32_t q = each.first; q < each.first + each.n; ++q) {
          results.expect(table, first_line + (high[q] >> 16 ^ flips[f] ^ each.flip), q, low[q], high[q],
                         limits[f] - each.weight);
        }
      }
    }
    const line_visits visits{table.words.data(), first_line,         {low.data(), high.data()},
                             flips.data(),       limits.data(),      visitors.data(),
                             visitors.size(),    table.words.data(), 5};
    results.compare(kernels().visit_lines(visits, results.hits.data(), results.more.data(), &results.n_more));
  }
}

TEST_P(BucketKernels, FurtherLinesEqualTheDefinition) {
  const line_fixture table;
  random_source random(19);
  const std::vector<std::uint64_t> low{0, random.next(), 1};
  const std::vector<std::uint32_t> high{0, 0xfff0U, 0x7ffff};
  for (const std::uint32_t limit : {0U, 31U, any_distance}) {
    line_results results(50);
    for (bucket_hit &line : results.more) {
      // Some behind the last line, as a damaged file may say.
      line = {static_cast<std::uint32_t>(random.below(3)),
              static_cast<std::uint32_t>(random.below(2 * table.n_lines))};
      if (line.position < table.n_lines) {
        results.expect(table, line.position, line.source, low[line.source], high[line.source], limit);
      }
    }
    results.n_more = results.more.size();
    const further_lines lines{table.words.data(), table.n_lines, {low.data(), high.data()}, limit};
    results.compare(kernels().follow_lines(lines, results.hits.data(), results.more.data(), &results.n_more));
  }
}

// Entries in buckets of sizes 0, 1, .. 9 and rows that look them up, with what is near by the definition.
struct lookup_fixture {
  static constexpr std::uint32_t n_buckets = 10;

  lookup_fixture(std::uint32_t width, std::uint32_t substring, std::uint32_t first_word)
      : words(width), place(substring), first_compared(first_word), rows(random_rows(61, width, 3)) {
    for (std::size_t r = 0; r < n_rows(); ++r) {
      const auto bucket = static_cast<std::uint16_t>(r % n_buckets);
      std::memcpy(reinterpret_cast<char *>(&rows[r * words]) + place * sizeof bucket, &bucket, sizeof bucket);
    }
    starts.assign((std::size_t{1} << 16) + 1, n_buckets * (n_buckets - 1) / 2);
    for (std::uint32_t bucket = 0; bucket < n_buckets; ++bucket) {
      starts[bucket] = bucket * (bucket - 1) / 2;
    }
    random_source random(7);
    for (std::size_t entry = 0; entry < starts.back(); ++entry) {
      const std::size_t row = random.next() % n_rows();
      entries.push_back(rows[row * words + first_compared] ^ (std::uint64_t{1} << (entry % 64)));
      entries.push_back(rows[row * words + first_compared + 1] ^ (entry % 5 == 0 ? 0xffffU : 0U));
    }
    entries.resize(entries.size() + 2 * entries_of_step, 0);  // near some rows, but in no bucket
  }
  std::size_t n_rows() const { return rows.size() / words; }

  position_pairs defined(std::uint32_t limit) const {
    position_pairs near;
    for (std::size_t r = 0; r < n_rows(); ++r) {
      const std::size_t bucket = r % n_buckets;
      for (std::uint32_t entry = starts[bucket]; entry < starts[bucket + 1]; ++entry) {
        if (hamming_distance(&rows[r * words + first_compared], &entries[entry * 2], 2) <= limit) {
          near.emplace_back(static_cast<std::uint32_t>(r), entry);
        }
      }
    }
    return near;
  }

  position_pairs found(const distance_kernels &kernels, std::uint32_t limit, std::size_t capacity,
                       std::uint64_t max_steps) const {
    position_pairs near;
    std::vector<bucket_hit> hits(capacity);
    const query_table table{starts.data(), entries.data(), place, first_compared, limit, max_steps};
    lookup_cursor cursor;
    while (cursor.row < n_rows()) {
      const std::size_t count = kernels.look_up(table, rows.data(), n_rows(), words, &cursor, hits.data(), capacity);
      EXPECT_LE(count, capacity);
      for (std::size_t i = 0; i < count; ++i) {
        near.emplace_back(hits[i].source, hits[i].position);
      }
    }
    return near;
  }

  std::uint32_t words;
  std::uint32_t place;
  std::uint32_t first_compared;
  std::vector<std::uint64_t> rows;
  std::vector<std::uint32_t> starts;
  std::vector<std::uint64_t> entries;
};

TEST_P(LookupKernels, LookUpEqualsTheDefinition) {
  for (const std::uint32_t place : {0U, 1U, 4 * words() - 1}) {
    for (const std::uint32_t first_word : {0U, words() - 2}) {
      const lookup_fixture fixture(words(), place, first_word);
      for (const std::uint32_t limit : {0U, 1U, 17U, 60U, 128U}) {
        const position_pairs expected = fixture.defined(limit);
        for (const std::size_t capacity : {std::size_t{entries_of_step}, std::size_t{7}, std::size_t{1000}}) {
          for (const std::uint64_t max_steps : {0U, 5U, 1000U}) {  // it stops, and goes on when called again
            ASSERT_EQ(fixture.found(kernels(), limit, capacity, max_steps), expected)
                << "place " << place << ", word " << first_word << ", limit " << limit << ", capacity " << capacity;
          }
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, BucketKernels, testing::ValuesIn(test::architecture_sets),
                         [](const auto &parameters) { return std::string(instruction_set_name(parameters.param)); });

// Codes of one word have no two that could be compared.
INSTANTIATE_TEST_SUITE_P(All, LookupKernels,
                         testing::Combine(testing::ValuesIn(test::architecture_sets),
                                          testing::Values(2U, 3U, 4U, 5U, 7U, 8U, 9U, 16U, 31U, 32U)),
                         [](const auto &parameters) {
                           return std::string(instruction_set_name(std::get<0>(parameters.param))) + "_" +
                                  std::to_string(std::get<1>(parameters.param) * 64);
                         });

}  // namespace
}  // namespace libmatch::detail
