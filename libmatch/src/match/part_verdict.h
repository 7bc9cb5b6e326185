// What a vote of keypoints is worth.
#pragma once

#include "hash/keypoints.h"
#include "libmatch/libmatch.h"
#include "match/geometric_vote.h"

namespace libmatch::detail {

// LM_VERDICT_MATCH, LM_VERDICT_REVIEW, or LM_VERDICT_NO_MATCH where the votes mean nothing.
lm_verdict part_verdict(const keypoint_set &query, const keypoint_set &reference, const vote_result &votes);

}  // namespace libmatch::detail
