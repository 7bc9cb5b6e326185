#include "match/refuted_reviews.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "match/image_tier.h"
#include "support/shape_picture.h"

namespace libmatch::detail {
namespace {

constexpr std::array<std::uint8_t, 64> two_codes{};

gray_plane picture(std::uint32_t seed) { return test::shape_picture(seed, 320, 240); }

keypoint_set query_of(const gray_plane &plane) { return extract_keypoints(plane, {100, keypoint_role::query}); }

class RefutedReviews : public testing::Test {
 protected:
  RefutedReviews() : index_({LM_HASH_PDQ256, 256, "", LM_VERSION}) {}

  // An entry of so many codes and the signatures of these pictures.
  void add(std::int64_t id, std::size_t codes, const std::vector<keypoint_set> &sets) {
    const std::vector<std::int64_t> ids(std::max(codes, sets.size()), id);
    const new_entries entries{0, codes, two_codes.data(), ids.data(), nullptr};
    index_.add({&entries, 1});
    index_.add_keypoints(std::span(ids).first(sets.size()), sets);
  }

  void add(std::int64_t id, const gray_plane &plane) {
    add(id, 1, {extract_keypoints(plane, {100, keypoint_role::reference})});
  }

  // The ids that are left of these, reviewed by a code of `part` of the picture as turned.
  std::vector<std::int64_t> left(const keypoint_set *query, const std::vector<std::int64_t> &ids,
                                 lm_verdict verdict = LM_VERDICT_REVIEW, int orientation = LM_ORIENTATION_PLAIN,
                                 const image_part &part = {}) {
    const std::vector<scanned_upload> uploads{{LM_SCAN_OK, "", {{0, false, {}, 90, {}, nullptr}}, {}},
                                              {LM_SCAN_OK, "", {{2, false, {}, 90, {}, query}}, {}}};
    std::vector<upload_verdict> verdicts(2);
    for (const std::int64_t id : ids) {
      upload_match match{LM_HASH_PDQ256, id, 40, "", {}};
      match.detail.tier = LM_TIER_IMAGE;
      match.detail.verdict = verdict;
      match.detail.frame = 2;
      set_transform(part, orientation, match.detail.transform);
      verdicts[1].matches.push_back(match);
    }
    thread_pool threads(2);
    drop_refuted_reviews(uploads, *index_.snapshot(), threads, verdicts);
    std::vector<std::int64_t> result;
    for (const upload_match &match : verdicts[1].matches) {
      result.push_back(match.id);
    }
    return result;
  }

  code_index index_;
};

using ids = std::vector<std::int64_t>;

TEST_F(RefutedReviews, OnlyWhatShowsSomethingElseGoes) {
  add(1, picture(1));
  add(2, picture(2));
  add(3, picture(3));
  const keypoint_set query = query_of(picture(2));
  EXPECT_EQ(left(&query, {1, 2, 3}), (ids{2}));
  EXPECT_EQ(left(&query, {1, 3}), (ids{}));
  EXPECT_EQ(left(&query, {1, 2, 3}, LM_VERDICT_MATCH), (ids{1, 2, 3})) << "a match by its code is none to review";
}

TEST_F(RefutedReviews, TheUploadIsTurnedAsTheCodeSays) {
  const gray_plane upright = picture(4);
  add(4, upright);
  const keypoint_set mirrored = query_of(test::copied(upright, 320, 240, {-1, 0, 320, 0, 1, 0}));
  EXPECT_EQ(left(&mirrored, {4}, LM_VERDICT_REVIEW, LM_ORIENTATION_FLIP_Y), (ids{4}));
  EXPECT_EQ(left(&mirrored, {4}, LM_VERDICT_REVIEW, LM_ORIENTATION_PLAIN), (ids{}));
}

TEST_F(RefutedReviews, OfAFramedPictureThePartInTheFrameIsCompared) {
  const gray_plane inside = picture(5);
  add(5, inside);
  const keypoint_set framed = query_of(test::copied(inside, 400, 400, {1, 0, -40, 0, 1, -80}));
  EXPECT_EQ(left(&framed, {5}, LM_VERDICT_REVIEW, LM_ORIENTATION_PLAIN, {0.1F, 0.2F, 0.8F, 0.6F}), (ids{5}));
  EXPECT_EQ(left(&framed, {5}), (ids{}));
}

TEST_F(RefutedReviews, WhatCannotBeComparedStays) {
  add(1, picture(1));
  add(6, 1, {});
  add(8, 2, {extract_keypoints(picture(8), {100, keypoint_role::reference})});
  const keypoint_set query = query_of(picture(2));
  EXPECT_EQ(left(&query, {1, 6, 8, 99}), (ids{6, 8, 99})) << "no keypoints, those of one of two codes, no entry";
  EXPECT_EQ(left(nullptr, {1}), (ids{1})) << "no view of the upload";
}

TEST_F(RefutedReviews, WithoutSignaturesNothingIsCompared) {
  keypoint_set without = extract_keypoints(picture(1), {100, keypoint_role::reference});
  without.signature.clear();
  add(1, 1, {without});
  const keypoint_set query = query_of(picture(2));
  EXPECT_EQ(left(&query, {1}), (ids{1}));
}

TEST_F(RefutedReviews, OneOfAnEntrysPicturesIsEnough) {
  add(9, 2,
      {extract_keypoints(picture(1), {100, keypoint_role::reference}),
       extract_keypoints(picture(2), {100, keypoint_role::reference})});
  const keypoint_set second = query_of(picture(2));
  const keypoint_set neither = query_of(picture(3));
  EXPECT_EQ(left(&second, {9}), (ids{9}));
  EXPECT_EQ(left(&neither, {9}), (ids{}));
}

TEST_F(RefutedReviews, APlainUploadShowsSomethingElse) {
  add(1, picture(1));
  const gray_plane plain{320, 240, std::vector<std::uint8_t>(std::size_t{320} * 240, 99)};
  const keypoint_set query = query_of(plain);
  EXPECT_EQ(left(&query, {1}), (ids{}));
  add(2, plain);
  EXPECT_EQ(left(&query, {2}), (ids{2})) << "an entry without a clear step says nothing";
}

}  // namespace
}  // namespace libmatch::detail
