// Tier 2: whether a query shows a part of a reference, by pairs of near keypoint codes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "hash/keypoints.h"
#include "match/geometric_vote.h"
#include "match/verification.h"

namespace libmatch::detail {

struct part_match {
  std::uint32_t votes = 0;
  plane_transform transform{};  // from the query's plane to the reference's
  verification_result verification;
  bool certain = false;  // a match; otherwise for review
};

// Nothing where the pairs give no reason to look at the two. What is asked of a match and of a review, and how often
// they are wrong, is in docs/decisions/005-keypoints.md.
std::optional<part_match> match_parts(const keypoint_set &query, const keypoint_set &reference,
                                      std::span<const point_pair> pairs);

}  // namespace libmatch::detail
