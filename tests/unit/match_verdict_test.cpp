#include "match/verdict.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "match/image_tier.h"
#include "match/review_distance.h"

namespace libmatch::detail {
namespace {

constexpr std::array<std::uint8_t, 32> zeros{};

upload_image image_of(std::uint8_t quality, std::span<const std::uint8_t> codes = zeros) {
  return {0, false, {}, quality, codes, nullptr};
}

upload_match match_of(lm_tier tier, lm_verdict verdict, std::uint32_t distance, std::int64_t id,
                      std::uint32_t votes = 0) {
  upload_match match{LM_HASH_PDQ256, id, distance, "", {}};
  match.detail.tier = tier;
  match.detail.verdict = verdict;
  match.detail.votes = votes;
  return match;
}

upload_verdict concluded(lm_scan scan, const std::vector<std::uint8_t> &qualities,
                         std::vector<upload_match> matches = {}) {
  scanned_upload upload{scan, scan == LM_SCAN_OK ? "" : "frame 7: truncated", {}, {}};
  for (const std::uint8_t quality : qualities) {
    upload.images.push_back(image_of(quality));
  }
  upload_verdict verdict;
  verdict.matches = std::move(matches);
  conclude(upload, {31, 64, 50, {}}, verdict);
  return verdict;
}

const upload_match near = match_of(LM_TIER_IMAGE, LM_VERDICT_MATCH, 20, 1);
const upload_match farther = match_of(LM_TIER_IMAGE, LM_VERDICT_REVIEW, 40, 2);

TEST(Conclude, WithoutEntries) {
  EXPECT_EQ(concluded(LM_SCAN_OK, {80}).verdict, LM_VERDICT_NO_MATCH);
  EXPECT_EQ(concluded(LM_SCAN_OK, {80}).reason, "");
  EXPECT_EQ(concluded(LM_SCAN_OK, {49}).verdict, LM_VERDICT_LOW_QUALITY);
  EXPECT_EQ(concluded(LM_SCAN_OK, {49}).reason, "quality 49 is below 50");
  EXPECT_EQ(concluded(LM_SCAN_OK, {10, 30, 20}).reason, "quality 30 is below 50");
  EXPECT_EQ(concluded(LM_SCAN_OK, {10, 50, 20}).verdict, LM_VERDICT_NO_MATCH) << "one image can be told from others";
  EXPECT_EQ(concluded(LM_SCAN_DAMAGED, {}).verdict, LM_VERDICT_NOT_SCANNED);
  EXPECT_EQ(concluded(LM_SCAN_DAMAGED, {}).reason, "frame 7: truncated");
}

TEST(Conclude, WhatWasNotScannedIsNeverNoMatch) {
  EXPECT_EQ(concluded(LM_SCAN_DAMAGED, {80, 90}).verdict, LM_VERDICT_NOT_SCANNED);
  EXPECT_EQ(concluded(LM_SCAN_LIMIT, {80}).verdict, LM_VERDICT_NOT_SCANNED);
  EXPECT_EQ(concluded(LM_SCAN_LIMIT, {10}).verdict, LM_VERDICT_NOT_SCANNED);
}

TEST(Conclude, AMatchOutranksAReviewAndBothWhateverIsMissing) {
  for (const lm_scan scan : {LM_SCAN_OK, LM_SCAN_DAMAGED, LM_SCAN_LIMIT, LM_SCAN_UNKNOWN_FORMAT}) {
    EXPECT_EQ(concluded(scan, {80}, {near}).verdict, LM_VERDICT_MATCH);
    EXPECT_EQ(concluded(scan, {80}, {farther}).verdict, LM_VERDICT_REVIEW);
    EXPECT_EQ(concluded(scan, {80}, {farther, near}).verdict, LM_VERDICT_MATCH);
    EXPECT_EQ(concluded(scan, {}, {match_of(LM_TIER_DIGEST, LM_VERDICT_MATCH, 0, 3)}).verdict, LM_VERDICT_MATCH);
  }
  EXPECT_EQ(concluded(LM_SCAN_DAMAGED, {80}, {near}).reason, "frame 7: truncated");
  EXPECT_EQ(concluded(LM_SCAN_OK, {80}, {near}).reason, "");
}

TEST(Conclude, MatchesStandBestFirst) {
  const upload_match parts = match_of(LM_TIER_PARTS, LM_VERDICT_MATCH, UINT32_MAX, 5, 12);
  const upload_match more_parts = match_of(LM_TIER_PARTS, LM_VERDICT_MATCH, UINT32_MAX, 6, 30);
  const upload_match digest = match_of(LM_TIER_DIGEST, LM_VERDICT_MATCH, 0, 9);
  const upload_match equal = match_of(LM_TIER_IMAGE, LM_VERDICT_MATCH, 0, 4);
  const upload_match few_parts = match_of(LM_TIER_PARTS, LM_VERDICT_REVIEW, UINT32_MAX, 7, 4);
  std::vector<std::int64_t> order;
  for (const upload_match &match :
       concluded(LM_SCAN_OK, {80}, {few_parts, farther, parts, near, more_parts, equal, digest}).matches) {
    order.push_back(match.id);
  }
  EXPECT_EQ(order, (std::vector<std::int64_t>{9, 4, 1, 6, 5, 2, 7}));
}

TEST(ReviewDistance, FallsAsListsGrow) {
  EXPECT_EQ(automatic_review_distance(0), 64U);
  EXPECT_EQ(automatic_review_distance(20'000), 64U);
  EXPECT_EQ(automatic_review_distance(20'001), 53U);
  EXPECT_EQ(automatic_review_distance(100'000), 53U);
  EXPECT_EQ(automatic_review_distance(100'001), 47U);
  EXPECT_EQ(automatic_review_distance(1'000'000), 47U);
  EXPECT_EQ(automatic_review_distance(1'000'001), 40U);
  EXPECT_EQ(automatic_review_distance(10'000'000), 40U);
  EXPECT_EQ(automatic_review_distance(10'000'001), 31U);
}

// Where (x, y) of an upload lies in the entry, in 1/100.
std::array<int, 2> moved(const image_part &part, int orientation, float x, float y) {
  float t[6];
  set_transform(part, orientation, t);
  return {static_cast<int>(100 * (t[0] * x + t[1] * y + t[2]) + 0.5F),
          static_cast<int>(100 * (t[3] * x + t[4] * y + t[5]) + 0.5F)};
}

TEST(ImageTransform, FollowsTheOrientation) {
  using place = std::array<int, 2>;
  const std::array<place, 8> expected{place{20, 10}, place{10, 80}, place{80, 90}, place{90, 20},
                                      place{20, 90}, place{80, 10}, place{10, 20}, place{90, 80}};
  for (int orientation = 0; orientation < 8; ++orientation) {
    EXPECT_EQ(moved({}, orientation, 0.2F, 0.1F), expected[static_cast<std::size_t>(orientation)]) << orientation;
  }
}

TEST(ImageTransform, BeginsAtThePartThatTheBorderFrames) {
  const image_part part{0.25F, 0.125F, 0.5F, 0.75F};
  using place = std::array<int, 2>;
  EXPECT_EQ(moved(part, LM_ORIENTATION_PLAIN, 0.25F, 0.125F), (place{0, 0}));
  EXPECT_EQ(moved(part, LM_ORIENTATION_PLAIN, 0.75F, 0.875F), (place{100, 100}));
  EXPECT_EQ(moved(part, LM_ORIENTATION_FLIP_Y, 0.25F, 0.5F), (place{100, 50}));
}

// Codes that begin with these bytes; the rest is zero.
std::vector<std::uint8_t> codes_of(const std::vector<std::array<std::uint8_t, 12>> &beginnings) {
  std::vector<std::uint8_t> codes;
  for (const auto &beginning : beginnings) {
    codes.insert(codes.end(), beginning.begin(), beginning.end());
    codes.resize(codes.size() + 32 - beginning.size());
  }
  return codes;
}

class Judge : public testing::Test {
 protected:
  Judge() : index_({LM_HASH_PDQ256, 256, "", LM_VERSION}) {
    // Entries 0, 1 and 2 differ in 96 bits from zeros, in 8 from zeros and in 40 from zeros.
    const auto codes = codes_of({{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255},
                                 {255},
                                 {0, 0, 0, 0, 0, 255, 255, 255, 255, 255}});
    const std::array<const char *, 3> labels{"far", "near", "middle"};
    const new_entries entries{0, 3, codes.data(), nullptr, labels.data()};
    index_.add({&entries, 1});
  }

  std::vector<upload_verdict> judged(const std::vector<scanned_upload> &uploads, std::uint32_t review_distance) {
    const auto device = open_backend("scalar");
    thread_pool threads(1);
    progress_meter progress(nullptr, 0);
    return judge(uploads, {31, review_distance, 50, {}}, index_, *index_.snapshot(), *device, threads, progress);
  }

  code_index index_;
};

TEST_F(Judge, EveryEntryIsThereOnceByItsNearestCode) {
  // Entry 1 is near the first code and nearer the second; entry 0 equals the third.
  const auto codes =
      codes_of({{}, {127}, {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}, {}, {}, {}, {}, {}});
  const std::vector<scanned_upload> uploads{{LM_SCAN_OK, "", {{3, true, {}, 90, codes, nullptr}}, {}}};
  const upload_verdict verdict = judged(uploads, 0).front();
  EXPECT_EQ(verdict.verdict, LM_VERDICT_MATCH);
  ASSERT_EQ(verdict.matches.size(), 2U);
  EXPECT_EQ(verdict.matches[0].label, "far");
  EXPECT_EQ(verdict.matches[0].distance, 0U);
  EXPECT_EQ(verdict.matches[0].detail.orientation, LM_ORIENTATION_ROTATE180);
  EXPECT_EQ(verdict.matches[0].detail.frame, 3U);
  EXPECT_EQ(verdict.matches[0].detail.trimmed, 1);
  EXPECT_EQ(verdict.matches[0].detail.tier, LM_TIER_IMAGE);
  EXPECT_EQ(verdict.matches[1].label, "near");
  EXPECT_EQ(verdict.matches[1].distance, 1U);
  EXPECT_EQ(verdict.matches[1].detail.orientation, LM_ORIENTATION_ROTATE90);
}

TEST_F(Judge, BeyondAMatchThereIsReview) {
  const auto codes = codes_of({{0, 0, 0, 0, 0, 0, 255}});
  const std::vector<scanned_upload> uploads{{LM_SCAN_OK, "", {image_of(90, codes)}, {}}};
  // 16 bits from entry 1, 32 from entry 2.
  const upload_verdict without = judged(uploads, 0).front();
  ASSERT_EQ(without.matches.size(), 1U);
  const upload_verdict with = judged(uploads, 32).front();
  ASSERT_EQ(with.matches.size(), 2U);
  EXPECT_EQ(with.verdict, LM_VERDICT_MATCH);
  EXPECT_EQ(with.matches[1].label, "middle");
  EXPECT_EQ(with.matches[1].detail.verdict, LM_VERDICT_REVIEW);
  EXPECT_EQ(judged(uploads, 31).front().matches.size(), 1U);
}

TEST_F(Judge, EachImageCountsWithItsOwnQuality) {
  const auto far = codes_of({{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255}});
  const std::vector<scanned_upload> uploads{
      {LM_SCAN_OK, "", {image_of(49), image_of(90, far)}, {}},  // the near code is of a plain image
      {LM_SCAN_OK,
       "",
       {image_of(49, far), {0, true, {}, 50, zeros, nullptr}},
       {}},  // its border frames one that is not
      {LM_SCAN_DAMAGED, "rest", {image_of(90)}, {}},
  };
  const std::vector<upload_verdict> verdicts = judged(uploads, 0);
  EXPECT_EQ(verdicts[0].verdict, LM_VERDICT_MATCH) << "16 bits from entry 1";
  ASSERT_EQ(verdicts[0].matches.size(), 1U);
  EXPECT_EQ(verdicts[0].matches[0].distance, 16U);
  EXPECT_EQ(verdicts[1].verdict, LM_VERDICT_MATCH);
  EXPECT_EQ(verdicts[1].matches[0].distance, 8U);
  EXPECT_EQ(verdicts[2].verdict, LM_VERDICT_MATCH);
  EXPECT_EQ(verdicts[2].reason, "rest");
}

}  // namespace
}  // namespace libmatch::detail
