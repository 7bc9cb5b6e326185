// The steps from a plane to keypoints, one by one.
#include <gtest/gtest.h>

#include <vector>

#include "hash/corner_detector.h"
#include "hash/corner_selection.h"
#include "hash/directions.h"
#include "hash/keypoint_pattern.h"
#include "hash/keypoint_pyramid.h"

namespace libmatch::detail {

namespace {

using bytes = std::vector<std::uint8_t>;

TEST(Directions, QuartersAndEighths) {
  EXPECT_EQ(direction_of(0).x, 16384);
  EXPECT_EQ(direction_of(0).y, 0);
  EXPECT_EQ(direction_of(64).x, 0);
  EXPECT_EQ(direction_of(64).y, 16384);
  EXPECT_EQ(direction_of(160).x, -11585);
  EXPECT_EQ(direction_of(160).y, -11585);
  EXPECT_EQ(angle_of(0, 0), 0);
  EXPECT_EQ(angle_of(5, 0), 0);
  EXPECT_EQ(angle_of(3, 3), 32);
  EXPECT_EQ(angle_of(0, 1), 64);
  EXPECT_EQ(angle_of(-7, 0), 128);
  EXPECT_EQ(angle_of(0, -7), 192);
  EXPECT_EQ(angle_of(1000, -1), 0);
  EXPECT_EQ(angle_of(1000, -20), 255);
}

TEST(Directions, EveryDirectionIsNearestToItself) {
  for (unsigned angle = 0; angle < 256; ++angle) {
    const direction to = direction_of(static_cast<std::uint8_t>(angle));
    EXPECT_EQ(angle_of(to.x, to.y), angle);
  }
}

TEST(Pyramid, SixPixelsGiveFive) {
  const gray_plane plane{6, 6, {0, 60, 60, 60, 60, 0, 0, 60, 60, 60, 60, 0, 0, 60, 60, 60, 60, 0,
                                0, 60, 60, 60, 60, 0, 0, 60, 60, 60, 60, 0, 0, 60, 60, 60, 60, 0}};
  const gray_plane smaller = five_sixths(plane);
  EXPECT_EQ(smaller.width, 5U);
  EXPECT_EQ(smaller.height, 5U);
  EXPECT_EQ(bytes(smaller.pixels.begin() + 10, smaller.pixels.begin() + 15), (bytes{10, 60, 60, 60, 10}));
}

TEST(Pyramid, ScalesAndSizes) {
  EXPECT_EQ(level_scale(0), 65536U);
  EXPECT_EQ(level_scale(1), 78643U);
  EXPECT_EQ(level_scale(4), 135895U);  // 1.2^4 = 2.0736
  const std::vector<gray_plane> levels = pyramid_of({120, 60, bytes(7200, 9)}, 30);
  ASSERT_EQ(levels.size(), 4U);
  EXPECT_EQ(levels[3].width, 69U);
  EXPECT_EQ(levels[3].height, 34U);
  EXPECT_EQ(levels[3].pixels, bytes(2346, 9));
}

TEST(Pyramid, SmoothsByAGaussian) {
  gray_plane plane{15, 15, bytes(225, 0)};
  plane.pixels[112] = 255;
  const gray_plane smooth = smoothed(plane);
  EXPECT_EQ(bytes(smooth.pixels.begin() + 108, smooth.pixels.begin() + 117), (bytes{0, 4, 7, 10, 11, 10, 7, 4, 0}));
  EXPECT_EQ(smoothed({3, 2, bytes(6, 77)}).pixels, bytes(6, 77));
}

// A bright square of 12 pixels in a dark plane.
gray_plane square() {
  gray_plane plane{40, 40, bytes(1600, 50)};
  for (std::size_t y = 14; y < 26; ++y) {
    for (std::size_t x = 14; x < 26; ++x) {
      plane.pixels[y * 40 + x] = 90;
    }
  }
  return plane;
}

TEST(Corners, ScoreIsTheContrastOfTheLongestRun) {
  const gray_plane plane = square();
  EXPECT_EQ(corner_score(plane.row(14) + 14, 40), 40);  // 11 of 16 lie outside
  EXPECT_EQ(corner_score(plane.row(20) + 14, 40), 0);   // an edge: 7 lie outside
  EXPECT_EQ(corner_score(plane.row(20) + 20, 40), 0);
}

TEST(Corners, OneForEachCornerOfASquare) {
  const std::vector<corner> corners = corners_of(square(), 4);
  ASSERT_EQ(corners.size(), 4U);
  const std::vector<std::pair<int, int>> expected{{14, 14}, {25, 14}, {14, 25}, {25, 25}};
  for (const auto &[x, y] : expected) {
    EXPECT_TRUE(std::any_of(corners.begin(), corners.end(),
                            [x = x, y = y](const corner &each) {
                              return std::abs(each.x - x) <= 2 && std::abs(each.y - y) <= 2 && each.score == 40;
                            }))
        << x << ", " << y;
  }
}

TEST(Corners, ContrastUpToTheThresholdIsNone) {
  gray_plane plane = square();
  for (std::uint8_t &pixel : plane.pixels) {
    pixel = pixel == 90 ? static_cast<std::uint8_t>(50 + corner_threshold) : pixel;
  }
  EXPECT_TRUE(corners_of(plane, 4).empty());
}

TEST(Corners, KeepTheMargin) {
  EXPECT_EQ(corners_of(square(), 13).size(), 4U);
  EXPECT_TRUE(corners_of(square(), 17).empty());
  EXPECT_TRUE(corners_of(square(), 20).empty());
}

TEST(Selection, TakesTheStrongestOfEveryCellFirst) {
  gray_plane plane{80, 80, bytes(6400, 50)};
  const auto dot = [&](std::size_t x, std::size_t y, std::uint8_t grey) {
    for (std::size_t i = 0; i < 4; ++i) {
      plane.pixels[(y + i / 2) * 80 + x + i % 2] = grey;
    }
  };
  dot(12, 12, 250);
  dot(17, 17, 240);  // of the same cell
  dot(45, 45, 90);
  std::vector<corner> corners{{12, 12, 0}, {17, 17, 0}, {45, 45, 0}};
  std::vector<corner> two = selected(plane, corners, 2);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0].x, 12);
  EXPECT_EQ(two[1].x, 45);
  EXPECT_EQ(selected(plane, corners, 9).size(), 3U);
  EXPECT_TRUE(selected(plane, corners, 0).empty());
}

