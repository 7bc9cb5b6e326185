#include "match/verdict.h"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>

#include "index/bit_order.h"
#include "match/image_tier.h"
#include "match/overrule.h"
#include "match/parts_tier.h"
#include "match/refuted_reviews.h"

namespace libmatch::detail {

namespace {

upload_match to_match(const index_table &table, const row_location &location) {
  const segment &rows = *table.segments[location.segment].rows;
  upload_match match{table.hash, rows.data().ids[location.row], 0,       std::string(rows.label(location.row)),
                     {},         table_of(table.hash),          location};
  match.detail.tier = LM_TIER_DIGEST;
  match.detail.verdict = LM_VERDICT_MATCH;
  set_transform({}, LM_ORIENTATION_PLAIN, match.detail.transform);
  return match;
}

void add_equal_digests(const scanned_upload &upload, const match_request &request, const index_snapshot &snapshot,
                       upload_verdict &verdict) {
  for (std::size_t i = 0; i < upload.digests.size(); ++i) {
    const index_table &table = snapshot.tables[table_of(request.digests[i])];
    std::array<std::uint64_t, 4> row{};
    pack_rows(upload.digests[i], 1, table.hash, table.bits, row.data());
    for (const row_location &location : find_equal(table, row.data())) {
      verdict.matches.push_back(to_match(table, location));
    }
  }
}

std::uint32_t best_quality(const scanned_upload &upload) {
  std::uint32_t best = 0;
  for (const upload_image &image : upload.images) {
    best = std::max<std::uint32_t>(best, image.quality);
  }
  return best;
}

// Whether the upload is what the entry says.
bool counts(const upload_match &match) { return match.origin.role == LM_LIST_KNOWN && !match.is_overruled; }

// Smaller is better.
auto rank(const upload_match &match) {
  return std::tuple(!counts(match), match.detail.verdict == LM_VERDICT_REVIEW, match.detail.tier, ~match.detail.votes,
                    match.distance, match.id);
}

// What is thought of an upload that nothing is near.
void judge_scan(const scanned_upload &upload, const match_request &request, upload_verdict &verdict) {
  const std::uint32_t quality = best_quality(upload);
  if (verdict.is_known_harmless) {
    return;
  }
  if (upload.scan != LM_SCAN_OK) {
    verdict.verdict = LM_VERDICT_NOT_SCANNED;
    verdict.reason = upload.reason;
  } else if (quality < request.min_quality) {
    verdict.verdict = LM_VERDICT_LOW_QUALITY;
    verdict.reason = "quality " + std::to_string(quality) + " is below " + std::to_string(request.min_quality);
  } else if (verdict.is_degenerate) {
    verdict.verdict = LM_VERDICT_LOW_QUALITY;
  }
}

}  // namespace

std::vector<lm_hash> digests_held(const index_snapshot &snapshot) {
  std::vector<lm_hash> held;
  for (const lm_hash hash : {LM_HASH_MD5, LM_HASH_SHA1, LM_HASH_SHA256}) {
    if (snapshot.tables[table_of(hash)].live() > 0) {
      held.push_back(hash);
    }
  }
  return held;
}

void conclude(const scanned_upload &upload, const match_request &request, upload_verdict &verdict) {
  std::stable_sort(verdict.matches.begin(), verdict.matches.end(),
                   [](const upload_match &a, const upload_match &b) { return rank(a) < rank(b); });
  judge_scan(upload, request, verdict);
  if (!verdict.list_reason.empty()) {
    verdict.reason += (verdict.reason.empty() ? "" : "; ") + verdict.list_reason;
  }
  if (!verdict.matches.empty() && counts(verdict.matches.front())) {
    verdict.verdict = verdict.matches.front().detail.verdict;
  }
}

std::vector<upload_verdict> judge(const std::vector<scanned_upload> &uploads, const match_request &request,
                                  const code_index &index, const index_snapshot &snapshot, const backend &device,
                                  thread_pool &threads, progress_meter &progress, const origin_source *origins) {
  std::vector<upload_verdict> verdicts(uploads.size());
  for (std::size_t i = 0; i < uploads.size(); ++i) {
    add_equal_digests(uploads[i], request, snapshot, verdicts[i]);
  }
  add_near_codes(uploads, request, index, snapshot, device, threads, progress, verdicts);
  drop_refuted_reviews(uploads, snapshot, threads, verdicts);
  add_shared_parts(uploads, index, snapshot, device, threads, progress, verdicts);
  for (std::size_t i = 0; i < uploads.size(); ++i) {
    if (origins != nullptr) {
      apply_roles(uploads[i], request, snapshot, *origins, verdicts[i]);
    }
    conclude(uploads[i], request, verdicts[i]);
  }
  return verdicts;
}

}  // namespace libmatch::detail
