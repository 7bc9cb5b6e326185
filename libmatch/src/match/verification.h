// Whether a query, laid over a reference by a transform that keypoints voted for, shows the same picture there.
#pragma once

#include "hash/frame_signature.h"
#include "hash/keypoints.h"
#include "match/geometric_vote.h"

namespace libmatch::detail {

struct verification_result {
  frame_agreement agreement;
  std::uint32_t visible_cells = 0;  // of frame_side x frame_side
};

// The query's view drawn into the reference's frame: what of each cell the query shows.
frame_cells cells_in_frame(const keypoint_set &query, const keypoint_set &reference,
                           const plane_transform &transform);

// A reference without a signature, or a query without a view, compares in nothing.
verification_result verify(const keypoint_set &query, const keypoint_set &reference,
                           const plane_transform &transform);

// What is asked of a verification.
struct agreement_rule {
  std::uint32_t equal_percent_min;      // of the steps that are compared; half would be chance
  std::uint32_t differing_percent_max;  // of the blocks with enough steps, those in which less than 70 % are equal
  bool counts_missing = true;           // steps that the query lacks
};

// Enough is compared, and it agrees as the rule asks. What is written or pasted over a copy differs in some blocks;
// two pictures in one frame, or one window with other contents, differ in more. Where the reference has an edge and
// the query is flat, no sign is seen, but no copy either: such steps count half. Drawings that share an outline and
// differ in what it holds are told apart by them.
bool agrees(const verification_result &result, const agreement_rule &rule);

// Enough is compared, and so little agrees that the two show different things, even if a copy may lie a little beside
// its reference. Steps that the query lacks count whole.
bool refutes(const verification_result &result);

}  // namespace libmatch::detail
