// Uploads to verdicts.
#include <array>

#include "c_api/guard.h"
#include "c_api/handles.h"
#include "core/hashes.h"
#include "match/verdict.h"
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
  std::vector<libmatch::detail::upload_verdict> texts;  // owns what reasons and labels point to
  lm_verdicts_data data;
};

namespace libmatch::detail {

namespace {

struct match_settings {
  lm_match_options options;
  lm_hash_options hash;
};

match_settings checked_settings(const lm_match_options *options) {
  match_settings settings{read_options(options, LM_MATCH_OPTIONS_INIT, "options"), {}};
  settings.hash = checked_hash_options(settings.options.hash);
  require(settings.hash.hasher != nullptr || describe(settings.hash.hash)->is_of_pixels, "options->hash->hash",
          "uploads are matched by a hash of images, no digest");
  require(settings.hash.orientations == LM_ORIENTATIONS_PLAIN, "options->hash->orientations",
          "uploads are matched by LM_ORIENTATIONS_PLAIN");
  require(settings.options.min_quality <= 100, "options->min_quality", "more than 100");
  return settings;
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

std::vector<scanned_upload> to_uploads(const std::vector<scan_result> &results) {
  std::vector<scanned_upload> uploads;
  uploads.reserve(results.size());
  for (const scan_result &result : results) {
    scanned_upload upload{result.scan, result.reason, result.pixels.codes.data(), result.pixels.quality, {}};
    if (result.readable) {
      for (const auto &digest : result.digests) {
        upload.digests.push_back(digest.data());
      }
    }
    uploads.push_back(std::move(upload));
  }
  return uploads;
}

lm_verdicts *to_verdicts(const std::vector<scan_result> &results, std::vector<upload_verdict> judged) {
  auto all = std::make_unique<lm_verdicts>();
  all->texts = std::move(judged);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const upload_verdict &upload = all->texts[i];
    all->verdicts.push_back(upload.verdict);
    all->quality.push_back(results[i].pixels.quality);
    all->scans.push_back(results[i].scan);
    all->reasons.push_back(upload.reason.c_str());
    for (const upload_match &match : upload.matches) {
      all->hashes.push_back(match.hash);
      all->ids.push_back(match.id);
      all->distances.push_back(match.distance);
      all->labels.push_back(match.label.c_str());
    }
    all->offsets.push_back(static_cast<std::int64_t>(all->ids.size()));
  }
  all->data = {results.size(),        all->verdicts.data(), all->quality.data(), all->scans.data(),
               all->reasons.data(),   all->offsets.data(),  all->hashes.data(),  all->ids.data(),
               all->distances.data(), all->labels.data()};
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

lm_verdicts *match_sources(lm_context *context, const lm_index *index, const lm_match_options *options,
                           const std::vector<scan_source> &sources, const lm_progress *progress) {
  const match_settings settings = checked_settings(options);
  require_comparable(index->codes.description(), settings.hash);
  const std::shared_ptr<const index_snapshot> snapshot = index->codes.snapshot();

  scan_request request;
  request.options = settings.hash;
  request.pixels = true;
  request.digests = digests_held(*snapshot);
  const std::vector<scan_result> results =
      scan_files(sources, request, *context->device, *context->threads, progress);
  const search_progress forwarded(progress, sources.size());
  progress_meter meter(forwarded.get(), 0);
  std::vector<upload_verdict> judged =
      judge(to_uploads(results), {settings.options.max_distance, settings.options.min_quality, request.digests},
            *snapshot, *context->device, *context->threads, meter);
  return to_verdicts(results, std::move(judged));
}

}  // namespace

}  // namespace libmatch::detail

using namespace libmatch::detail;

const char *lm_verdict_name(lm_verdict verdict) {
  constexpr std::array names{"no_match", "match", "low_quality", "not_scanned"};
  const auto i = static_cast<std::size_t>(verdict);
  return verdict >= 0 && i < names.size() ? names[i] : nullptr;
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
