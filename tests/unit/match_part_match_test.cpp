#include "match/part_match.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/shape_picture.h"

namespace libmatch::detail {

namespace {

// Points that lie over each other where `view` is laid over `picture`, so many of them, as far apart as may be.
std::optional<part_match> match_with(std::uint32_t votes, const gray_plane &view, const gray_plane &picture) {
  keypoint_set query = extract_keypoints(view, {0, keypoint_role::query});
  keypoint_set reference = extract_keypoints(picture, {0, keypoint_role::reference});
  std::vector<point_pair> pairs;
  for (std::uint32_t i = 0; i < votes; ++i) {
    const keypoint point{static_cast<std::uint16_t>(16 * (40 + i * 97 % 430)),
                         static_cast<std::uint16_t>(16 * (40 + i * 61 % 300)), 8, 30};
    query.points.push_back(point);
    reference.points.push_back(point);
    pairs.push_back({i, i, 5, false});
  }
  return match_parts(query, reference, pairs);
}

// The left part of the picture, the given share of the width, is drawn over.
gray_plane partly_covered(const gray_plane &picture, std::size_t percent) {
  const gray_plane other = test::shape_picture(77, picture.width, picture.height);
  gray_plane covered = picture;
  for (std::size_t y = 0; y < picture.height; ++y) {
    std::copy_n(other.row(y), picture.width * percent / 100, covered.pixels.data() + y * picture.width);
  }
  return covered;
}

TEST(PartMatch, VotesThatTheViewConfirmsAreAMatch) {
  const gray_plane picture = test::shape_picture(1, 512, 384);
  EXPECT_FALSE(match_with(0, picture, picture).has_value());
  EXPECT_FALSE(match_with(4, picture, picture).has_value());
  const std::optional<part_match> five = match_with(5, picture, picture);
  ASSERT_TRUE(five.has_value());
  EXPECT_EQ(five->votes, 5U);
  EXPECT_FALSE(five->certain);
  const std::optional<part_match> six = match_with(6, picture, picture);
  ASSERT_TRUE(six.has_value());
  EXPECT_TRUE(six->certain);
}

TEST(PartMatch, ManyVotesAllowSomeOfTheViewToBeCovered) {
  const gray_plane picture = test::shape_picture(1, 512, 384);
  const gray_plane covered = partly_covered(picture, 25);
  EXPECT_FALSE(match_with(7, covered, picture).has_value());
  const std::optional<part_match> many = match_with(16, covered, picture);
  ASSERT_TRUE(many.has_value());
  EXPECT_FALSE(many->certain);
}

TEST(PartMatch, ThatHalfOfTheViewIsSomethingElseIsNoneHoweverManyVote) {
  const gray_plane picture = test::shape_picture(1, 512, 384);
  EXPECT_FALSE(match_with(60, partly_covered(picture, 46), picture).has_value());
}

TEST(PartMatch, AViewOfSomethingElseIsNoneHoweverManyVote) {
  EXPECT_FALSE(match_with(20, test::shape_picture(2, 512, 384), test::shape_picture(1, 512, 384)).has_value());
}

}  // namespace

}  // namespace libmatch::detail
