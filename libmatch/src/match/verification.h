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

// Enough is compared, and so many hundredths of it are equal: half would be chance.
bool agrees(const verification_result &result, std::uint32_t equal_percent_min);

}  // namespace libmatch::detail
