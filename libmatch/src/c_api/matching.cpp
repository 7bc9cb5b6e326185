// Uploads to verdicts.
#include <algorithm>
#include <array>

#include "c_api/guard.h"
#include "c_api/handles.h"
#include "core/hashes.h"
#include "match/parts_tier.h"
#include "match/review_distance.h"
#include "match/verdict.h"
#include "scan/memory_images.h"
#include "scan/pixels.h"

struct lm_verdicts {
  std::vector<lm_verdict> verdicts;
  std::vector<uint8_t> quality;
  std::vector<lm_scan> scans;
  std::vector<const char *> reasons;
  std::vector<int64_t> offsets{0};
  std::vector<lm_hash> hashes;
  std::vector<int64_t> ids;
  std::vector<uint32_t> distances;
  std::vector<const char *> labels;
  std::vector<lm_match_detail> details;
  std::vector<const char *> lists;
  std::vector<const char *> list_ids;
  std::vector<int64_t> times;
  std::vector<lm_list_role> roles;
  std::vector<uint8_t> overruled;
  std::vector<libmatch::detail::upload_verdict> texts;  // owns what the texts above are
  lm_verdicts_data data;
};

namespace libmatch::detail {

namespace {

// Of a value that counts from 0; null for an unknown one.
template <std::size_t N>
const char *name_of(std::int32_t value, const std::array<const char *, N> &names) {
  const auto i = static_cast<std::size_t>(value);
  return value >= 0 && i < N ? names[i] : nullptr;
}

struct match_settings {
  lm_match_options options;
  lm_hash_options hash;
};

// What a program means that knows no effort: it was written when there was one code and no review.
lm_match_options unset_match_options(const lm_match_options *options) {
  lm_match_options unset = LM_MATCH_OPTIONS_INIT;
  if (options != nullptr) {
    unset.review_distance = 0;
    unset.effort = LM_EFFORT_FAST;
  }
  return unset;
}

match_settings checked_settings(const lm_match_options *options) {
  match_settings settings{read_options(options, unset_match_options(options), "options"), {}};
  require(lm_effort_name(settings.options.effort) != nullptr, "options->effort", "unknown value");
  require(settings.options.min_quality <= 100, "options->min_quality", "more than 100");
  settings.hash = checked_hash_options(settings.options.hash);
  require(settings.hash.hasher != nullptr || describe(settings.hash.hash)->is_of_pixels, "options->hash->hash",
          "uploads are matched by a hash of images, no digest");
  require(settings.hash.orientations == LM_ORIENTATIONS_PLAIN, "options->hash->orientations",
          "the effort decides; leave it LM_ORIENTATIONS_PLAIN");
  require(settings.hash.trim_borders == 0, "options->hash->trim_borders", "the effort decides; leave it 0");
  require(settings.hash.keypoints == 0, "options->hash->keypoints", "the effort decides; leave it 0");
  if (settings.options.effort != LM_EFFORT_FAST && is_pdq(settings.hash)) {
    settings.hash.orientations = LM_ORIENTATIONS_SAMPLED;
    settings.hash.trim_borders = 1;
  }
  return settings;
}

// Chance is known for PDQ's codes; for others the caller has to say how far is worth a look.
std::uint32_t review_distance_of(const match_settings &settings, const index_snapshot &snapshot) {
  if (settings.options.review_distance != LM_REVIEW_AUTOMATIC) {
    return settings.options.review_distance;
  }
  return is_pdq(settings.hash) ? automatic_review_distance(snapshot.tables[0].live()) : 0;
}

// Codes made in different ways must not be compared (docs/decoding.md says how far apart they are).
void require_comparable(const index_description &index, const lm_hash_options &options) {
  const wanted_hash wanted = hash_of(options);
  if (index.hash != wanted.hash || index.bits != wanted.bits) {
    const bool has_width = options.hasher != nullptr;
    fail(LM_ERROR_INVALID_ARGUMENT, "index: holds ", describe(index.hash)->name, " of ", index.bits,
         " bits, uploads are hashed to ", describe(wanted.hash)->name, has_width ? " of " : "",
         has_width ? std::to_string(wanted.bits) + " bits" : "");
  }
  const std::string profile = lm_hash_profile(&options);
  if (!index.profile.empty() && index.profile != profile) {
    fail(LM_ERROR_INVALID_ARGUMENT, "index: its codes have the profile \"", index.profile,
         "\", uploads would be hashed by \"", profile, "\"");
  }
}

upload_image to_image(const scanned_image &image) {
  const auto width = static_cast<float>(image.width);
  const auto height = static_cast<float>(image.height);
  const image_part part{static_cast<float>(image.part.x) / width, static_cast<float>(image.part.y) / height,
                        static_cast<float>(image.part.width) / width, static_cast<float>(image.part.height) / height};
  return {image.frame, image.trimmed, part, image.quality, image.codes, &image.keypoints};
}

std::vector<scanned_upload> to_uploads(const std::vector<scan_result> &results) {
  std::vector<scanned_upload> uploads;
  uploads.reserve(results.size());
  for (const scan_result &result : results) {
    scanned_upload upload{result.scan, result.reason, {}, {}};
    for (const scanned_image &image : result.images) {
      upload.images.push_back(to_image(image));
    }
    if (result.readable) {
      for (const auto &digest : result.digests) {
        upload.digests.push_back(digest.data());
      }
    }
    uploads.push_back(std::move(upload));
  }
  return uploads;
}

std::uint8_t best_quality(const scan_result &result) {
  std::uint8_t best = 0;
  for (const scanned_image &image : result.images) {
    best = std::max(best, image.quality);
  }
  return best;
}

// version: of the state that was searched.
lm_verdicts *to_verdicts(const std::vector<scan_result> &results, std::vector<upload_verdict> judged,
                         std::uint64_t version) {
  auto all = std::make_unique<lm_verdicts>();
  all->texts = std::move(judged);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const upload_verdict &upload = all->texts[i];
    all->verdicts.push_back(upload.verdict);
    all->quality.push_back(best_quality(results[i]));
    all->scans.push_back(results[i].scan);
    all->reasons.push_back(upload.reason.c_str());
    for (const upload_match &match : upload.matches) {
      all->hashes.push_back(match.hash);
      all->ids.push_back(match.id);
      all->distances.push_back(match.distance);
      all->labels.push_back(match.label.c_str());
      all->details.push_back(match.detail);
      all->lists.push_back(match.origin.list.c_str());
      all->list_ids.push_back(match.origin.list_id.c_str());
      all->times.push_back(match.origin.time);
      all->roles.push_back(match.origin.role);
      all->overruled.push_back(match.is_overruled ? 1 : 0);
    }
    all->offsets.push_back(static_cast<std::int64_t>(all->ids.size()));
  }
  all->data = {results.size(),
               all->verdicts.data(),
               all->quality.data(),
               all->scans.data(),
               all->reasons.data(),
               all->offsets.data(),
               all->hashes.data(),
               all->ids.data(),
               all->distances.data(),
               all->labels.data(),
               all->details.data(),
               all->lists.data(),
               all->list_ids.data(),
               all->times.data(),
               all->roles.data(),
               all->overruled.data(),
               version};
  return all.release();
}

// The caller's progress during the search: the uploads are all scanned, and the caller can still cancel.
class search_progress {
 public:
  search_progress(const lm_progress *caller, std::size_t uploads)
      : caller_(caller), uploads_(uploads), forwarding_{forward, this} {}
  search_progress(const search_progress &) = delete;
  search_progress &operator=(const search_progress &) = delete;

