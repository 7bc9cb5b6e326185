// The third tier: entries whose keypoints lie in an upload's image under one transform.
#pragma once

#include <vector>

#include "backend/backend.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "index/index.h"
#include "match/geometric_vote.h"
#include "match/upload.h"

namespace libmatch::detail {

// Whether an index holds keypoints that uploads could be looked up by.
bool holds_keypoints(const index_snapshot &snapshot) noexcept;

// Looks the keypoints of all images, and of their mirror images, up and adds what a vote and its verification
// confirm. An entry that is there already by its code changes only from a review to a match. Progress counts pairs of
// codes.
void add_shared_parts(const std::vector<scanned_upload> &uploads, const code_index &index,
                      const index_snapshot &snapshot, const backend &device, thread_pool &threads,
                      progress_meter &progress, std::vector<upload_verdict> &verdicts);

// The transform between two planes as lm_match_detail has it, and the LM_ORIENTATION_... that it is nearest to.
void set_transform(const plane_transform &found, const keypoint_set &query, const keypoint_set &reference,
                   lm_match_detail &detail) noexcept;

}  // namespace libmatch::detail
