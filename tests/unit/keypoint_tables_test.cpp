#include "search/keypoint_tables.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "distance/dispatch.h"
#include "search/keypoint_bits.h"
#include "support/random_codes.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

constexpr std::uint32_t words = keypoint_codes::words;

bool is_set(const std::uint64_t *code, std::size_t bit) { return (code[bit / 64] >> (bit % 64) & 1U) != 0; }

TEST(KeyBits, AreDifferentAndLeaveOutWhatIsUneven) {
  std::vector<std::uint64_t> rows = random_rows(2000, words, 1);
  // Bits 0 to 63 are set in one code of four, bit 64 in none.
  const std::vector<std::uint64_t> other = random_rows(2000, words, 2);
  for (std::size_t r = 0; r < 2000; ++r) {
    rows[r * words] &= other[r * words];
    rows[r * words + 1] &= ~std::uint64_t{1};
  }
  const std::vector<std::uint8_t> bits = choose_key_bits(rows.data(), 2000, 7, 24);
  const std::set<std::uint8_t> different(bits.begin(), bits.end());
  EXPECT_EQ(different.size(), 168U);
  EXPECT_GT(*different.begin(), 64);
}

TEST(KeyBits, ThatDependOnEachOtherGoToDifferentTables) {
  // Bit k + 128 is a copy of bit k.
  std::vector<std::uint64_t> rows = random_rows(4000, words, 3);
  for (std::size_t r = 0; r < 4000; ++r) {
    rows[r * words + 2] = rows[r * words];
    rows[r * words + 3] = rows[r * words + 1];
  }
  const std::vector<std::uint8_t> bits = choose_key_bits(rows.data(), 4000, 7, 24);
  for (std::size_t t = 0; t < 7; ++t) {
    std::set<int> originals;
    for (std::size_t i = 0; i < 24; ++i) {
      originals.insert(bits[t * 24 + i] % 128);
    }
    EXPECT_EQ(originals.size(), 24U) << "table " << t;
  }
}

TEST(KeyBits, OfOneCodeOrEqualOnesAreBitsAllTheSame) {
  const std::vector<std::uint64_t> zeros(100 * words);
  for (const std::size_t n : {std::size_t{1}, std::size_t{100}}) {
    const std::vector<std::uint8_t> bits = choose_key_bits(zeros.data(), n, 7, 24);
    EXPECT_EQ(std::set<std::uint8_t>(bits.begin(), bits.end()).size(), 168U);
  }
}

TEST(KeypointTables, EveryRowIsInItsBucketOfEachTable) {
  thread_pool threads(2);
  for (const std::size_t n : {std::size_t{1}, std::size_t{511}, std::size_t{5000}}) {
    const std::vector<std::uint64_t> rows = random_rows(n, words, n);
    const owned_keypoint_tables made = build_keypoint_tables(rows.data(), n, threads);
    const keypoint_table_layout &layout = made.layout;
    ASSERT_LE(layout.tables * layout.width, 256U);
    for (std::uint32_t t = 0; t < layout.tables; ++t) {
      std::vector<std::vector<std::uint32_t>> expected(layout.buckets());
      for (std::uint32_t r = 0; r < n; ++r) {
        std::uint32_t name = 0;
        for (std::uint32_t i = 0; i < layout.width; ++i) {
          name |= (is_set(&rows[r * words], layout.table_places(t)[i]) ? 1U : 0U) << i;
        }
        EXPECT_EQ(keypoint_bucket_of(layout, &rows[r * words], t), name);
        expected[name].push_back(r);
      }
      for (std::size_t b = 0; b < layout.buckets(); ++b) {
        const std::uint32_t *starts = layout.table_starts(t) + b;
        const std::uint32_t *held = layout.table_rows(t);
        ASSERT_EQ(std::vector<std::uint32_t>(held + starts[0], held + starts[1]), expected[b]);
      }
    }
  }
}

TEST(KeypointTables, TakeSevenKilobytesAReferenceAtMost) {
  for (const std::size_t references : {std::size_t{350}, std::size_t{10'000}, std::size_t{300'000},
                                       std::size_t{1'000'000}, std::size_t{20'000'000}}) {
    const std::size_t codes = references * 200;
    ASSERT_TRUE(keypoint_tables_pay(codes));
    EXPECT_LE(keypoint_table_bytes(plan_keypoint_tables(codes)), references * 7000) << references;
  }
}

// Equal codes share every bucket, so that all but the first would be compared for nothing.
TEST(KeypointTables, OfACrowdedBucketTheFirstRowsAreCompared) {
  constexpr std::size_t n = 3000;
  std::vector<std::uint64_t> rows = random_rows(n, words, 7);
  for (std::size_t r = 1000; r < n; ++r) {
    std::copy_n(&rows[999 * words], words, &rows[r * words]);
  }
  thread_pool threads(1);
  const owned_keypoint_tables made = build_keypoint_tables(rows.data(), n, threads);
  const std::array<std::uint32_t, 2> starts{0, n};
  keypoint_codes codes;
  codes.rows = rows.data();
  codes.size = n;
  codes.starts = starts;
  codes.tables = &made.layout;
  std::vector<keypoint_hit> hits;
  look_up_keypoints(codes, &rows[999 * words], 0, 1, {}, fastest_kernels(), hits);
  ASSERT_EQ(hits.size(), max_rows_of_bucket);
  for (std::size_t i = 0; i < hits.size(); ++i) {
    EXPECT_EQ(hits[i].row, 999 + i);
    EXPECT_EQ(hits[i].distance, 0U);
  }
}

// 100 crowded buckets beside the code's own: it stops asking after 8,192 candidates, and still finds its own copy.
TEST(KeypointTables, ACodeStopsAskingAfterSoManyCandidates) {
  constexpr std::size_t copies = 300;
  thread_pool threads(1);
  // Codes that differ from the first in one bit each, many times over.
  std::vector<std::uint64_t> rows = random_rows(1, words, 8);
  for (std::size_t bit = 0; bit < 256; ++bit) {
    std::vector<std::uint64_t> changed(rows.begin(), rows.begin() + words);
    changed[bit / 64] ^= std::uint64_t{1} << (bit % 64);
    for (std::size_t i = 0; i < copies; ++i) {
      rows.insert(rows.end(), changed.begin(), changed.end());
    }
  }
  const std::size_t n = rows.size() / words;
  const owned_keypoint_tables made = build_keypoint_tables(rows.data(), n, threads);
  const std::array<std::uint32_t, 2> starts{0, static_cast<std::uint32_t>(n)};
  keypoint_codes codes;
  codes.rows = rows.data();
  codes.size = n;
  codes.starts = starts;
  codes.tables = &made.layout;
  std::vector<keypoint_hit> hits;
  keypoint_search_options options;
  options.max_pairs_of_code = 1'000'000;
  look_up_keypoints(codes, rows.data(), 0, 1, options, fastest_kernels(), hits);
  EXPECT_LE(hits.size(), max_candidates_of_code);
  ASSERT_FALSE(hits.empty());
  EXPECT_EQ(hits[0].row, 0U);
}

}  // namespace