  const lm_progress *get() const noexcept {
    return caller_ != nullptr && caller_->callback != nullptr ? &forwarding_ : nullptr;
  }

 private:
  static std::int32_t forward(void *user_data, std::uint64_t /*pairs*/, std::uint64_t /*all_pairs*/) {
    const auto *self = static_cast<const search_progress *>(user_data);
    return self->caller_->callback(self->caller_->user_data, self->uploads_, self->uploads_);
  }

  const lm_progress *caller_;
  std::size_t uploads_;
  lm_progress forwarding_;
};

// Adds to a request what it takes to answer from a state. Returns whether anything was missing.
bool widen(scan_request &request, const index_snapshot &snapshot, const match_settings &settings, bool has_bytes) {
  bool is_wider = false;
  for (const lm_hash hash : has_bytes ? digests_held(snapshot) : std::vector<lm_hash>()) {
    if (std::find(request.digests.begin(), request.digests.end(), hash) == request.digests.end()) {
      request.digests.push_back(hash);
      is_wider = true;
    }
  }
  if (settings.options.effort == LM_EFFORT_THOROUGH && is_pdq(settings.hash) && holds_keypoints(snapshot) &&
      request.role != keypoint_role::query) {
    request.role = keypoint_role::query;
    request.options.keypoints = query_points_default;
    is_wider = true;
  }
  return is_wider;
}

// Scans by `scan`, which is given the request, and looks up what it found: all of it in one state. That is the state
// after the scan, which takes a while: what was taken back meanwhile is no answer any more. Where that state holds a
// kind that the one before held none of, the uploads are scanned once more: a list of a new kind comes seldom.
template <typename Scan>
lm_verdicts *match_scanned(lm_context *context, const lm_index *index, const match_settings &settings, bool has_bytes,
                           const lm_progress *progress, const Scan &scan) {
  require_comparable(index->codes.description(), settings.hash);
  index_state state = index->state();
  scan_request request;
  request.options = settings.hash;
  request.pixels = true;
  widen(request, *state.snapshot, settings, has_bytes);
  std::vector<scan_result> results;
  do {
    results = scan(request);
    state = index->state();
  } while (widen(request, *state.snapshot, settings, has_bytes));
  const std::shared_ptr<const index_snapshot> snapshot = state.snapshot;
  const search_progress forwarded(progress, results.size());
  progress_meter meter(forwarded.get(), 0);
  std::vector<upload_verdict> judged =
      judge(to_uploads(results),
            {settings.options.max_distance, review_distance_of(settings, *snapshot), settings.options.min_quality,
             request.digests},
            index->codes, *snapshot, *context->device, *context->threads, meter, state.live.get());
  return to_verdicts(results, std::move(judged), state.live != nullptr ? state.live->store().version : 0);
}

lm_verdicts *match_sources(lm_context *context, const lm_index *index, const lm_match_options *options,
                           const std::vector<scan_source> &sources, const lm_progress *progress) {
  return match_scanned(context, index, checked_settings(options), true, progress, [&](const scan_request &request) {
    return scan_files(sources, request, *context->images, *context->threads, progress);
  });
}

}  // namespace

}  // namespace libmatch::detail

