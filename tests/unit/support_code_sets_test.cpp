// The codes that tests and benchmarks are made with: the same everywhere, and like those of real images.
#include "support/code_sets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "support/code_rates.h"

namespace {

using libmatch::test::code_rates;
using libmatch::test::code_set_names;
using libmatch::test::make_codes;
using libmatch::test::measure_rates;
using libmatch::test::set_code_bytes;

// FNV-1a of 64 bits.
std::uint64_t checksum(const std::vector<std::uint8_t> &bytes) {
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const std::uint8_t byte : bytes) {
    sum = (sum ^ byte) * 0x100000001b3;
  }
  return sum;
}

// How often each code is there, most first.
std::vector<std::size_t> multiplicities(const std::vector<std::uint8_t> &codes) {
  std::map<std::string_view, std::size_t> counts;
  for (std::size_t i = 0; i < codes.size(); i += set_code_bytes) {
    ++counts[std::string_view(reinterpret_cast<const char *>(&codes[i]), set_code_bytes)];
  }
  std::vector<std::size_t> all;
  for (const auto &[code, count] : counts) {
    all.push_back(count);
  }
  std::sort(all.rbegin(), all.rend());
  return all;
}

TEST(CodeSets, AreTheSameOnEveryMachine) {
  const std::map<std::string_view, std::uint64_t> expected{
      {"random", 0x3be65683cf59378d}, {"planted", 0x8da85d6108a20512}, {"pictures", 0x91df9804668a1544},
      {"hot", 0xac5b8ab1b04513f6},    {"plain", 0xc0caca13bb84ec0},    {"repeated", 0xac193911a171eae2}};
  ASSERT_EQ(expected.size(), code_set_names().size());
  for (const std::string_view set : code_set_names()) {
    EXPECT_EQ(checksum(make_codes(set, 500, 7)), expected.at(set)) << set;
  }
}

TEST(CodeSets, DependOnTheirSeed) {
  for (const std::string_view set : code_set_names()) {
    EXPECT_NE(make_codes(set, 50, 1), make_codes(set, 50, 2)) << set;
  }
}

TEST(CodeSets, DoNotDependOnTheNumberOfThreads) {
  for (const std::string_view set : code_set_names()) {
    EXPECT_EQ(make_codes(set, 100, 1), make_codes(set, 100, 1, 3)) << set;
  }
}

TEST(CodeSets, OfAnotherNameAreRefused) { EXPECT_THROW(make_codes("rnadom", 1, 1), std::invalid_argument); }

// Of 16,546 codes of unrelated real images (docs/decisions/004-exact-search.md): standard deviation 8.38, survivors
// 1.23e-3 in natural order and 5.8e-4 as permuted, candidates 1.63 and 1.03 times those of random codes.
TEST(CodeSets, OfPicturesAreSpreadAsThoseOfRealImages) {
  const code_rates rates = measure_rates(make_codes("pictures", 3000, 1), 3000, -1);
  EXPECT_EQ(rates.within_31, 0);
  EXPECT_NEAR(rates.mean_distance, 127.9, 0.3);
  EXPECT_NEAR(rates.standard_deviation, 8.4, 0.2);
  EXPECT_NEAR(rates.natural.prefix_survivors, 1.25e-3, 0.25e-3);
  EXPECT_NEAR(rates.permuted.prefix_survivors, 4.8e-4, 1e-4);
  EXPECT_NEAR(rates.natural.candidates, 1.67, 0.15);
  EXPECT_NEAR(rates.permuted.candidates, 1.03, 0.06);
}

TEST(CodeSets, OfRandomCodesAreIndependent) {
  const code_rates rates = measure_rates(make_codes("random", 3000, 1), 3000, -1);
  EXPECT_NEAR(rates.mean_distance, 128, 0.05);
  EXPECT_NEAR(rates.standard_deviation, 8, 0.05);
  EXPECT_NEAR(rates.permuted.prefix_survivors, 3.4e-4, 0.3e-4);
  EXPECT_NEAR(rates.permuted.candidates, 1, 0.03);
}

TEST(CodeSets, ThatAreHotHoldClustersAndEqualCodes) {
  const std::vector<std::uint8_t> codes = make_codes("hot", 3000, 1);
  EXPECT_GT(measure_rates(codes, 3000, -1).within_31, 0.005);
  EXPECT_GT(multiplicities(codes).front(), 30U);
}

TEST(CodeSets, OfPlainImagesLieTogether) { EXPECT_GT(multiplicities(make_codes("plain", 3000, 1)).front(), 20U); }

TEST(CodeSets, ThatRepeatHoldOneCodeManyTimes) {
  const std::vector<std::size_t> counts = multiplicities(make_codes("repeated", 3000, 1));
  EXPECT_EQ(counts.at(0), 30U);
  EXPECT_EQ(counts.at(1), 1U);
}

}  // namespace
