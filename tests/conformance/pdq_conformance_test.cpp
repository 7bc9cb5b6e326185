// pdq() on every instruction set against pdq_definition(), bit for bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "hash/pdq_dispatch.h"
#include "hash/pdq_downsampler.h"
#include "hash/pdq_kernels.h"
#include "hash/pdq_steps.h"
#include "support/pdq_versions.h"
#include "support/synthetic_image.h"

namespace libmatch::test {

namespace {

constexpr lm_pixel_format formats[] = {LM_PIXEL_GRAY8, LM_PIXEL_RGB8, LM_PIXEL_RGBA8};

class PdqConformance : public testing::TestWithParam<pdq_version> {
 protected:
  void SetUp() override { LIBMATCH_SKIP_IF_IT_CANNOT_RUN(GetParam()); }

  static void expect_equal(const pixels &image, lm_orientations orientations) {
    const detail::pdq_result expected = detail::pdq_definition(image.view(), orientations);
    const detail::pdq_result result = GetParam().hash(image.view(), orientations);
    EXPECT_EQ(result.codes, expected.codes)
        << image.width << "x" << image.height << ", format " << image.format << ", padding " << image.padding_bytes
        << ", orientations " << orientations;
    EXPECT_EQ(result.quality, expected.quality) << image.width << "x" << image.height;
  }
};

TEST_P(PdqConformance, TinyImages) {
  for (std::uint32_t height = 1; height <= 9; ++height) {
    for (std::uint32_t width = 1; width <= 9; ++width) {
      for (const lm_pixel_format format : formats) {
        expect_equal(noise(width * 16 + height, width, height, format), LM_ORIENTATIONS_TRUE);
        expect_equal(noise(width * 16 + height, width, height, format), LM_ORIENTATIONS_SAMPLED);
      }
    }
  }
}

TEST_P(PdqConformance, NothingToHashBelowFivePixels) {
  for (const auto &[width, height] : {std::pair{4U, 200U}, {200U, 4U}, {4U, 4U}, {1U, 1U}}) {
    const detail::pdq_result result =
        GetParam().hash(noise(1, width, height, LM_PIXEL_RGB8).view(), LM_ORIENTATIONS_TRUE);
    EXPECT_EQ(result.codes, (std::array<detail::pdq_code, 8>{})) << width << "x" << height;
    EXPECT_EQ(result.quality, 0);
  }
}

// Around the sides where the window grows, where a band, a chunk and a vector end, and long strips.
TEST_P(PdqConformance, SizesOfNoise) {
  const std::pair<std::uint32_t, std::uint32_t> sizes[] = {
      {15, 17},   {16, 16},   {31, 33},   {32, 32},   {33, 31},   {63, 64},   {64, 65},   {65, 63},   {96, 100},
      {127, 128}, {128, 129}, {129, 127}, {191, 193}, {255, 257}, {256, 256}, {257, 255}, {384, 385}, {513, 511},
      {5, 2000},  {2000, 5},  {7, 6401},  {6401, 7},  {1000, 37}, {37, 1000}, {8191, 65}, {65, 8193}, {1500, 1100}};
  for (const auto &[width, height] : sizes) {
    for (const lm_orientations orientations :
         {LM_ORIENTATIONS_PLAIN, LM_ORIENTATIONS_DERIVED, LM_ORIENTATIONS_SAMPLED}) {
      expect_equal(noise(width, width, height, LM_PIXEL_RGB8), orientations);
    }
    expect_equal(noise(height, width, height, LM_PIXEL_RGB8), LM_ORIENTATIONS_TRUE);
  }
}

// Windows longer than a chunk of columns and than a band of rows.
TEST_P(PdqConformance, WindowsLongerThanAChunk) {
  expect_equal(noise(3, 40000, 6, LM_PIXEL_GRAY8), LM_ORIENTATIONS_TRUE);
  expect_equal(noise(4, 6, 40000, LM_PIXEL_GRAY8), LM_ORIENTATIONS_TRUE);
  expect_equal(noise(3, 40000, 6, LM_PIXEL_GRAY8), LM_ORIENTATIONS_SAMPLED);
  expect_equal(noise(4, 6, 40000, LM_PIXEL_GRAY8), LM_ORIENTATIONS_SAMPLED);
}

TEST_P(PdqConformance, FormatsAndPaddedRows) {
  for (const lm_pixel_format format : formats) {
    for (const std::size_t padding_bytes : {0UL, 1UL, 13UL, 64UL}) {
      for (const auto &[width, height] : {std::pair{61U, 47U}, {130U, 259U}, {300U, 200U}}) {
        for (const lm_orientations orientations :
             {LM_ORIENTATIONS_PLAIN, LM_ORIENTATIONS_DERIVED, LM_ORIENTATIONS_TRUE, LM_ORIENTATIONS_SAMPLED}) {
          expect_equal(noise(9, width, height, format, padding_bytes), orientations);
        }
      }
    }
  }
}

// The bits of flat images are nothing but rounding.
TEST_P(PdqConformance, FlatImages) {
  using colour = std::array<std::uint8_t, 3>;
  for (const colour &value : {colour{0, 0, 0}, colour{255, 255, 255}, colour{1, 2, 3}, colour{200, 100, 50}}) {
    for (const auto &[width, height] : {std::pair{64U, 64U}, {100U, 100U}, {640U, 480U}, {700U, 1300U}}) {
      pixels image(width, height);
      for (std::size_t i = 0; i < image.bytes.size(); ++i) {
        image.bytes[i] = value[i % 3];
      }
      expect_equal(image, LM_ORIENTATIONS_TRUE);
      expect_equal(image, LM_ORIENTATIONS_SAMPLED);
    }
  }
}

TEST_P(PdqConformance, SmoothImages) {
  for (const auto &[width, height] : {std::pair{400U, 300U}, {1023U, 769U}, {777U, 1555U}}) {
    expect_equal(synthetic_image(width, width, height), LM_ORIENTATIONS_TRUE);
    expect_equal(synthetic_image(width, width, height), LM_ORIENTATIONS_SAMPLED);
  }
}

TEST_P(PdqConformance, EveryAlphaOverEveryChannel) {
  pixels image(256, 256, LM_PIXEL_RGBA8);
  for (std::size_t y = 0; y < 256; ++y) {
    for (std::size_t x = 0; x < 256; ++x) {
      const auto channel = static_cast<std::uint8_t>(x);
      const std::uint8_t pixel[] = {channel, static_cast<std::uint8_t>(255 - channel),
                                    static_cast<std::uint8_t>(channel ^ y), static_cast<std::uint8_t>(y)};
      std::copy_n(pixel, 4, image.at(x, y));
    }
  }
  expect_equal(image, LM_ORIENTATIONS_TRUE);
}

INSTANTIATE_TEST_SUITE_P(Fast, PdqConformance, testing::ValuesIn(pdq_fast_versions),
                         testing::PrintToStringParamName());

class PdqKernelsConformance : public testing::TestWithParam<pdq_version> {
 protected:
  void SetUp() override { LIBMATCH_SKIP_IF_IT_CANNOT_RUN(GetParam()); }

