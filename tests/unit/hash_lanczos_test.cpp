// Expectations are Pillow's: Image.fromarray(...).resize((width, height), Image.Resampling.LANCZOS).
#include "hash/lanczos.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "support/pixels.h"

namespace libmatch::detail {

namespace {

using bytes = std::vector<std::uint8_t>;

test::pixels grey(std::size_t width, std::size_t height, const bytes &values) {
  test::pixels image(static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height), LM_PIXEL_GRAY8);
  image.bytes = values;
  return image;
}

TEST(Sine, OfLiterals) {
  EXPECT_DOUBLE_EQ(sine(0.5), 0.479425538604203);
  EXPECT_DOUBLE_EQ(sine(1), 0.8414709848078965);
  EXPECT_DOUBLE_EQ(sine(2.5), 0.5984721441039565);
  EXPECT_DOUBLE_EQ(sine(-3), -0.1411200080598672);
  EXPECT_DOUBLE_EQ(sine(7.5), 0.9379999767747389);
  EXPECT_NEAR(sine(3 * 3.141592653589793), 3.6739403974420594e-16, 1e-25);
  EXPECT_EQ(sine(0), 0);
}

TEST(Sine, IsTheLibrarysToTheLastBits) {
  for (int i = -10000; i <= 10000; ++i) {
    const double x = i / 1000.0;
    EXPECT_NEAR(sine(x), std::sin(x), 2.3e-16) << x;
  }
}

TEST(PillowLuma, IsRounded) {
  EXPECT_EQ(pillow_luma(255, 0, 0), 76);
  EXPECT_EQ(pillow_luma(0, 255, 0), 150);
  EXPECT_EQ(pillow_luma(0, 0, 255), 29);
  EXPECT_EQ(pillow_luma(1, 2, 3), 2);
  EXPECT_EQ(pillow_luma(200, 100, 50), 124);
  for (int grey_value = 0; grey_value < 256; ++grey_value) {
    const auto value = static_cast<std::uint8_t>(grey_value);
    EXPECT_EQ(pillow_luma(value, value, value), value);
  }
}

TEST(LanczosWindows, HalfTheSize) {
  const std::vector<lanczos_window> windows = lanczos_windows(4, 2);
  ASSERT_EQ(windows.size(), 2U);
  EXPECT_EQ(windows[0].first, 0U);
  EXPECT_EQ(windows[0].weights, (std::vector<std::int32_t>{1946964, 1946964, 591023, -290647}));
  EXPECT_EQ(windows[1].first, 0U);
  EXPECT_EQ(windows[1].weights, (std::vector<std::int32_t>{-290647, 591023, 1946964, 1946964}));
}

TEST(LanczosWindows, Larger) {
  const std::vector<lanczos_window> windows = lanczos_windows(2, 3);
  ASSERT_EQ(windows.size(), 3U);
  EXPECT_EQ(windows[0].weights, (std::vector<std::int32_t>{4715023, -520719}));
  EXPECT_EQ(windows[1].weights, (std::vector<std::int32_t>{2097152, 2097152}));
  EXPECT_EQ(windows[2].weights, (std::vector<std::int32_t>{-520719, 4715023}));
}

TEST(LanczosPlane, ARowSmallerEqualAndLarger) {
  const bytes row{0, 37, 148, 77, 80, 157, 52, 21, 64, 181, 116, 125};
  const test::pixels image = grey(12, 1, row);
  EXPECT_EQ(lanczos_plane(image.view(), 5, 1).pixels, (bytes{45, 112, 78, 76, 143}));
  EXPECT_EQ(lanczos_plane(image.view(), 12, 1).pixels, row);
  EXPECT_EQ(lanczos_plane(image.view(), 20, 1).pixels,
            (bytes{0, 2, 37, 120, 146, 95, 57, 80, 141, 149, 76, 24, 21, 31, 91, 171, 169, 116, 115, 128}));
}

TEST(LanczosPlane, RowsFirstThenColumns) {
  const test::pixels image =
      grey(7, 5, {0,  73,  146, 219, 41,  114, 187, 9,  82,  155, 228, 50,  123, 196, 18, 91,  164, 237,
                  59, 132, 205, 27,  100, 173, 246, 68, 141, 214, 36,  109, 182, 4,   77, 150, 223});
  const small_plane plane = lanczos_plane(image.view(), 3, 4);
  EXPECT_EQ(plane.width, 3U);
  EXPECT_EQ(plane.height, 4U);
  EXPECT_EQ(plane.pixels, (bytes{65, 147, 124, 76, 157, 135, 88, 176, 147, 99, 96, 158}));
}

TEST(LanczosPlane, FormatsAndPaddingMakeNoDifference) {
  const test::pixels image = test::noise(3, 41, 23, LM_PIXEL_GRAY8);
  const small_plane expected = lanczos_plane(image.view(), 9, 8);
  for (const lm_pixel_format format : {LM_PIXEL_GRAY8, LM_PIXEL_RGB8, LM_PIXEL_RGBA8}) {
    test::pixels other(41, 23, format, 5);
    for (std::size_t y = 0; y < 23; ++y) {
      for (std::size_t x = 0; x < 41; ++x) {
        for (std::size_t c = 0; c < other.pixel_bytes(); ++c) {
          other.at(x, y)[c] = c == 3 ? 255 : image.at(x, y)[0];
        }
      }
    }
    EXPECT_EQ(lanczos_plane(other.view(), 9, 8).pixels, expected.pixels) << format;
  }
}

TEST(LanczosPlane, AlphaIsLaidOverWhite) {
  test::pixels image(8, 8, LM_PIXEL_RGBA8);
  EXPECT_EQ(lanczos_plane(image.view(), 2, 2).pixels, bytes(4, 255));
}

TEST(LanczosPlane, ASideOverTheLimitIsRefused) {
  const test::pixels longest(lanczos_longest_side, 1, LM_PIXEL_GRAY8);
  EXPECT_EQ(lanczos_plane(longest.view(), 8, 8).pixels, bytes(64, 0));
  const test::pixels tall(1, lanczos_longest_side + 1, LM_PIXEL_GRAY8);
  try {
    lanczos_plane(tall.view(), 8, 8);
    ADD_FAILURE() << "taken";
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_LIMIT);
    EXPECT_STREQ(failure.what(), "a side of 65536 pixels is over the 65535 that this hash takes");
  }
}

}  // namespace

}  // namespace libmatch::detail
