#include "match/verification.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/shape_picture.h"

namespace libmatch::detail {

namespace {

keypoint_set reference_of(const gray_plane &plane) { return extract_keypoints(plane, {0, keypoint_role::reference}); }
keypoint_set query_of(const gray_plane &plane) { return extract_keypoints(plane, {0, keypoint_role::query}); }

constexpr plane_transform same{1, 0, 0, 0, 1, 0};
constexpr agreement_rule usual{85, 15};

TEST(FrameCells, AreAveragesOfThePlane) {
  gray_plane plane{64, 32, std::vector<std::uint8_t>(2048, 100)};
  plane.pixels[0] = 140;
  plane.pixels[64 + 2] = 200;
  const frame_cells cells = frame_cells_of(plane);
  EXPECT_EQ(cells[0], 16 * 120);  // a cell is two pixels wide and one high
  EXPECT_EQ(cells[1], 16 * 100);
  EXPECT_EQ(cells[frame_side + 1], 16 * 150);
}

TEST(FrameCells, APlaneSmallerThanTheFrameIsSpreadOverIt) {
  const frame_cells cells = frame_cells_of({2, 1, {10, 30}});
  EXPECT_EQ(cells[0], 160);
  EXPECT_EQ(cells[15], 160);
  EXPECT_EQ(cells[16], 480);
  EXPECT_EQ(cells[frame_side * frame_side - 1], 480);
}

TEST(Verification, APictureAgreesWithItself) {
  const gray_plane plane = test::shape_picture(1, 512, 384);
  const verification_result result = verify(query_of(plane), reference_of(plane), same);
  EXPECT_EQ(result.visible_cells, 1024U);
  step_counts all;
  for (const step_counts &block : result.agreement) {
    all.compared += block.compared;
    all.equal += block.equal;
  }
  EXPECT_GT(all.compared, 1200U);
  EXPECT_GT(all.equal * 100, all.compared * 97);
  EXPECT_TRUE(agrees(result, usual));
}

TEST(Verification, ToneDoesNotMatter) {
  const gray_plane plane = test::shape_picture(1, 512, 384);
  gray_plane pale = plane;
  for (std::uint8_t &pixel : pale.pixels) {
    pixel = static_cast<std::uint8_t>(120 + pixel / 2);
  }
  EXPECT_TRUE(agrees(verify(query_of(pale), reference_of(plane), same), usual));
}

TEST(Verification, OnlyWhatIsVisibleCounts) {
  const gray_plane plane = test::shape_picture(1, 512, 384);
  const gray_plane cropped = test::copied(plane, 256, 384, {1, 0, 256, 0, 1, 0});
  const verification_result result = verify(query_of(cropped), reference_of(plane), {1, 0, 256, 0, 1, 0});
  EXPECT_GT(result.visible_cells, 400U);
  EXPECT_LE(result.visible_cells, 512U);
  EXPECT_TRUE(agrees(result, usual));
  // Laid half a picture further, it shows something else.
  EXPECT_FALSE(agrees(verify(query_of(cropped), reference_of(plane), {1, 0, 100, 0, 1, 0}), usual));
}

TEST(Verification, AnotherPictureDoesNotAgree) {
  const verification_result result =
      verify(query_of(test::shape_picture(2, 512, 384)), reference_of(test::shape_picture(1, 512, 384)), same);
  EXPECT_FALSE(agrees(result, {65, 60}));
}

// A quarter of the frame is something else: three quarters of the steps agree, and half of those of that quarter.
TEST(Verification, BlocksOfAnotherPictureCount) {
  const gray_plane plane = test::shape_picture(1, 512, 384);
  const gray_plane other = test::shape_picture(2, 512, 384);
  gray_plane mixed = plane;
  for (std::size_t y = 0; y < 192; ++y) {
    std::copy_n(other.row(y), 256, mixed.pixels.data() + y * 512);
  }
  const verification_result result = verify(query_of(mixed), reference_of(plane), same);
  EXPECT_TRUE(agrees(result, {75, 30}));
  EXPECT_FALSE(agrees(result, {75, 8}));
}

// A drawing: a box, and in it a bar that lies or stands.
gray_plane boxed(bool is_lying) {
  gray_plane plane{512, 512, std::vector<std::uint8_t>(262144, 250)};
  const auto fill = [&](std::size_t left, std::size_t top, std::size_t width, std::size_t height, std::uint8_t grey) {
    for (std::size_t y = top; y < top + height; ++y) {
      std::fill_n(plane.pixels.begin() + static_cast<std::ptrdiff_t>(y * 512 + left), width, grey);
    }
  };
  fill(32, 32, 448, 448, 60);
  is_lying ? fill(96, 220, 320, 72, 200) : fill(220, 96, 72, 320, 200);
  return plane;
}

TEST(Verification, WhatTheOutlineHoldsCounts) {
  const keypoint_set reference = reference_of(boxed(true));
  EXPECT_TRUE(agrees(verify(query_of(boxed(true)), reference, same), {97, 6}));
  const verification_result result = verify(query_of(boxed(false)), reference, same);
  EXPECT_FALSE(agrees(result, {85, 22}));
  std::uint32_t compared = 0;
  std::uint32_t equal = 0;
  std::uint32_t missing = 0;
  for (const step_counts &block : result.agreement) {
    compared += block.compared;
    equal += block.equal;
    missing += block.missing;
  }
  EXPECT_GE(compared, 96U);
  EXPECT_GE(equal * 100, compared * 85) << "by what both show, the two would agree";
  EXPECT_GT(missing, 50U);
  EXPECT_FALSE(refutes(verify(query_of(boxed(true)), reference, same)));
}

TEST(Verification, FlatPicturesVerifyNothing) {
  const gray_plane flat{512, 384, std::vector<std::uint8_t>(196608, 99)};
  const gray_plane plane = test::shape_picture(1, 512, 384);
  for (const step_counts &block : verify(query_of(flat), reference_of(plane), same).agreement) {
    EXPECT_EQ(block.compared, 0U);
    EXPECT_EQ(block.equal, 0U);
  }
  EXPECT_FALSE(agrees(verify(query_of(plane), reference_of(flat), same), usual));
}

TEST(Verification, NoTransformReadsBeyondTheView) {
  const gray_plane plane = test::shape_picture(1, 512, 384);
  const keypoint_set query = query_of(plane);
  const keypoint_set reference = reference_of(plane);
  const double huge = 1e300;
  const double no_number = huge * huge - huge * huge;
  for (const plane_transform &transform : {plane_transform{0, 0, 0, 0, 0, 0},
                                           {huge, 0, huge, 0, huge, -huge},
                                           {1e-3, 0, 1e9, 0, 1e-3, -1e9},
                                           {no_number, 1, 2, 3, no_number, 5},
                                           {1, 1, 0, 1, 1, 0},
                                           {-1, 0, -1e4, 0, -1, 1e4}}) {
    EXPECT_FALSE(agrees(verify(query, reference, transform), usual));
  }
  keypoint_set none;
  EXPECT_FALSE(agrees(verify(none, reference, same), usual));
  EXPECT_FALSE(agrees(verify(query, none, same), usual));
}

}  // namespace

}  // namespace libmatch::detail
