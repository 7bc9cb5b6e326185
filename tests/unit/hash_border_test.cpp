#include "hash/border.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hash/pdq.h"
#include "hash/trimmed_stream.h"
#include "image/decode.h"
#include "support/encoded_images.h"
#include "support/pixels.h"
#include "support/synthetic_image.h"

namespace libmatch::detail {

namespace {

using colour = std::array<std::uint8_t, 3>;

constexpr instruction_set set = instruction_set::scalar;

void fill(test::pixels &image, const pixel_rectangle &part, const colour &value) {
  for (std::size_t y = part.y; y < part.y + part.height; ++y) {
    for (std::size_t x = part.x; x < part.x + part.width; ++x) {
      std::copy(value.begin(), value.end(), image.at(x, y));
    }
  }
}

test::pixels framed(const test::pixels &picture, const pixel_rectangle &part, std::uint32_t width,
                    std::uint32_t height, const colour &value) {
  test::pixels image(width, height);
  fill(image, {0, 0, width, height}, value);
  for (std::size_t y = 0; y < part.height; ++y) {
    std::copy_n(picture.at(0, y), part.width * std::size_t{3}, image.at(part.x, part.y + y));
  }
  return image;
}

std::optional<pixel_rectangle> found(const test::pixels &image) {
  border_finder finder({image.width, image.height, image.format}, set);
  finder.rows(image.bytes.data(), image.height, image.stride_bytes());
  return finder.finish();
}

void expect_near(const std::optional<pixel_rectangle> &result, const pixel_rectangle &expected, std::uint32_t most) {
  ASSERT_TRUE(result.has_value());
  EXPECT_NEAR(result->x, expected.x, most);
  EXPECT_NEAR(result->y, expected.y, most);
  EXPECT_NEAR(result->x + result->width, expected.x + expected.width, most);
  EXPECT_NEAR(result->y + result->height, expected.y + expected.height, most);
}

TEST(Border, AllAround) {
  const pixel_rectangle part{21, 30, 400, 300};
  for (const colour &value : {colour{0, 0, 0}, colour{255, 255, 255}, colour{200, 30, 60}}) {
    expect_near(found(framed(test::synthetic_image(1, 400, 300), part, 442, 360, value)), part, 0);
  }
}

TEST(Border, LetterboxAndPillarbox) {
  const test::pixels picture = test::synthetic_image(2, 400, 300);
  expect_near(found(framed(picture, {0, 60, 400, 300}, 400, 420, {0, 0, 0})), {0, 60, 400, 300}, 0);
  expect_near(found(framed(picture, {90, 0, 400, 300}, 580, 300, {9, 9, 9})), {90, 0, 400, 300}, 0);
  expect_near(found(framed(picture, {0, 0, 400, 300}, 400, 380, {255, 0, 0})), {0, 0, 400, 300}, 0);
}

// A stripe at the left that reaches over the corners, then others between: the second round finds those.
TEST(Border, SidesOfDifferentColours) {
  const pixel_rectangle part{40, 30, 400, 300};
  test::pixels image = framed(test::synthetic_image(3, 400, 300), part, 470, 370, {0, 0, 0});
  fill(image, {0, 0, 40, 370}, {220, 20, 20});
  fill(image, {40, 0, 430, 30}, {240, 240, 240});
  fill(image, {440, 30, 30, 300}, {20, 160, 20});
  expect_near(found(image), part, 0);
}

TEST(Border, RingingOfJpegGoesWithIt) {
  for (const std::uint32_t width : {5U, 12U, 20U, 37U}) {
    const pixel_rectangle part{width, width + 3, 400, 300};
    const test::pixels image =
        framed(test::synthetic_image(4, 400, 300), part, 400 + 2 * width, 306 + 2 * width, {255, 255, 255});
    test::jpeg_settings settings;
    settings.quality = 60;
    settings.luma_sampling = 2;
    const std::vector<std::uint8_t> file = test::encode_jpeg({image.width, image.height, 3, image.bytes}, settings);
    const decoded_image decoded = decode(file, {1U << 28, 100000000, 1, true});
    const lm_image view = decoded.view();
    border_finder finder({view.width, view.height, view.format}, set);
    finder.rows(view.pixels, view.height, view.stride_bytes);
    expect_near(finder.finish(), part, 1);
  }
}

TEST(Border, NoneInAPictureInNoiseAndInWhatIsFlat) {
  EXPECT_FALSE(found(test::synthetic_image(5, 640, 480)));
  EXPECT_FALSE(found(test::noise(6, 300, 200, LM_PIXEL_RGB8)));
  test::pixels flat(300, 200);
  fill(flat, {0, 0, 300, 200}, {120, 130, 140});
  EXPECT_FALSE(found(flat));
  fill(flat, {0, 100, 300, 100}, {20, 30, 40});  // two halves: neither is the other's border
  EXPECT_FALSE(found(flat));
}

// A sky that grows darker has no edge.
TEST(Border, NoneInAGradient) {
  test::pixels image(400, 300);
  for (std::uint32_t y = 0; y < 300; ++y) {
    const auto value = static_cast<std::uint8_t>(255 - y * 2 / 3);
    fill(image, {0, y, 400, 1}, {value, value, value});
  }
  EXPECT_FALSE(found(image));
}

TEST(Border, AThirdOfEachSideStays) {
  const test::pixels picture = test::synthetic_image(7, 400, 100);
  EXPECT_FALSE(found(framed(picture, {0, 110, 400, 100}, 400, 320, {0, 0, 0})));
  expect_near(found(framed(picture, {0, 80, 400, 100}, 400, 260, {0, 0, 0})), {0, 80, 400, 100}, 0);
}

TEST(Border, NoneInTinyAndInLongImages) {
  const test::pixels picture = test::synthetic_image(8, 20, 20);
  EXPECT_FALSE(found(framed(picture, {5, 5, 20, 20}, 31, 31, {0, 0, 0})));
  EXPECT_FALSE(found(framed(test::synthetic_image(8, 600, 20), {0, 8, 600, 20}, 600, 36, {0, 0, 0})));
}

TEST(TrimmedStream, GivesTheCodesOfThePictureAlone) {
  const test::pixels picture = test::synthetic_image(9, 400, 300);
  const pixel_rectangle part{30, 50, 400, 300};
  const test::pixels image = framed(picture, part, 460, 400, {255, 255, 255});
  const pdq_result alone = pdq(picture.view(), LM_ORIENTATIONS_SAMPLED, set);
  for (const std::size_t group : {1UL, 7UL, 32UL, 90UL, 400UL}) {
    border_finder border({460, 400, LM_PIXEL_RGB8}, set);
    trimmed_stream trimmed(LM_PIXEL_RGB8, part, LM_ORIENTATIONS_SAMPLED, set);
    for (std::size_t y = 0; y < 400; y += group) {
      const std::size_t count = std::min(group, 400 - y);
      border.rows(image.at(0, y), count, image.stride_bytes());
      trimmed.rows(image.at(0, y), count, image.stride_bytes());
    }
    expect_near(border.finish(), part, 0);
    EXPECT_EQ(trimmed.finish().codes, alone.codes) << group;
    EXPECT_EQ(trimmed.finish().quality, alone.quality) << group;
  }
}

}  // namespace

}  // namespace libmatch::detail
