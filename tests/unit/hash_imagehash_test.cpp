#include "hash/imagehash.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "support/hex.h"

namespace libmatch::detail {

namespace {

small_plane plane_of(std::size_t width, std::size_t height, std::uint8_t value) {
  return {width, height, std::vector<std::uint8_t>(width * height, value)};
}

std::string hex(const std::vector<std::uint8_t> &code) { return test::hex_of(code.data(), code.size()); }

TEST(AverageBits, OnlyWhatIsAboveTheMean) {
  small_plane plane = plane_of(8, 8, 10);
  EXPECT_EQ(hex(average_bits(plane, 8)), "0000000000000000");  // all equal it
  plane.pixels[0] = 11;
  EXPECT_EQ(hex(average_bits(plane, 8)), "8000000000000000");
  plane.pixels[63] = 200;  // the mean is now near 13
  EXPECT_EQ(hex(average_bits(plane, 8)), "0000000000000001");
}

TEST(AverageBits, SixteenASide) {
  small_plane plane = plane_of(16, 16, 0);
  plane.pixels[17] = 1;
  EXPECT_EQ(hex(average_bits(plane, 16)), "00004000" + std::string(56, '0'));
}

TEST(DifferenceBits, LighterThanTheLeftNeighbour) {
  small_plane plane = plane_of(9, 8, 5);
  EXPECT_EQ(hex(difference_bits(plane, 8)), "0000000000000000");
  plane.pixels[0] = 4;          // row 0: the second pixel is lighter than the first
  plane.pixels[7 * 9] = 6;      // row 7: darker
  plane.pixels[3 * 9 + 8] = 6;  // row 3: the last is lighter
  EXPECT_EQ(hex(difference_bits(plane, 8)), "8000000100000000");
}

// A flat image has one frequency, the constant one; all others are zero, and so is their median.
TEST(FrequencyBits, OfAFlatImageIsTheConstantOne) {
  for (const std::uint8_t value : {std::uint8_t{1}, std::uint8_t{77}, std::uint8_t{255}}) {
    EXPECT_EQ(hex(frequency_bits(plane_of(32, 32, value), 8)), "8000000000000000");
    EXPECT_EQ(hex(frequency_bits(plane_of(64, 64, value), 16)), "8" + std::string(63, '0'));
  }
  EXPECT_EQ(hex(frequency_bits(plane_of(32, 32, 0), 8)), "0000000000000000");
}

// Darker to the right: of the horizontal frequencies 0, 1 and 5 are positive, 3 and 7 negative, the others zero.
TEST(FrequencyBits, OfAnEdgeAreInTheFirstRow) {
  small_plane plane = plane_of(32, 32, 0);
  for (std::size_t i = 0; i < plane.pixels.size(); ++i) {
    plane.pixels[i] = i % 32 < 16 ? 200 : 0;
  }
  EXPECT_EQ(hex(frequency_bits(plane, 8)), "c400000000000000");
}

TEST(QuarterCosine, IsTheCosine) {
  ASSERT_EQ(quarter_cosine().size(), 65U);
  EXPECT_EQ(quarter_cosine()[0], std::int64_t{1} << 40);
  EXPECT_EQ(quarter_cosine()[64], 0);
  for (std::size_t m = 0; m < 65; ++m) {
    const double exact = std::ldexp(std::cos(std::numbers::pi * static_cast<double>(m) / 128), 40);
    EXPECT_NEAR(static_cast<double>(quarter_cosine()[m]), exact, 0.501) << m;
  }
}

TEST(Imagehash, KnowsItsHashes) {
  for (lm_hash hash = LM_HASH_AHASH64; hash <= LM_HASH_PHASH256; ++hash) {
    EXPECT_TRUE(is_imagehash(hash));
  }
  EXPECT_FALSE(is_imagehash(LM_HASH_PDQ256));
  EXPECT_FALSE(is_imagehash(LM_HASH_CODE));
}

}  // namespace

}  // namespace libmatch::detail
