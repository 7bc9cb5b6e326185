// From scans and an index to verdicts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backend/backend.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "index/index.h"
#include "libmatch/libmatch.h"

namespace libmatch::detail {

// One upload as the scan left it. Digests lie in the order of `match_request::digests`.
struct scanned_upload {
  lm_scan scan;
  std::string_view reason;
  const std::uint8_t *code;  // of the index's width; meaningless unless scan is LM_SCAN_OK
  std::uint8_t quality;
  std::vector<const std::uint8_t *> digests;  // empty when the bytes could not be read
};

struct match_request {
  std::uint32_t max_distance;
  std::uint32_t min_quality;
  std::vector<lm_hash> digests;
};

struct upload_match {
  lm_hash hash;
  std::int64_t id;
  std::uint32_t distance;
  std::string label;
};

struct upload_verdict {
  lm_verdict verdict = LM_VERDICT_NO_MATCH;
  std::string reason;
  std::vector<upload_match> matches;  // best first: by (distance, digests before codes, id)
};

// The digests that an index holds any of.
std::vector<lm_hash> digests_held(const index_snapshot &snapshot);

// Progress counts code-query pairs.
std::vector<upload_verdict> judge(const std::vector<scanned_upload> &uploads, const match_request &request,
                                  const index_snapshot &snapshot, const backend &device, thread_pool &threads,
                                  progress_meter &progress);

}  // namespace libmatch::detail
