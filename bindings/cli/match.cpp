// libmatch match: a verdict on every upload.
#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "batch.h"
#include "hash_choice.h"
#include "index_file.h"
#include "library.h"
#include "live_folder.h"
#include "numbers.h"
#include "output.h"
#include "verbs.h"

namespace command {

namespace {

struct match_options {
  bool isolate = false;
  std::string index;
  std::vector<std::string> paths;
  hash_choice hash;
  std::string effort = "standard";
  std::optional<std::uint32_t> max_distance;     // none: what is usual for the hash
  std::optional<std::uint32_t> review_distance;  // none: by the size of the list
  std::uint32_t min_quality = 50;
  bool as_json = false;
  bool map = false;
  std::string key;  // of a live index
};

constexpr std::uint32_t largest_bit_distance = 256;               // of the hashes that the library computes
constexpr std::uint32_t largest_max_distance = 1024 * 255 * 255;  // of 1024 bytes, squared

std::string or_dash(std::string_view text) { return text.empty() ? "-" : escape(text); }

constexpr std::array<const char *, 3> efforts{"fast", "standard", "thorough"};  // by their values

lm_match_options library_options(const match_options &options, const chosen_hash &hash) {
  lm_match_options library = LM_MATCH_OPTIONS_INIT;
  library.hash = &hash.options();
  library.max_distance = options.max_distance.value_or(hash.usual_distance());
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
  const std::string nearest = has_match ? nearness(matches[0]) : "-";
  const std::string id = has_match ? std::to_string(matches[0].id) : "-";
  const std::string label = or_dash(has_match ? matches[0].label : "");
  const char *verdict = lm_verdict_name(verdicts.verdict(i));
  if (verdicts.data().version == 0) {
    print_row({escape(path), verdict, nearest, id, label, or_dash(verdicts.reason(i))});
  } else {
    print_row({escape(path), verdict, nearest, id, label, or_dash(verdicts.reason(i)),
               or_dash(has_match ? matches[0].list : "")});
  }
}

json text_or_null(std::string_view text) { return text.empty() ? json() : json(to_utf8(text)); }

// Of a match in a live index.
void set_origin(json &object, const libmatch::verdicts::match &found) {
  object["list"] = found.list;
  object["list_id"] = text_or_null(found.list_id);
  object["time"] = time_or_null(found.time);
  object["role"] = lm_list_role_name(found.role);
  object["overruled"] = found.overruled;
}

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
    if (verdicts.data().version != 0) {
      set_origin(matches.back(), found);
    }
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
  if (verdicts.data().version != 0) {
    object["version"] = verdicts.data().version;
  }
  print_json(object);
}

constexpr const char *verb_footer =
    "Verdicts: match, an entry is known; review, an entry is near enough for a person to look; not_scanned, not all "
    "of\n"
    "the file could be decoded, which is NOT the same as no match; low_quality, too plain to be told from others;\n"
    "no_match. Every image of a file counts. Where parts of the image agree and not the whole, distance says how "
    "many\n"
    "keypoints do. Images are hashed as the index says; efforts add codes and reviews of pdq256 only.";

// The squares of distances between vectors are too large for bits.
void check_distance(const char *option, std::optional<std::uint32_t> distance, const chosen_hash &hash) {
  if (hash.hash() != LM_HASH_VECTOR8 && distance.value_or(0) > hash.bits()) {
    throw std::runtime_error(std::string(option) + ": codes of " + hash.name() + " differ in at most " +
                             std::to_string(hash.bits()) + " bits");
  }
}

// Codes that the library computes differ in no more bits, whatever the index.
void check_bits(const char *option, std::optional<std::uint32_t> distance) {
  if (distance.value_or(0) > largest_bit_distance) {
    throw CLI::ValidationError(option, no_number(0, largest_bit_distance));
  }
}

int match(const common_options &common, const match_options &options) {
  chosen_hash hash(options.hash);
  const libmatch::context context = open_context(common, options.isolate, hash);
  const libmatch::index index = open_index(context, options.index, options.map, options.key);
  hash.follow(index.data());
  check_distance("--max-distance", options.max_distance, hash);
  check_distance("--review-distance", options.review_distance, hash);
  const lm_match_options library = library_options(options, hash);
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
      app.add_subcommand("match",
                         "Looks images up in an index: path, verdict, distance, id, label, reason; and of a "
                         "live index the list");
  verb->footer(verb_footer);
  verb->add_option("INDEX", options->index, "The index of known images: a file, or the folder of a live index")
      ->required();
  verb->add_option("PATH", options->paths, paths_help)->required();
  add_hasher_option(*verb, options->hash);
  verb->add_option(
          "--effort", options->effort,
          "fast: the plain code; standard: 16 codes, of the image turned and mirrored and of what its border "
          "frames; thorough: parts of the image too, where the index was built with --keypoints. Hashes other than "
          "pdq256 have the plain code only")
      ->check(CLI::IsMember({"fast", "standard", "thorough"}))
      ->default_str(options->effort);
  add_number(*verb, "--max-distance", options->max_distance,
             "The most bits in which a match may differ, for vectors the largest squared Euclidean distance; without "
             "it what is usual for the hash: 31 for pdq256",
             0, largest_max_distance);
  add_number(*verb, "--review-distance", options->review_distance,
             "Entries farther than a match, but no farther than this, make an upload one to review; 0 for none. "
             "Without it the size of the list decides: 64 bits for a million codes of pdq256, fewer for more, and "
             "none for other hashes",
             0, largest_max_distance);
  add_number(*verb, "--min-quality", options->min_quality, "Codes of less quality are not looked up", 0, 100)
      ->default_str(std::to_string(options->min_quality));
  verb->add_flag("--json", options->as_json, "JSON Lines: one object an image, with all its matches");
  add_map_option(*verb, options->map);
  add_key_option(*verb, options->key);
  add_time_option(*verb, options->hash.max_milliseconds);
  verb->add_flag("--isolate", options->isolate, isolate_help);
  verb->callback([options, &common, &chosen] {
    if (options->hash.hasher.empty()) {
      check_bits("--max-distance", options->max_distance);
      check_bits("--review-distance", options->review_distance);
    }
    chosen = [options, &common] { return match(common, *options); };
  });
}

}  // namespace command
