#include "hash/pdq_steps.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "hash/pdq.h"
#include "support/hex.h"

namespace libmatch::detail {

namespace {

using values = std::vector<float>;

values filtered(const values &input, std::size_t window) {
  values output(input.size());
  box_filter(input.data(), output.data(), input.size(), 1, window);
  return output;
}

TEST(BoxFilter, WindowOfOneReturnsSmallIntegers) { EXPECT_EQ(filtered({1, 2, 3, 4, 5}, 1), (values{1, 2, 3, 4, 5})); }

TEST(BoxFilter, EvenWindowsReachFurtherAhead) {
  EXPECT_EQ(filtered({1, 2, 3, 4, 5}, 2), (values{1.5F, 2.5F, 3.5F, 4.5F, 5}));
  EXPECT_EQ(filtered({1, 2, 3, 4, 5}, 4), (values{2, 2.5F, 3.5F, 4, 4.5F}));
}

TEST(BoxFilter, OddWindowsAreCentredAndShrinkAtBothEnds) {
  EXPECT_EQ(filtered({1, 2, 3, 4, 8}, 3), (values{1.5F, 2, 3, 5, 6}));
  EXPECT_EQ(filtered({1, 2, 3, 4, 8}, 5), (values{2, 2.5F, 3.5999999F, 4.25F, 5}));
}

// 2^24 + 1 rounds to 2^24, so the new value is lost when the old one is taken away: (sum + right) - left.
TEST(BoxFilter, AddsBeforeItSubtracts) { EXPECT_EQ(filtered({16777216, 1, 3}, 1), (values{16777216, 0, 2})); }

TEST(BoxFilter, TakesValuesThatStandApart) {
  const values input = {1, -9, 2, -9, 6};
  values output(5, 7.0F);
  box_filter(input.data(), output.data(), 3, 2, 2);
  EXPECT_EQ(output, (values{1.5F, 7, 4, 7, 6}));
}

luma_plane plane_of_two_rows() { return {3, 2, {1, 2, 3, 4, 5, 6}}; }

TEST(TurnedPlane, AllOrientations) {
  const std::vector<values> expected = {
      {1, 2, 3, 4, 5, 6},  // plain: 123 over 456
      {3, 6, 2, 5, 1, 4},  // rotated by 90 degrees, counter-clockwise
      {6, 5, 4, 3, 2, 1},  // by 180
      {4, 1, 5, 2, 6, 3},  // by 270
      {4, 5, 6, 1, 2, 3},  // mirrored top to bottom
      {3, 2, 1, 6, 5, 4},  // mirrored left to right
      {1, 4, 2, 5, 3, 6},  // transposed
      {6, 3, 5, 2, 4, 1},  // mirrored in the other diagonal
  };
  for (int orientation = 0; orientation < 8; ++orientation) {
    const luma_plane result = turned(plane_of_two_rows(), orientation);
    EXPECT_EQ(result.values, expected[static_cast<std::size_t>(orientation)]) << orientation;
    const bool upright = orientation == LM_ORIENTATION_PLAIN || orientation == LM_ORIENTATION_ROTATE180 ||
                         orientation == LM_ORIENTATION_FLIP_X || orientation == LM_ORIENTATION_FLIP_Y;
    EXPECT_EQ(result.width, upright ? 3U : 2U) << orientation;
    EXPECT_EQ(result.height, upright ? 2U : 3U) << orientation;
  }
}

TEST(AveragedDown, SamplesTheMiddleOf64Parts) {
  // 64 values a side: the window is 1, and every place is its own part.
  luma_plane plane{64, 64, values(64 * 64)};
  plane.values[5 * 64 + 9] = 200;
  const pdq_samples samples = averaged_down(plane);
  EXPECT_EQ(samples[5 * 64 + 9], 200.0F);
  EXPECT_EQ(std::accumulate(samples.begin(), samples.end(), 0.0F), 200.0F);
}

TEST(AveragedDown, SmallSidesAreSampledMoreThanOnce) {
  luma_plane plane{5, 5, values(25)};
  std::iota(plane.values.begin(), plane.values.end(), 0.0F);
  const pdq_samples samples = averaged_down(plane);
  EXPECT_EQ(samples[0], 0.0F);
  EXPECT_EQ(samples[12], 0.0F);  // (12 + 0.5) * 5 / 64 = 0.98
  EXPECT_EQ(samples[13], 1.0F);  // 1.05
  EXPECT_EQ(samples[63 * 64 + 63], 24.0F);
}

TEST(PdqQuality, FlatIsNone) { EXPECT_EQ(quality_of(pdq_samples{}), 0); }

TEST(PdqQuality, OneEdge) {
  pdq_samples samples{};
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = i % 64 < 32 ? 0.0F : 255.0F;
  }
  EXPECT_EQ(quality_of(samples), 71);  // 64 rows x 100 / 90
}

TEST(PdqQuality, EveryDifferenceIsCutToWholePercents) {
  const auto checkered = [](float value) {
    pdq_samples samples{};
    for (std::size_t i = 0; i < samples.size(); ++i) {
      samples[i] = (i + i / 64) % 2 == 0 ? 0.0F : value;
    }
    return samples;
  };
  EXPECT_EQ(quality_of(checkered(2.5F)), 0);    // 0.98 % each
  EXPECT_EQ(quality_of(checkered(2.6F)), 89);   // 1.02 %: 2 x 64 x 63 x 1 / 90
  EXPECT_EQ(quality_of(checkered(5.2F)), 100);  // never more
}

TEST(PdqCosines, FirstFrequencyIsNotTheConstantOne) {
  EXPECT_EQ(cosines()[0], 0.17672345F);
  EXPECT_EQ(cosines()[63], -0.17672345F);
  EXPECT_EQ(cosines()[1 * 64 + 0], 0.176563755F);
  EXPECT_EQ(cosines()[7 * 64 + 32], 0.173379973F);
  EXPECT_EQ(cosines()[15 * 64 + 5], -0.0676495135F);
}

TEST(PdqMedian, IsTheLowerOneOf256) {
  pdq_coefficients coefficients{};
  for (std::size_t i = 0; i < 256; ++i) {
    coefficients[i] = static_cast<float>((i * 37 + 11) % 256);
  }
  EXPECT_EQ(lower_median(coefficients), 127.0F);
}

TEST(PdqCode, HighestCoefficientComesFirst) {
  pdq_coefficients coefficients{};
  std::iota(coefficients.begin(), coefficients.end(), 0.0F);
  EXPECT_EQ(test::hex_of(code_of(coefficients)), "ffffffffffffffffffffffffffffffff00000000000000000000000000000000");
}

TEST(PdqCode, OnlyWhatIsGreaterThanTheMedianIsSet) {
  pdq_coefficients coefficients{};
  EXPECT_EQ(code_of(coefficients), pdq_code{});
  coefficients[0] = 1;    // last digit
  coefficients[21] = 2;   // bit 5 of the second word
  coefficients[255] = 3;  // first digit
  coefficients[100] = -1;
  EXPECT_EQ(test::hex_of(code_of(coefficients)), "8000000000000000000000000000000000000000000000000000000000200001");
}

TEST(TurnedCoefficients, MoveAndChangeTheirSign) {
  pdq_coefficients coefficients{};
  coefficients[0 * 16 + 0] = 1;  // vertical and horizontal frequency 1: both odd
  coefficients[0 * 16 + 1] = 2;  // vertical 1, horizontal 2
  coefficients[1 * 16 + 0] = 3;
  coefficients[1 * 16 + 1] = 4;
  const float expected[8][4] = {
      {1, 2, 3, 4},    // plain
      {-1, -3, 2, 4},  // rotated by 90 degrees
      {1, -2, -3, 4},  // by 180
      {-1, 3, -2, 4},  // by 270
      {-1, -2, 3, 4},  // mirrored top to bottom
      {-1, 2, -3, 4},  // left to right
      {1, 3, 2, 4},    // transposed
      {1, -3, -2, 4},  // in the other diagonal
  };
  for (int orientation = 0; orientation < 8; ++orientation) {
    const pdq_coefficients result = turned(coefficients, orientation);
    const float *wanted = expected[orientation];
    EXPECT_EQ(result[0], wanted[0]) << orientation;
    EXPECT_EQ(result[1], wanted[1]) << orientation;
    EXPECT_EQ(result[16], wanted[2]) << orientation;
    EXPECT_EQ(result[17], wanted[3]) << orientation;
  }
}

}  // namespace

}  // namespace libmatch::detail
