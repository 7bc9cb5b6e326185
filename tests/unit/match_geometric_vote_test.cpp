#include "match/geometric_vote.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "support/pixels.h"

namespace libmatch::detail {

namespace {

// Points of a query and a reference, pair by pair, as a similarity of scale 1/2 without a turn would place them.
struct scene {
  keypoint_set query;
  keypoint_set reference;
  std::vector<point_pair> pairs;

  scene() {
    query.width = 1024;
    query.height = 768;
    reference.width = 512;
    reference.height = 384;
  }

  void add(keypoint from, keypoint to, bool mirrored = false, std::uint8_t distance = 10) {
    pairs.push_back({static_cast<std::uint32_t>(query.points.size()),
                     static_cast<std::uint32_t>(reference.points.size()), distance, mirrored});
    query.points.push_back(from);
    reference.points.push_back(to);
  }

  // At (x, y) of the query's plane, pixels, and at half of it in the reference's.
  void add_at(unsigned x, unsigned y) {
    add({static_cast<std::uint16_t>(16 * x), static_cast<std::uint16_t>(16 * y), 20, 77},
        {static_cast<std::uint16_t>(8 * x), static_cast<std::uint16_t>(8 * y), 4, 77});
  }

  vote_result result() const { return vote(query, reference, pairs); }
};

TEST(GeometricVote, FindsTheTransformOfPairsThatAgree) {
  scene of;
  for (const auto &[x, y] : {std::pair{100U, 100U}, {800U, 150U}, {420U, 600U}, {700U, 500U}, {200U, 400U}}) {
    of.add_at(x, y);
  }
  of.add({16 * 300, 16 * 300, 20, 77}, {16 * 400, 16 * 50, 4, 77});    // elsewhere
  of.add({16 * 500, 16 * 300, 20, 77}, {16 * 250, 16 * 150, 4, 130});  // turned
  of.add({16 * 510, 16 * 330, 20, 77}, {16 * 255, 16 * 165, 20, 77});  // of another size
  const vote_result result = of.result();
  EXPECT_EQ(result.votes, 5U);
  ASSERT_EQ(result.inliers.size(), 5U);
  const std::array<double, 6> expected{0.5, 0, 0, 0, 0.5, 0};
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(result.transform[i], expected[i], 0.02) << i;
  }
}

TEST(GeometricVote, MirroredPairsGiveATransformOfTheQueryAsItIs) {
  scene of;
  for (const auto &[x, y] : {std::pair{100U, 100U}, {800U, 150U}, {420U, 600U}, {700U, 500U}}) {
    // In the mirror image the point is at 1024 - x and points to 128 - 77.
    of.add({static_cast<std::uint16_t>(16 * x), static_cast<std::uint16_t>(16 * y), 16, 77},
           {static_cast<std::uint16_t>(8 * (1024 - x)), static_cast<std::uint16_t>(8 * y), 0, 51}, true);
  }
  const vote_result result = of.result();
  EXPECT_EQ(result.votes, 4U);
  const std::array<double, 6> expected{-0.5, 0, 512, 0, 0.5, 0};
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(result.transform[i], expected[i], i == 2 ? 3 : 0.02) << i;
  }
}

TEST(GeometricVote, PlainAndMirroredPairsDoNotVoteTogether) {
  scene of;
  of.add_at(100, 100);
  of.add_at(800, 200);
  of.add({16 * 420, 16 * 600, 16, 77}, {8 * 604, 8 * 600, 0, 51}, true);
  of.add({16 * 700, 16 * 500, 16, 77}, {8 * 324, 8 * 500, 0, 51}, true);
  EXPECT_EQ(of.result().votes, 0U);
}

TEST(GeometricVote, PointsCloseTogetherDoNotSpanTheReference) {
  scene of;
  for (const auto &[x, y] : {std::pair{100U, 100U}, {180U, 120U}, {120U, 200U}, {200U, 190U}, {160U, 160U}}) {
    of.add_at(x, y);
  }
  EXPECT_EQ(of.result().votes, 0U);
}

TEST(GeometricVote, TheSamePlaceCountsOnce) {
  scene of;
  of.add_at(100, 100);
  of.add_at(800, 600);
  for (unsigned i = 0; i < 50; ++i) {
    of.add_at(400 + i % 2, 300);
  }
  EXPECT_EQ(of.result().votes, 3U);
}

TEST(GeometricVote, ThreeVotesAreTheLeast) {
  scene of;
  EXPECT_EQ(of.result().votes, 0U);
  of.add_at(100, 100);
  EXPECT_EQ(of.result().votes, 0U);
  of.add_at(800, 600);
  EXPECT_EQ(of.result().votes, 0U);
  of.add_at(300, 500);
  EXPECT_EQ(of.result().votes, 3U);
}

TEST(GeometricVote, DoesNotDependOnTheOrderOfThePairs) {
  scene of;
  test::number_sequence numbers(5);
  for (int i = 0; i < 12; ++i) {
    of.add_at(numbers.next() % 1000, numbers.next() % 760);
  }
  for (int i = 0; i < 600; ++i) {
    const auto coordinate = [&](unsigned limit) { return static_cast<std::uint16_t>(numbers.next() % (16 * limit)); };
    of.add({coordinate(1024), coordinate(768), static_cast<std::uint8_t>(numbers.next() % 40), 3},
           {coordinate(512), coordinate(384), static_cast<std::uint8_t>(numbers.next() % 30), 9}, false,
           static_cast<std::uint8_t>(11 + numbers.next() % 20));
  }
  const vote_result forward = of.result();
  EXPECT_GE(forward.votes, 10U);
  std::reverse(of.pairs.begin(), of.pairs.end());
  const vote_result backward = of.result();
  EXPECT_EQ(forward.votes, backward.votes);
  EXPECT_EQ(forward.transform, backward.transform);
}

// Every pair there is, of points that are all at one place or on one line: bounded work, and no match.
TEST(GeometricVote, ThousandsOfEqualPointsAreNoMatch) {
  scene of;
  for (unsigned i = 0; i < 300; ++i) {
    of.query.points.push_back({8000, 8000, 10, 5});
    of.reference.points.push_back({4000, 3000, 10, 5});
  }
  for (std::uint32_t i = 0; i < 300; ++i) {
    for (std::uint32_t j = 0; j < 300; ++j) {
      of.pairs.push_back({i, j, 0, false});
    }
  }
  EXPECT_EQ(of.result().votes, 0U);
}

TEST(GeometricVote, ExtremeKeypointsGiveFiniteTransforms) {
  scene of;
  const std::array<std::uint16_t, 3> places{0, 40000, 65535};
  for (const std::uint16_t x : places) {
    for (const std::uint16_t y : places) {
      of.add({x, y, 255, 255}, {y, x, 0, 0});
      of.add({x, y, 0, 0}, {y, x, 255, 255}, true);
    }
  }
  of.query.width = 0;
  of.reference.width = 65535;
  for (const double value : of.result().transform) {
    EXPECT_TRUE(value > -1e12 && value < 1e12);
  }
}

}  // namespace

}  // namespace libmatch::detail
