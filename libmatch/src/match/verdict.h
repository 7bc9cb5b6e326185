// From scans and an index to verdicts.
#pragma once

#include <vector>

#include "backend/backend.h"
#include "core/entry_origin.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "index/index.h"
#include "match/upload.h"

namespace libmatch::detail {

// The digests that an index holds any of.
std::vector<lm_hash> digests_held(const index_snapshot &snapshot);

// Orders the matches that the tiers found, and says what is to be thought of the upload: the rule stands in
// libmatch.h with lm_match_buffers.
void conclude(const scanned_upload &upload, const match_request &request, upload_verdict &verdict);

// `snapshot` is one of `index`. origins: where its entries come from; null for an index that knows no lists. Progress
// counts code-query pairs.
std::vector<upload_verdict> judge(const std::vector<scanned_upload> &uploads, const match_request &request,
                                  const code_index &index, const index_snapshot &snapshot, const backend &device,
                                  thread_pool &threads, progress_meter &progress,
                                  const origin_source *origins = nullptr);

}  // namespace libmatch::detail
