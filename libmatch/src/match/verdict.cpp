#include "match/verdict.h"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>

#include "core/hashes.h"
#include "index/bit_order.h"

namespace libmatch::detail {

namespace {

// An upload's image can be looked up by its code.
bool has_code(const scanned_upload &upload, const match_request &request) {
  return upload.scan == LM_SCAN_OK && upload.quality >= request.min_quality;
}

upload_match to_match(const index_table &table, const row_location &location, std::uint32_t distance) {
  const segment &rows = *table.segments[location.segment].rows;
  return {table.hash, rows.data().ids[location.row], distance, std::string(rows.label(location.row))};
}

void add_equal_digests(const scanned_upload &upload, const match_request &request, const index_snapshot &snapshot,
                       upload_verdict &verdict) {
  for (std::size_t i = 0; i < upload.digests.size(); ++i) {
    const index_table &table = snapshot.tables[table_of(request.digests[i])];
    std::array<std::uint64_t, 4> row{};
    pack_rows(upload.digests[i], 1, table.hash, table.bits, row.data());
    for (const row_location &location : find_equal(table, row.data())) {
      verdict.matches.push_back(to_match(table, location, 0));
    }
  }
}

void add_near_codes(const std::vector<scanned_upload> &uploads, const match_request &request,
                    const index_snapshot &snapshot, const backend &device, thread_pool &threads,
                    progress_meter &progress, std::vector<upload_verdict> &verdicts) {
  const index_table &table = snapshot.tables[0];
  std::vector<std::size_t> searched;
  for (std::size_t i = 0; i < uploads.size(); ++i) {
    if (has_code(uploads[i], request)) {
      searched.push_back(i);
    }
  }
  aligned_vector<std::uint64_t> queries(searched.size() * table.words());
  for (std::size_t q = 0; q < searched.size(); ++q) {
    pack_rows(uploads[searched[q]].code, 1, table.hash, table.bits, queries.data() + q * table.words());
  }
  const std::vector<segment_view> views = table.views();
  const query_batch batch{queries.data(), searched.size(), table.words(), describe(table.hash)->compared_by};
  const search_result found = device.search_range(views, batch, request.max_distance, threads, progress);
  for (std::size_t q = 0; q < searched.size(); ++q) {
    for (auto i = static_cast<std::size_t>(found.offsets[q]); i < static_cast<std::size_t>(found.offsets[q + 1]);
         ++i) {
      verdicts[searched[q]].matches.push_back(to_match(table, found.locations[i], found.distances[i]));
    }
  }
}

void conclude(const scanned_upload &upload, const match_request &request, upload_verdict &verdict) {
  std::stable_sort(verdict.matches.begin(), verdict.matches.end(), [](const upload_match &a, const upload_match &b) {
    const auto rank = [](const upload_match &match) {
      return std::tuple(match.distance, table_of(match.hash) == 0, match.id);
    };
    return rank(a) < rank(b);
  });
  if (upload.scan != LM_SCAN_OK) {
    verdict.verdict = LM_VERDICT_NOT_SCANNED;
    verdict.reason = upload.reason;
  } else if (!has_code(upload, request)) {
    verdict.verdict = LM_VERDICT_LOW_QUALITY;
    verdict.reason = "quality " + std::to_string(upload.quality) + " is below " + std::to_string(request.min_quality);
  }
  if (!verdict.matches.empty()) {
    verdict.verdict = LM_VERDICT_MATCH;
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

std::vector<upload_verdict> judge(const std::vector<scanned_upload> &uploads, const match_request &request,
                                  const index_snapshot &snapshot, const backend &device, thread_pool &threads,
                                  progress_meter &progress) {
  std::vector<upload_verdict> verdicts(uploads.size());
  for (std::size_t i = 0; i < uploads.size(); ++i) {
    add_equal_digests(uploads[i], request, snapshot, verdicts[i]);
  }
  add_near_codes(uploads, request, snapshot, device, threads, progress, verdicts);
  for (std::size_t i = 0; i < uploads.size(); ++i) {
    conclude(uploads[i], request, verdicts[i]);
  }
  return verdicts;
}

}  // namespace libmatch::detail
