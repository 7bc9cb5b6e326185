// libmatch match: a verdict on every upload.
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "batch.h"
#include "index_file.h"
#include "library.h"
#include "numbers.h"
#include "output.h"
#include "verbs.h"

namespace command {

namespace {

struct match_options {
  std::string index;
  std::vector<std::string> paths;
  std::string effort = "standard";
  std::uint32_t max_distance = 31;
  std::optional<std::uint32_t> review_distance;  // none: by the size of the list
  std::uint32_t min_quality = 50;
  bool as_json = false;
  bool map = false;
};

std::string or_dash(std::string_view text) { return text.empty() ? "-" : escape(text); }

constexpr std::array<const char *, 3> efforts{"fast", "standard", "thorough"};  // by their values

lm_match_options library_options(const match_options &options) {
  lm_match_options library = LM_MATCH_OPTIONS_INIT;
  library.max_distance = options.max_distance;
  library.min_quality = options.min_quality;
  library.review_distance = options.review_distance.value_or(LM_REVIEW_AUTOMATIC);
  for (std::size_t i = 0; i < efforts.size(); ++i) {
    if (options.effort == efforts[i]) {
      library.effort = static_cast<lm_effort>(i);
    }
  }
  return library;
}

bool has_distance(const libmatch::verdicts::match &found) { return found.distance != UINT32_MAX; }

// How near the entry is, by whatever found it.
std::string nearness(const libmatch::verdicts::match &found) {
  return found.detail.tier == LM_TIER_PARTS ? std::to_string(found.detail.votes) + " votes"
                                            : std::to_string(found.distance);
}

void print_verdict_row(const libmatch::verdicts &verdicts, std::size_t i, const std::string &path) {
  const std::vector<libmatch::verdicts::match> matches = verdicts.matches(i);
  const bool has_match = !matches.empty();
  print_row({escape(path), lm_verdict_name(verdicts.verdict(i)), has_match ? nearness(matches[0]) : "-",
             has_match ? std::to_string(matches[0].id) : "-", or_dash(has_match ? matches[0].label : ""),
             or_dash(verdicts.reason(i))});
}

json text_or_null(std::string_view text) { return text.empty() ? json() : json(to_utf8(text)); }

json match_object(const libmatch::verdicts::match &found) {
  const lm_match_detail &detail = found.detail;
  json transform = json::array();
  for (const float value : detail.transform) {
    transform.push_back(value);
  }
  return {{"kind", lm_hash_name(found.hash)},
          {"distance", has_distance(found) ? json(found.distance) : json()},
          {"id", found.id},
          {"label", text_or_null(found.label)},
          {"verdict", lm_verdict_name(detail.verdict)},
          {"tier", lm_tier_name(detail.tier)},
          {"votes", detail.tier == LM_TIER_PARTS ? json(detail.votes) : json()},
          {"frame", detail.frame},
          {"orientation", lm_orientation_name(detail.orientation)},
          {"trimmed", detail.trimmed != 0},
          {"transform", std::move(transform)}};
}

void print_verdict_object(const libmatch::verdicts &verdicts, std::size_t i, const std::string &path) {
  json matches = json::array();
  for (const libmatch::verdicts::match &found : verdicts.matches(i)) {
    matches.push_back(match_object(found));
  }
  const json best = matches.empty() ? json::object() : matches[0];
  json object;
  set_path(object, path);
  object["verdict"] = lm_verdict_name(verdicts.verdict(i));
  object["distance"] = best.value("distance", json());
  object["id"] = best.value("id", json());
  object["label"] = best.value("label", json());
  object["reason"] = text_or_null(verdicts.reason(i));
  object["matches"] = std::move(matches);
  print_json(object);
}

constexpr const char *verb_footer =
    "Verdicts: match, an entry is known; review, an entry is near enough for a person to look; not_scanned, not all "
    "of\n"
    "the file could be decoded, which is NOT the same as no match; low_quality, too plain to be told from others;\n"
    "no_match. Every image of a file counts. Where parts of the image agree and not the whole, distance says how "
    "many\n"
    "keypoints do.";

int match(const common_options &common, const match_options &options) {
  const libmatch::context context = open_context(common);
  const libmatch::index index = open_index(context, options.index, options.map);
  const lm_match_options library = library_options(options);
  std::uint64_t not_scanned = 0;
  for_each_batch(options.paths, [&](const file_batch &batch, progress_bar &bar) {
    const libmatch::verdicts verdicts = libmatch::match_files(context, index, batch.paths(), &library, bar.call());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      (options.as_json ? print_verdict_object : print_verdict_row)(verdicts, i, batch.path(i));
      not_scanned += verdicts.data().scans[i] != LM_SCAN_OK ? 1 : 0;
    }
  });
  if (not_scanned != 0) {
    print_message("not scanned: " + std::to_string(not_scanned));
  }
  return not_scanned == 0 ? all_scanned : not_all_scanned;
}

}  // namespace

void add_match(CLI::App &app, const common_options &common, action &chosen) {
  const auto options = std::make_shared<match_options>();
  CLI::App *verb =
      app.add_subcommand("match", "Looks images up in an index: path, verdict, distance, id, label, reason");
  verb->footer(verb_footer);
  verb->add_option("INDEX", options->index, "The index of known images")->required();
  verb->add_option("PATH", options->paths, paths_help)->required();
  verb->add_option(
          "--effort", options->effort,
          "fast: the plain code; standard: 16 codes, of the image turned and mirrored and of what its border "
          "frames; thorough: parts of the image too, where the index was built with --keypoints")
      ->check(CLI::IsMember({"fast", "standard", "thorough"}))
      ->default_str(options->effort);
  add_number(*verb, "--max-distance", options->max_distance, "The most bits in which a match may differ", 0, 256)
      ->default_str(std::to_string(options->max_distance));
  add_number(*verb, "--review-distance", options->review_distance,
             "Entries farther than a match, but no farther than this, make an upload one to review; 0 for none. "
             "Without it the size of the list decides: 64 bits for a million codes, fewer for more",
             0, 256);
  add_number(*verb, "--min-quality", options->min_quality, "Codes of less quality are not looked up", 0, 100)
      ->default_str(std::to_string(options->min_quality));
  verb->add_flag("--json", options->as_json, "JSON Lines: one object an image, with all its matches");
  add_map_option(*verb, options->map);
  verb->callback([options, &common, &chosen] { chosen = [options, &common] { return match(common, *options); }; });
}

}  // namespace command
