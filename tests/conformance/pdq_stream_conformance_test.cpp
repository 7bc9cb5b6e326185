// Rows in groups of any size give the code and the quality of the whole image.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "core/error.h"
#include "hash/pdq_stream.h"
#include "support/pdq_versions.h"
#include "support/pixels.h"
#include "support/synthetic_image.h"

namespace libmatch::test {

namespace {

constexpr lm_orientations streamed_orientations[] = {LM_ORIENTATIONS_PLAIN, LM_ORIENTATIONS_DERIVED,
                                                     LM_ORIENTATIONS_SAMPLED};

class PdqStreamConformance : public testing::TestWithParam<pdq_version> {
 protected:
  void SetUp() override { LIBMATCH_SKIP_IF_IT_CANNOT_RUN(GetParam()); }

  // next_group: how many rows come at once. Each group lies in memory of its own, so that a read outside is seen.
  template <typename NextGroup>
  static detail::pdq_result streamed(const pixels &image, lm_orientations orientations, NextGroup next_group) {
    detail::pdq_stream stream({image.width, image.height, image.format}, orientations, GetParam().set);
    for (std::size_t y = 0; y < image.height;) {
      const std::size_t count = std::min<std::size_t>(next_group(), image.height - y);
      const std::size_t size = (count - 1) * image.stride_bytes() + image.width * image.pixel_bytes();
      const std::vector<std::uint8_t> group(image.at(0, y), image.at(0, y) + size);
      stream.rows(group.data(), count, image.stride_bytes());
      y += count;
    }
    return stream.finish();
  }

  static void expect_equal(const detail::pdq_result &result, const detail::pdq_result &expected,
                           const pixels &image) {
    EXPECT_EQ(result.codes, expected.codes) << image.width << "x" << image.height << ", format " << image.format;
    EXPECT_EQ(result.quality, expected.quality) << image.width << "x" << image.height;
  }
};

TEST_P(PdqStreamConformance, GroupsOfAllSizes) {
  for (const auto &[width, height] : {std::pair{70U, 67U}, {131U, 300U}}) {
    const pixels image = noise(width, width, height, LM_PIXEL_RGB8, 5);
    for (const lm_orientations orientations : streamed_orientations) {
      const detail::pdq_result expected = detail::pdq_definition(image.view(), orientations);
      for (std::size_t size = 1; size <= height; size += size < 70 ? 1 : 31) {
        SCOPED_TRACE(size);
        expect_equal(streamed(image, orientations, [&] { return size; }), expected, image);
      }
    }
  }
}

TEST_P(PdqStreamConformance, GroupsOfChangingSizes) {
  number_sequence numbers(5);
  const std::pair<std::uint32_t, std::uint32_t> sizes[] = {{1, 1},      {4, 90},   {5, 5},    {33, 32}, {64, 31},
                                                           {640, 1023}, {200, 90}, {2000, 6}, {6, 2000}};
  for (const auto &[width, height] : sizes) {
    for (const lm_pixel_format format : {LM_PIXEL_GRAY8, LM_PIXEL_RGB8, LM_PIXEL_RGBA8}) {
      const pixels image = noise(height, width, height, format, 3);
      const detail::pdq_result expected = detail::pdq_definition(image.view(), LM_ORIENTATIONS_SAMPLED);
      const auto next_group = [&] { return std::size_t{1} + numbers.next() % 80; };
      expect_equal(streamed(image, LM_ORIENTATIONS_SAMPLED, next_group), expected, image);
    }
  }
}

TEST_P(PdqStreamConformance, RowsTooManyOrTooFewAreNoImage) {
  const pixels image = synthetic_image(2, 40, 40);
  const detail::pdq_shape shape{40, 40, LM_PIXEL_RGB8};
  detail::pdq_stream stream(shape, LM_ORIENTATIONS_PLAIN, GetParam().set);
  stream.rows(image.at(0, 0), 39, image.stride_bytes());
  EXPECT_THROW(stream.finish(), detail::error);
  EXPECT_THROW(stream.rows(image.at(0, 0), 2, image.stride_bytes()), detail::error);
  stream.rows(image.at(0, 39), 1, image.stride_bytes());
  EXPECT_EQ(stream.finish().codes, detail::pdq_definition(image.view(), LM_ORIENTATIONS_PLAIN).codes);
  EXPECT_THROW(detail::pdq_stream(shape, LM_ORIENTATIONS_TRUE, GetParam().set), detail::error);
}

INSTANTIATE_TEST_SUITE_P(Fast, PdqStreamConformance, testing::ValuesIn(pdq_fast_versions),
                         testing::PrintToStringParamName());

}  // namespace

}  // namespace libmatch::test