// The code of a mirror image can only be had by exchanging halves if the comparisons are mirrored at every angle.
TEST(Pattern, HalvesAreMirroredAtEveryAngle) {
  for (unsigned angle = 0; angle < 256; ++angle) {
    const turned_comparisons &plain = comparisons_at(static_cast<std::uint8_t>(angle));
    const turned_comparisons &mirrored = comparisons_at(static_cast<std::uint8_t>(128 - angle));
    for (std::size_t k = 0; k < keypoint_bits; ++k) {
      const pixel_comparison &other = mirrored[(k + keypoint_bits / 2) % keypoint_bits];
      ASSERT_EQ(other.first_x, -plain[k].first_x);
      ASSERT_EQ(other.first_y, plain[k].first_y);
      ASSERT_EQ(other.second_x, -plain[k].second_x);
      ASSERT_EQ(other.second_y, plain[k].second_y);
    }
  }
}

TEST(Pattern, StaysWithinThePatch) {
  for (const pixel_comparison &each : keypoint_comparisons) {
    EXPECT_LE(each.first_x * each.first_x + each.first_y * each.first_y, 225);
    EXPECT_LE(each.second_x * each.second_x + each.second_y * each.second_y, 225);
    EXPECT_FALSE(each.first_x == each.second_x && each.first_y == each.second_y);
  }
}

}  // namespace

}  // namespace libmatch::detail
