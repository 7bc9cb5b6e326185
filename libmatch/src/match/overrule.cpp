#include "match/overrule.h"

#include <algorithm>
#include <string>

namespace libmatch::detail {

namespace {

// What a match rests on.
enum class ground { nearness, equal_code, equal_bytes };

ground ground_of(const upload_match &match) {
  if (match.detail.tier == LM_TIER_DIGEST) {
    return ground::equal_bytes;
  }
  return match.detail.tier == LM_TIER_IMAGE && match.distance == 0 ? ground::equal_code : ground::nearness;
}

bool is_known(const upload_match &match) { return match.origin.role == LM_LIST_KNOWN; }

// Equal bytes speak of the whole file, codes of their image and of what its border frames.
bool speaks_of(const upload_match &entry, const upload_match &match) {
  return ground_of(entry) == ground::equal_bytes || entry.detail.frame == match.detail.frame;
}

const std::uint64_t *row_of(const index_snapshot &snapshot, const upload_match &match) {
  return snapshot.tables[match.table].segments[match.place.segment].rows->row(match.place.row);
}

bool have_one_code(const index_snapshot &snapshot, const upload_match &a, const upload_match &b) {
  if (a.table != b.table || a.table == upload_match::no_table) {
    return false;
  }
  const std::uint64_t *row = row_of(snapshot, a);
  return std::equal(row, row + snapshot.tables[a.table].words(), row_of(snapshot, b));
}

// Whether the code of an image of the upload, rather than only that of an entry near it, is the degenerate one.
bool is_of_image(const upload_match &degenerate) { return ground_of(degenerate) == ground::equal_code; }

bool is_by_code(const index_snapshot &snapshot, const upload_match &degenerate, const upload_match &match) {
  return have_one_code(snapshot, degenerate, match) ||
         (is_of_image(degenerate) && match.detail.tier == LM_TIER_IMAGE &&
          match.detail.frame == degenerate.detail.frame && match.detail.trimmed == degenerate.detail.trimmed);
}

void note(upload_verdict &verdict, const std::string &text) {
  if (verdict.list_reason.find(text) == std::string::npos) {
    verdict.list_reason += (verdict.list_reason.empty() ? "" : "; ") + text;
  }
}

// Returns whether the entry changed what is thought of a match.
bool overrule_by(const upload_match &harmless, upload_verdict &verdict) {
  bool has_effect = false;
  for (upload_match &match : verdict.matches) {
    if (!is_known(match) || !speaks_of(harmless, match) || ground_of(harmless) == ground::nearness) {
      continue;
    }
    if (ground_of(harmless) > ground_of(match)) {
      match.is_overruled = true;
      note(verdict, "list " + harmless.origin.list + " overrules: harmless");
      has_effect = true;
    } else if (ground_of(harmless) == ground_of(match)) {
      match.detail.verdict = LM_VERDICT_REVIEW;
      note(verdict,
           "lists contradict: " + match.origin.list + " knows what " + harmless.origin.list + " calls harmless");
      has_effect = true;
    }
  }
  return has_effect;
}

bool overrule_by_code(const index_snapshot &snapshot, const upload_match &degenerate, upload_verdict &verdict) {
  bool has_effect = false;
  for (upload_match &match : verdict.matches) {
    if (is_known(match) && is_by_code(snapshot, degenerate, match)) {
      match.is_overruled = true;
      note(verdict, "list " + degenerate.origin.list + " overrules: a degenerate code");
      has_effect = true;
    }
  }
  return has_effect;
}

// Whether every image that was looked up has a code that says nothing.
bool are_all_degenerate(const scanned_upload &upload, const match_request &request, const upload_verdict &verdict) {
  bool has_degenerate = false;
  for (const upload_image &image : upload.images) {
    if (image.quality < request.min_quality) {
      continue;
    }
    const bool is_degenerate =
        std::any_of(verdict.matches.begin(), verdict.matches.end(), [&](const upload_match &match) {
          return match.origin.role == LM_LIST_DEGENERATE && is_of_image(match) && match.detail.frame == image.frame &&
                 (match.detail.trimmed != 0) == image.trimmed;
        });
    if (!is_degenerate) {
      return false;
    }
    has_degenerate = true;
  }
  return has_degenerate;
}

}  // namespace

void apply_roles(const scanned_upload &upload, const match_request &request, const index_snapshot &snapshot,
                 const origin_source &origins, upload_verdict &verdict) {
  for (upload_match &match : verdict.matches) {
    if (match.table != upload_match::no_table) {
      match.origin = origins.origin_of(match.table, match.place);
    }
  }
  for (upload_match &entry : verdict.matches) {
    if (is_known(entry)) {
      continue;
    }
    const bool is_harmless = entry.origin.role == LM_LIST_HARMLESS;
    const bool has_effect = is_harmless ? overrule_by(entry, verdict) : overrule_by_code(snapshot, entry, verdict);
    entry.is_dropped = entry.detail.verdict == LM_VERDICT_REVIEW && !has_effect;
    entry.detail.verdict = is_harmless ? LM_VERDICT_NO_MATCH : LM_VERDICT_LOW_QUALITY;
    if (is_harmless && ground_of(entry) == ground::equal_bytes) {
      verdict.is_known_harmless = true;
      note(verdict, "list " + entry.origin.list + " knows the file as harmless");
    }
  }
  verdict.is_degenerate = are_all_degenerate(upload, request, verdict);
  std::erase_if(verdict.matches, [](const upload_match &match) { return match.is_dropped; });
}

}  // namespace libmatch::detail
