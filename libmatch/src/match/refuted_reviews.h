// Reviews by codes of whole images, held against what the index keeps of their entries' frames.
#pragma once

#include <vector>

#include "core/parallel.h"
#include "index/index.h"
#include "match/upload.h"

namespace libmatch::detail {

// Takes back the reviews by a near code whose upload, laid over the entry as the code says, shows something else than
// the entry's signature. A code beyond the distance of a match is often that of another image of the same rough
// shape; a signature has twelve times as many signs. What cannot be compared stays: uploads whose image has no
// keypoints, entries of which some code has no signature. Matches stay.
void drop_refuted_reviews(const std::vector<scanned_upload> &uploads, const index_snapshot &snapshot,
                          thread_pool &threads, std::vector<upload_verdict> &verdicts);

}  // namespace libmatch::detail
