// libmatch match: a verdict on every upload.
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "batch.h"
#include "hash_choice.h"
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
  hash_choice hash;
  std::optional<std::uint32_t> max_distance;  // none: what is usual for the hash
  std::uint32_t min_quality = 50;
  bool as_json = false;
  bool map = false;
};

constexpr std::uint32_t largest_bit_distance = 256;               // of the hashes that the library computes
constexpr std::uint32_t largest_max_distance = 1024 * 255 * 255;  // of 1024 bytes, squared

std::string or_dash(std::string_view text) { return text.empty() ? "-" : escape(text); }

void print_verdict_row(const libmatch::verdicts &verdicts, std::size_t i, const std::string &path) {
  const std::vector<libmatch::verdicts::match> matches = verdicts.matches(i);
  const bool has_match = !matches.empty();
  print_row({escape(path), lm_verdict_name(verdicts.verdict(i)),
             has_match ? std::to_string(matches[0].distance) : "-", has_match ? std::to_string(matches[0].id) : "-",
             or_dash(has_match ? matches[0].label : ""), or_dash(verdicts.reason(i))});
}

json text_or_null(std::string_view text) { return text.empty() ? json() : json(to_utf8(text)); }

void print_verdict_object(const libmatch::verdicts &verdicts, std::size_t i, const std::string &path) {
  json matches = json::array();
  for (const libmatch::verdicts::match &found : verdicts.matches(i)) {
    matches.push_back({{"kind", lm_hash_name(found.hash)},
                       {"distance", found.distance},
                       {"id", found.id},
                       {"label", text_or_null(found.label)}});
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

// The squares of distances between vectors are too large for bits.
void check_distance(const match_options &options, const chosen_hash &hash) {
  if (hash.hash() != LM_HASH_VECTOR8 && options.max_distance.value_or(0) > hash.bits()) {
    throw std::runtime_error("--max-distance: codes of " + hash.name() + " differ in at most " +
                             std::to_string(hash.bits()) + " bits");
  }
}

int match(const common_options &common, const match_options &options) {
  const libmatch::context context = open_context(common);
  const libmatch::index index = open_index(context, options.index, options.map);
  const chosen_hash hash(options.hash, index.data());
  check_distance(options, hash);
  lm_match_options library = LM_MATCH_OPTIONS_INIT;
  library.hash = &hash.options();
  library.max_distance = options.max_distance.value_or(hash.usual_distance());
  library.min_quality = options.min_quality;
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
  verb->add_option("INDEX", options->index, "The index of known images")->required();
  verb->add_option("PATH", options->paths, paths_help)->required();
  add_hasher_option(*verb, options->hash);
  add_number(*verb, "--max-distance", options->max_distance,
             "The most bits in which a match may differ, for vectors the largest squared Euclidean distance; without "
             "it what is usual for the hash: 31 for pdq256",
             0, largest_max_distance);
  add_number(*verb, "--min-quality", options->min_quality, "Images of less quality are low_quality", 0, 100)
      ->default_str(std::to_string(options->min_quality));
  verb->add_flag("--json", options->as_json, "JSON Lines: one object an image, with all its matches");
  add_map_option(*verb, options->map);
  verb->callback([options, &common, &chosen] {
    if (options->hash.hasher.empty() && options->max_distance.value_or(0) > largest_bit_distance) {
      throw CLI::ValidationError("--max-distance", no_number(0, largest_bit_distance));
    }
    chosen = [options, &common] { return match(common, *options); };
  });
}

}  // namespace command
