// What keypoints are for: a picture is found in its copies, and in no other picture.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <optional>
#include <vector>

#include "hash/keypoints.h"
#include "match/part_match.h"
#include "support/shape_picture.h"

namespace libmatch::test {

namespace {

using detail::gray_plane;
using detail::keypoint_role;
using detail::keypoint_set;
using detail::part_match;
using detail::point_pair;

std::vector<point_pair> near_pairs(const keypoint_set &query, const keypoint_set &reference) {
  std::vector<point_pair> pairs;
  for (std::uint32_t i = 0; i < query.points.size(); ++i) {
    const std::uint64_t *plain = query.codes.data() + std::size_t{4} * i;
    const std::array<std::uint64_t, 4> mirrored = detail::mirrored_code(plain);
    for (std::uint32_t j = 0; j < reference.points.size(); ++j) {
      for (const bool of_mirror : {false, true}) {
        int distance = 0;
        for (std::size_t word = 0; word < 4; ++word) {
          distance +=
              std::popcount((of_mirror ? mirrored[word] : plain[word]) ^ reference.codes[std::size_t{4} * j + word]);
        }
        if (distance <= static_cast<int>(detail::keypoint_distance_max)) {
          pairs.push_back({i, j, static_cast<std::uint8_t>(distance), of_mirror});
        }
      }
    }
  }
  return pairs;
}

std::optional<part_match> match_of(const gray_plane &query, const gray_plane &reference) {
  const keypoint_set of_query = extract_keypoints(detail::reduced(query, detail::query_plane_side),
                                                  {detail::query_points_default, keypoint_role::query});
  const keypoint_set of_reference = extract_keypoints(detail::reduced(reference, detail::reference_plane_side),
                                                      {detail::reference_points_default, keypoint_role::reference});
  return match_parts(of_query, of_reference, near_pairs(of_query, of_reference));
}

const gray_plane &picture() {
  static const gray_plane shapes = shape_picture(1, 800, 600);
  return shapes;
}

// The reference's plane has 512 / 800 of the picture's size; `map` is from the copy to the picture, both pixels.
void expect_found(const gray_plane &copy, const std::array<double, 6> &map) {
  const std::optional<part_match> match = match_of(copy, picture());
  ASSERT_TRUE(match.has_value());
  EXPECT_TRUE(match->certain);
  EXPECT_GE(match->votes, 8U);
  const double query_scale = std::min(1.0, 1024.0 / std::max(copy.width, copy.height));
  for (const auto &[x, y] : {std::pair{0.0, 0.0}, {1.0, 0.0}, {0.0, 1.0}, {1.0, 1.0}}) {
    const double at_x = x * copy.width;
    const double at_y = y * copy.height;
    const detail::plane_transform &found = match->transform;
    const double found_x = found[0] * at_x * query_scale + found[1] * at_y * query_scale + found[2];
    const double found_y = found[3] * at_x * query_scale + found[4] * at_y * query_scale + found[5];
    EXPECT_NEAR(found_x, (map[0] * at_x + map[1] * at_y + map[2]) * 512 / 800, 15);
    EXPECT_NEAR(found_y, (map[3] * at_x + map[4] * at_y + map[5]) * 512 / 800, 15);
  }
}

void expect_found_in_copy(std::uint32_t width, std::uint32_t height, const std::array<double, 6> &map) {
  expect_found(copied(picture(), width, height, map), map);
}

TEST(KeypointsOfCopies, ThePictureItself) { expect_found_in_copy(800, 600, {1, 0, 0, 0, 1, 0}); }
TEST(KeypointsOfCopies, Smaller) { expect_found_in_copy(400, 300, {2, 0, 0, 0, 2, 0}); }
TEST(KeypointsOfCopies, Larger) { expect_found_in_copy(1400, 1050, {4.0 / 7, 0, 0, 0, 4.0 / 7, 0}); }
TEST(KeypointsOfCopies, Cropped) { expect_found_in_copy(500, 380, {1, 0, 211, 0, 1, 97}); }
TEST(KeypointsOfCopies, ShiftedWithinAFrame) { expect_found_in_copy(1000, 900, {1, 0, -150, 0, 1, -220}); }
TEST(KeypointsOfCopies, Stretched) { expect_found_in_copy(960, 560, {0.8333, 0, 0, 0, 1.0714, 0}); }
TEST(KeypointsOfCopies, TurnedBySomeDegrees) {
  expect_found_in_copy(700, 500, {0.9659, -0.2588, 120, 0.2588, 0.9659, -60});  // 15 degrees
}
TEST(KeypointsOfCopies, TurnedByARightAngle) { expect_found_in_copy(600, 800, {0, 1, 0, -1, 0, 600}); }
TEST(KeypointsOfCopies, TurnedUpsideDown) { expect_found_in_copy(800, 600, {-1, 0, 800, 0, -1, 600}); }
TEST(KeypointsOfCopies, Mirrored) { expect_found_in_copy(800, 600, {-1, 0, 800, 0, 1, 0}); }
TEST(KeypointsOfCopies, MirroredAndTurned) { expect_found_in_copy(600, 800, {0, 1, 0, 1, 0, 0}); }

TEST(KeypointsOfCopies, BrighterAndLessContrast) {
  gray_plane copy = picture();
  for (std::uint8_t &pixel : copy.pixels) {
    pixel = static_cast<std::uint8_t>(90 + pixel * 3 / 5);
  }
  expect_found(copy, {1, 0, 0, 0, 1, 0});
}

TEST(KeypointsOfCopies, AQuarterCovered) {
  gray_plane copy = picture();
  for (std::size_t y = 300; y < 600; ++y) {
    std::fill_n(copy.pixels.begin() + static_cast<std::ptrdiff_t>(y * 800 + 400), 400, std::uint8_t{222});
  }
  expect_found(copy, {1, 0, 0, 0, 1, 0});
}

// Level 0 alone: further levels average other pixels in the mirror image. Of equally strong corners it keeps others.
TEST(KeypointsOfCopies, CodesOfTheMirrorImageHaveTheirHalvesExchanged) {
  const gray_plane mirror = copied(picture(), 800, 600, {-1, 0, 800, 0, 1, 0});
  const keypoint_set plain = extract_keypoints(picture(), {1000, keypoint_role::query});
  const keypoint_set mirrored = extract_keypoints(mirror, {1000, keypoint_role::query});
  int shared = 0;
  int equal = 0;
  for (std::size_t i = 0; i < plain.points.size() && plain.points[i].scale == 0; ++i) {
    for (std::size_t j = 0; j < mirrored.points.size() && mirrored.points[j].scale == 0; ++j) {
      if (mirrored.points[j].x == 16 * 800 - plain.points[i].x && mirrored.points[j].y == plain.points[i].y) {
        const std::array<std::uint64_t, 4> expected = detail::mirrored_code(&plain.codes[4 * i]);
        ++shared;
        equal +=
            std::equal(expected.begin(), expected.end(), mirrored.codes.begin() + static_cast<std::ptrdiff_t>(4 * j))
                ? 1
                : 0;
      }
    }
  }
  EXPECT_GE(shared, 150);
  EXPECT_GE(equal * 100, shared * 95);
}

TEST(KeypointsOfCopies, OtherPicturesAreNotFound) {
  for (std::uint32_t seed = 2; seed < 12; ++seed) {
    EXPECT_FALSE(match_of(shape_picture(seed, 800, 600), picture()).has_value()) << seed;
  }
}

// The same small sign in two pictures that have nothing else in common.
TEST(KeypointsOfCopies, ASharedSignIsNoMatch) {
  gray_plane other = shape_picture(20, 800, 600);
  for (std::size_t y = 0; y < 90; ++y) {
    std::copy_n(picture().row(y + 250) + 350, 110,
                other.pixels.begin() + static_cast<std::ptrdiff_t>((y + 250) * 800 + 350));
  }
  EXPECT_FALSE(match_of(other, picture()).has_value());
}

TEST(KeypointsOfCopies, HostilePlanesEndWithoutAMatch) {
  for (const auto &[width, height] : {std::pair{1U, 1U}, {1U, 1000U}, {10000U, 1U}, {640U, 480U}}) {
    const gray_plane flat{width, height, std::vector<std::uint8_t>(std::size_t{width} * height, 9)};
    EXPECT_FALSE(match_of(flat, picture()).has_value());
    EXPECT_FALSE(match_of(picture(), flat).has_value());
  }
  gray_plane dots{1024, 1024, std::vector<std::uint8_t>(std::size_t{1024} * 1024, 30)};
  for (std::size_t y = 8; y < 1024; y += 16) {
    for (std::size_t x = 8; x < 1024; x += 16) {
      dots.pixels[y * 1024 + x] = 220;  // thousands of points, all alike
    }
  }
  EXPECT_FALSE(match_of(dots, picture()).has_value());
}

}  // namespace

}  // namespace libmatch::test
