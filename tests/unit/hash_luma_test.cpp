#include "hash/luma.h"

#include <gtest/gtest.h>

#include <vector>

#include "hash/pdq_steps.h"

namespace libmatch::detail {

namespace {

TEST(Luma, IsAFloatThatIsNotRounded) {
  EXPECT_EQ(luma(0, 0, 0), 0.0F);
  EXPECT_EQ(luma(255, 255, 255), 255.0F);
  EXPECT_EQ(luma(255, 0, 0), 76.2449951F);
  EXPECT_EQ(luma(0, 255, 0), 149.684998F);
  EXPECT_EQ(luma(0, 0, 255), 29.0699997F);
  EXPECT_EQ(luma(1, 2, 3), 1.81500006F);
  EXPECT_EQ(luma(200, 100, 50), 124.199997F);
}

TEST(Luma, AlphaIsLaidOverWhite) {
  EXPECT_EQ(over_white(0, 0), 255);
  EXPECT_EQ(over_white(200, 0), 255);
  EXPECT_EQ(over_white(0, 255), 0);
  EXPECT_EQ(over_white(200, 255), 200);
  EXPECT_EQ(over_white(100, 128), 177);  // 45312 / 255 = 177.7: 127 is added before the division
  EXPECT_EQ(over_white(0, 1), 254);
  EXPECT_EQ(over_white(255, 77), 255);
}

TEST(Luma, OfEveryFormatSkipsThePadding) {
  const std::vector<std::uint8_t> gray = {10, 20, 99, 30, 40};
  EXPECT_EQ(luma_of({gray.data(), 2, 2, 3, LM_PIXEL_GRAY8}).values,
            (std::vector<float>{luma(10, 10, 10), luma(20, 20, 20), luma(30, 30, 30), luma(40, 40, 40)}));
  const std::vector<std::uint8_t> rgb = {1, 2, 3, 99, 99, 200, 100, 50};
  EXPECT_EQ(luma_of({rgb.data(), 1, 2, 5, LM_PIXEL_RGB8}).values, (std::vector<float>{1.81500006F, 124.199997F}));
  const std::vector<std::uint8_t> rgba = {200, 100, 50, 255, 200, 100, 50, 0};
  EXPECT_EQ(luma_of({rgba.data(), 2, 1, 8, LM_PIXEL_RGBA8}).values, (std::vector<float>{124.199997F, 255.0F}));
  const std::vector<std::uint8_t> half = {100, 55, 255, 128};
  // 177, 155 and 255 after white shows through.
  EXPECT_EQ(luma_of({half.data(), 1, 1, 4, LM_PIXEL_RGBA8}).values, (std::vector<float>{172.977997F}));
}

TEST(Luma, OfGrayEqualsThatOfThreeEqualChannels) { EXPECT_EQ(luma(77, 77, 77), 77.0F); }

}  // namespace

}  // namespace libmatch::detail
