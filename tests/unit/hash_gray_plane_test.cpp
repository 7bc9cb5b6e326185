#include "hash/gray_plane.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/pixels.h"

namespace libmatch::detail {

namespace {

using bytes = std::vector<std::uint8_t>;

gray_plane plane_of(const test::pixels &image, std::uint32_t max_side, std::uint32_t rows_at_once) {
  plane_builder builder(image.width, image.height, max_side);
  for (std::uint32_t y = 0; y < image.height; y += rows_at_once) {
    builder.rows(std::min(rows_at_once, image.height - y), image.at(0, y), image.stride_bytes());
  }
  return builder.finish();
}

TEST(GrayPlane, IsNeverLargerThanTheImage) {
  const plane_size small = reduced_size(300, 512, 512);
  EXPECT_EQ(small.width, 300U);
  EXPECT_EQ(small.height, 512U);
  const plane_size large = reduced_size(4000, 3000, 1024);
  EXPECT_EQ(large.width, 1024U);
  EXPECT_EQ(large.height, 768U);
  EXPECT_EQ(reduced_size(3, 10000, 512).width, 1U);
}

TEST(GrayPlane, WeighsColours) {
  test::pixels image(4, 1);
  image.bytes = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255};
  EXPECT_EQ(plane_of(image, 512, 1).pixels, (bytes{77, 149, 29, 255}));
}

// 3 x 3 to 2 x 2: half of the middle pixels goes to either side.
TEST(GrayPlane, AveragesWhatPixelsShare) {
  plane_builder builder(3, 3, 2);
  const bytes pixels{0, 90, 180, 90, 90, 90, 180, 90, 0};
  builder.gray_rows(3, pixels.data(), 3);
  EXPECT_EQ(builder.finish().pixels, (bytes{50, 130, 130, 50}));
}

TEST(GrayPlane, AveragesWholePixels) {
  plane_builder builder(4, 2, 2);
  const bytes pixels{1, 2, 10, 20, 3, 5, 30, 41};
  builder.gray_rows(2, pixels.data(), 4);
  EXPECT_EQ(builder.finish().pixels, (bytes{3, 25}));
}

TEST(GrayPlane, DoesNotDependOnHowRowsAreGiven) {
  const test::pixels image = test::noise(3, 131, 97, LM_PIXEL_RGB8, 7);
  const gray_plane whole = plane_of(image, 40, 97);
  EXPECT_EQ(whole.width, 40U);
  EXPECT_EQ(whole.height, 30U);
  EXPECT_EQ(plane_of(image, 40, 1).pixels, whole.pixels);
  EXPECT_EQ(plane_of(image, 40, 13).pixels, whole.pixels);
}

TEST(GrayPlane, KeepsAConstant) {
  for (const std::uint32_t side : {1U, 7U, 64U, 333U}) {
    const gray_plane flat{333, 100, bytes(33300, 201)};
    for (const std::uint8_t pixel : reduced(flat, side).pixels) {
      ASSERT_EQ(pixel, 201);
    }
  }
}

TEST(GrayPlane, RowsThatAreMissingAreBlackAndThoseTooManyAreLeftAlone) {
  plane_builder builder(2, 2, 512);
  const bytes pixels{9, 8, 7, 6, 5, 4};
  builder.gray_rows(1, pixels.data(), 2);
  EXPECT_EQ(builder.finish().pixels, (bytes{9, 8, 0, 0}));
  plane_builder other(2, 2, 512);
  other.gray_rows(3, pixels.data(), 2);
  EXPECT_EQ(other.finish().pixels, (bytes{9, 8, 7, 6}));
}

}  // namespace

}  // namespace libmatch::detail