  static const detail::pdq_kernels &kernels() { return detail::pdq_kernels_for(GetParam().set, 64); }
};

// The filter may multiply by a reciprocal and correct; it must be the quotient for every count all the same.
TEST_P(PdqKernelsConformance, DividesAsDivisionDoes) {
  std::vector<float> averages(64 * detail::pdq_band_rows);
  std::vector<float> columns(averages.size());
  number_sequence numbers(12345);
  std::vector<std::size_t> counts;
  for (std::size_t count = 1; count <= 2048; ++count) {
    counts.push_back(count);
  }
  for (int i = 0; i < 20000; ++i) {
    counts.push_back(1 + numbers.next() % detail::pdq_reciprocal_limit);
  }
  for (const std::size_t count : counts) {
    for (std::size_t x = 0; x < 64; ++x) {
      // 24 significant bits, at any scale that sums of luma have.
      const auto mantissa = static_cast<float>((numbers.next() >> 9) | 0x800000U);
      averages[x * detail::pdq_band_rows] = std::ldexp(mantissa, static_cast<int>(numbers.next() % 40) - 40);
    }
    detail::pdq_column_step steps[detail::pdq_band_rows];
    alignas(64) float subtracted[64] = {};
    std::fill_n(steps, detail::pdq_band_rows, detail::pdq_column_step{subtracted, detail::divisor_by(count)});
    alignas(64) float sums[64] = {};
    kernels().box_along_columns(averages.data(), steps, 0, 64, sums, {columns.data(), 63});
    for (std::size_t x = 0; x < 64; ++x) {
      const float value = averages[x * detail::pdq_band_rows];
      ASSERT_EQ(columns[x * detail::pdq_band_rows], value / static_cast<float>(count)) << value << " / " << count;
    }
  }
}

// Codes hide most differences in the last bit; the floats that they come from do not.
TEST_P(PdqKernelsConformance, EveryStepEqualsTheDefinition) {
  const std::pair<std::uint32_t, std::uint32_t> sizes[] = {{5, 6},     {64, 64},    {129, 90},  {200, 383},
                                                           {513, 640}, {1030, 300}, {70, 4500}, {9000, 17}};
  for (const auto &[width, height] : sizes) {
    const pixels image = noise(width, width, height, LM_PIXEL_RGB8, 3);
    const detail::luma_plane plane = detail::luma_of(image.view());
    for (int orientation = 0; orientation < 8; ++orientation) {
      const detail::pdq_samples samples = detail::averaged_down(detail::turned(plane, orientation));
      EXPECT_EQ(detail::averaged_down(detail::view_of(image.view(), orientation), kernels()), samples)
          << width << "x" << height << ", orientation " << orientation;
      detail::pdq_coefficients coefficients;
      kernels().transform(samples.data(), detail::cosines().data(), detail::transposed_cosines().data(),
                          coefficients.data());
      EXPECT_EQ(coefficients, detail::transformed(samples)) << width << "x" << height;
      EXPECT_EQ(std::min(kernels().gradient(samples.data()) / 90, 100), detail::quality_of(samples));
    }
  }
}

// Noise is worth 100 whatever the sum; these are not.
TEST_P(PdqKernelsConformance, GradientOfFaintSamples) {
  number_sequence numbers(77);
  for (const float amplitude : {1.0F, 2.6F, 3.0F, 5.0F}) {
    detail::pdq_samples samples;
    for (float &sample : samples) {
      sample = 100 + amplitude * std::ldexp(static_cast<float>(numbers.next() >> 8), -24);
    }
    EXPECT_EQ(std::min(kernels().gradient(samples.data()) / 90, 100), detail::quality_of(samples)) << amplitude;
  }
}

INSTANTIATE_TEST_SUITE_P(Fast, PdqKernelsConformance, testing::ValuesIn(pdq_fast_versions),
                         testing::PrintToStringParamName());

}  // namespace

}  // namespace libmatch::test
