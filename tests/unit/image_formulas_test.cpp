#include "image/formulas.h"

#include <gtest/gtest.h>

namespace libmatch::detail {
namespace {

TEST(ImageFormulas, SixteenToEightBitsRoundsToNearest) {
  EXPECT_EQ(sixteen_to_eight_bits(0), 0);
  EXPECT_EQ(sixteen_to_eight_bits(128), 0);
  EXPECT_EQ(sixteen_to_eight_bits(129), 1);
  EXPECT_EQ(sixteen_to_eight_bits(257), 1);
  EXPECT_EQ(sixteen_to_eight_bits(385), 1);
  EXPECT_EQ(sixteen_to_eight_bits(386), 2);
  EXPECT_EQ(sixteen_to_eight_bits(32767), 127);
  EXPECT_EQ(sixteen_to_eight_bits(32768), 128);
  EXPECT_EQ(sixteen_to_eight_bits(65406), 254);
  EXPECT_EQ(sixteen_to_eight_bits(65407), 255);
  EXPECT_EQ(sixteen_to_eight_bits(65535), 255);
}

TEST(ImageFormulas, SixteenToEightBitsUndoesEightToSixteen) {
  for (std::uint32_t value = 0; value < 256; ++value) {
    EXPECT_EQ(sixteen_to_eight_bits(value * 257), value);
  }
}

TEST(ImageFormulas, AlphaOverWhite) {
  EXPECT_EQ(over_white(0, 0), 255);
  EXPECT_EQ(over_white(0, 1), 254);
  EXPECT_EQ(over_white(0, 127), 128);
  EXPECT_EQ(over_white(0, 254), 1);
  EXPECT_EQ(over_white(0, 255), 0);
  EXPECT_EQ(over_white(100, 0), 255);
  EXPECT_EQ(over_white(100, 1), 254);
  EXPECT_EQ(over_white(100, 127), 178);
  EXPECT_EQ(over_white(100, 254), 101);
  EXPECT_EQ(over_white(100, 255), 100);
  EXPECT_EQ(over_white(255, 0), 255);
  EXPECT_EQ(over_white(255, 1), 255);
  EXPECT_EQ(over_white(255, 127), 255);
}

TEST(ImageFormulas, InkUnderBlack) {
  EXPECT_EQ(ink_under_black(255, 255), 255);
  EXPECT_EQ(ink_under_black(255, 0), 0);
  EXPECT_EQ(ink_under_black(200, 255), 200);
  EXPECT_EQ(ink_under_black(128, 128), 64);
  EXPECT_EQ(ink_under_black(127, 1), 0);
  EXPECT_EQ(ink_under_black(128, 1), 1);
}

TEST(ImageFormulas, BlendsInPlace) {
  std::uint8_t pixels[8] = {10, 20, 30, 255, 100, 0, 255, 127};
  blend_over_white(pixels, 2, pixels);
  EXPECT_EQ(pixels[0], 10);
  EXPECT_EQ(pixels[1], 20);
  EXPECT_EQ(pixels[2], 30);
  EXPECT_EQ(pixels[3], 178);
  EXPECT_EQ(pixels[4], 128);
  EXPECT_EQ(pixels[5], 255);
}

}  // namespace
}  // namespace libmatch::detail