using namespace libmatch::detail;

const char *lm_verdict_name(lm_verdict verdict) {
  return name_of(verdict, std::array{"no_match", "match", "low_quality", "not_scanned", "review"});
}

const char *lm_effort_name(lm_effort effort) { return name_of(effort, std::array{"fast", "standard", "thorough"}); }

const char *lm_tier_name(lm_tier tier) { return name_of(tier, std::array{"digest", "image", "parts"}); }

lm_status lm_match_images(lm_context *context, const lm_index *index, const lm_match_options *options,
                          const lm_image *images, size_t n, const lm_progress *progress, lm_verdicts **out_verdicts) {
  return guarded([&] {
    require_handle(context, "context");
    require_handle(index, "index");
    require_handle(out_verdicts, "out_verdicts");
    const match_settings settings = checked_settings(options);
    require_images(images, n, settings.hash.max_pixels);
    *out_verdicts = match_scanned(context, index, settings, false, progress, [&](const scan_request &request) {
      return scan_images({images, n}, request, *context->device, *context->threads, progress);
    });
  });
}

lm_status lm_match_buffers(lm_context *context, const lm_index *index, const lm_match_options *options,
                           const lm_buffer *buffers, size_t n, const lm_progress *progress,
                           lm_verdicts **out_verdicts) {
  return guarded([&] {
    require_handle(context, "context");
    require_handle(index, "index");
    require_handle(out_verdicts, "out_verdicts");
    *out_verdicts = match_sources(context, index, options, sources_of_buffers(buffers, n), progress);
  });
}

lm_status lm_match_files(lm_context *context, const lm_index *index, const lm_match_options *options,
                         const char *const *paths, size_t n, const lm_progress *progress,
                         lm_verdicts **out_verdicts) {
  return guarded([&] {
    require_handle(context, "context");
    require_handle(index, "index");
    require_handle(out_verdicts, "out_verdicts");
    *out_verdicts = match_sources(context, index, options, sources_of_paths(paths, n), progress);
  });
}

const lm_verdicts_data *lm_verdicts_view(const lm_verdicts *verdicts) {
  return verdicts != nullptr ? &verdicts->data : nullptr;
}

void lm_verdicts_free(lm_verdicts *verdicts) { delete verdicts; }
