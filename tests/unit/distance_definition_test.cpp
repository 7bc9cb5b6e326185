#include "distance/definition.h"

#include <gtest/gtest.h>

namespace libmatch::detail {
namespace {

TEST(HammingDistance, CountsDifferingBits) {
  const std::uint64_t zero[4] = {0, 0, 0, 0};
  const std::uint64_t one_a_word[4] = {1, 2, 4, 0x8000000000000000ULL};
  const std::uint64_t ones[4] = {~0ULL, ~0ULL, ~0ULL, ~0ULL};
  EXPECT_EQ(hamming_distance(zero, zero, 4), 0U);
  EXPECT_EQ(hamming_distance(zero, one_a_word, 4), 4U);
  EXPECT_EQ(hamming_distance(one_a_word, ones, 4), 252U);
  EXPECT_EQ(hamming_distance(zero, ones, 4), 256U);
  EXPECT_EQ(hamming_distance(zero, ones, 1), 64U);
}

TEST(HammingDistance, CountsBitsOfEveryByte) {
  const std::uint64_t a = 0x00ff0f0f33335555ULL;
  const std::uint64_t b = 0x0000000000000000ULL;
  EXPECT_EQ(hamming_distance(&a, &b, 1), 32U);  // 8 + 4 + 4 + 4 + 4 + 4 + 4
}

TEST(SquaredDistance, AddsTheSquaresOfTheDifferencesOfBytes) {
  const std::uint64_t zero[2] = {0, 0};
  const std::uint64_t some[2] = {0x0000000000000a03ULL, 0x0200000000000000ULL};
  const std::uint64_t ones[2] = {~0ULL, ~0ULL};
  EXPECT_EQ(squared_distance(some, some, 2), 0U);
  EXPECT_EQ(squared_distance(zero, some, 2), 113U);  // 9 + 100 + 4
  EXPECT_EQ(squared_distance(some, zero, 2), 113U);
  EXPECT_EQ(squared_distance(zero, ones, 2), 1040400U);  // 16 x 255 x 255
  EXPECT_EQ(squared_distance(some, ones, 2), 1032863U);
}

}  // namespace
}  // namespace libmatch::detail
