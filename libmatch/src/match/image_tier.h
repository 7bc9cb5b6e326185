// The second tier: entries whose codes are near a code of an upload's images.
#pragma once

#include <vector>

#include "backend/backend.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "index/index.h"
#include "match/upload.h"

namespace libmatch::detail {

// Looks all codes of all images of all uploads up in one search and adds what is near to the verdicts: each entry
// once an upload, by the nearest of its codes. Progress counts code-query pairs.
void add_near_codes(const std::vector<scanned_upload> &uploads, const match_request &request, const code_index &index,
                    const index_snapshot &snapshot, const backend &device, thread_pool &threads,
                    progress_meter &progress, std::vector<upload_verdict> &verdicts);

// Where a point of an image lies once `part` of it was cut out, turned and mirrored: lm_match_detail::transform.
void set_transform(const image_part &part, int orientation, float (&transform)[6]) noexcept;

}  // namespace libmatch::detail
