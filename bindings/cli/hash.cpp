// libmatch hash: a code and quality, or a digest, for every file.
#include <memory>
#include <span>
#include <vector>

#include "batch.h"
#include "hash_choice.h"
#include "hash_images.h"
#include "library.h"
#include "numbers.h"
#include "output.h"
#include "progress.h"
#include "verbs.h"
#include "walk.h"

namespace command {

namespace {

struct hash_options {
  bool isolate = false;
  std::vector<std::string> paths;
  hash_choice hash;
  bool derived_orientations = false;
  bool sampled_orientations = false;
  bool true_orientations = false;
  std::string effort;  // "" where none is given
  bool as_json = false;
};

bool is_digest_chosen(const hash_options &options) {
  return options.hash.name == "md5" || options.hash.name == "sha1" || options.hash.name == "sha256";
}

// An effort adds codes of PDQ only, as in match.
void set_codes(const hash_options &options, chosen_hash &chosen) {
  const bool is_standard = options.effort == "standard" && chosen.is_pdq();
  chosen.options().trim_borders = is_standard ? 1 : 0;
  chosen.options().orientations = options.true_orientations                     ? LM_ORIENTATIONS_TRUE
                                  : options.sampled_orientations || is_standard ? LM_ORIENTATIONS_SAMPLED
                                  : options.derived_orientations                ? LM_ORIENTATIONS_DERIVED
                                                                                : LM_ORIENTATIONS_PLAIN;
}

// File i of a batch, ready to be shown.
struct hashed_file {
  std::string path;
  std::string quality;             // "-" where there is none
  std::vector<std::string> codes;  // empty where it was not scanned
  lm_scan scan;
  std::string reason;
};

hashed_file result_of(const libmatch::hashes &hashes, std::size_t i, const std::string &path, bool has_quality) {
  hashed_file result{path, "-", {}, hashes.scan(i), std::string(hashes.reason(i))};
  if (result.scan != LM_SCAN_OK) {
    return result;
  }
  if (has_quality) {
    result.quality = std::to_string(hashes.quality(i));
  }
  const std::span<const std::uint8_t> codes = hashes.codes(i);
  const std::size_t size = hashes.data().code_size_bytes;
  for (std::size_t begin = 0; begin < codes.size(); begin += size) {
    result.codes.push_back(to_hex(codes.subspan(begin, size)));
  }
  return result;
}

void print_rows(const hashed_file &file, bool has_orientations) {
  const std::string path = escape(file.path);
  if (!has_orientations) {
    print_row({file.codes.empty() ? "-" : file.codes[0], file.quality, path});
  } else if (file.codes.empty()) {
    print_row({"-", "-", path, "-"});
  }
  for (std::size_t j = 0; has_orientations && j < file.codes.size(); ++j) {
    print_row({file.codes[j], file.quality, path, lm_orientation_name(static_cast<std::int32_t>(j))});
  }
}

void print_object(const hashed_file &file, const std::string &hash, bool has_orientations) {
  const bool is_scanned = file.scan == LM_SCAN_OK;
  json object;
  set_path(object, file.path);
  object["hash"] = hash;
  object["code"] = is_scanned ? json(file.codes[0]) : json();
  object["quality"] = file.quality == "-" ? json() : json(std::stoi(file.quality));
  object["scan"] = lm_scan_name(file.scan);
  object["reason"] = is_scanned ? json() : json(to_utf8(file.reason));
  if (has_orientations) {
    object["orientations"] = nullptr;
  }
  for (std::size_t j = 0; has_orientations && j < file.codes.size(); ++j) {
    object["orientations"][lm_orientation_name(static_cast<std::int32_t>(j))] = file.codes[j];
  }
  print_json(object);
}

int hash(const common_options &common, const hash_options &options) {
  chosen_hash chosen(options.hash);
  const libmatch::context context = open_context(common, options.isolate, chosen);
  set_codes(options, chosen);
  const bool has_orientations = chosen.options().orientations != LM_ORIENTATIONS_PLAIN;
  int code = all_scanned;
  for_each_batch(options.paths, [&](const file_batch &batch, progress_bar &bar) {
    const libmatch::hashes hashes = libmatch::hash_files(context, batch.paths(), &chosen.options(), bar.call());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const hashed_file file = result_of(hashes, i, batch.path(i), chosen.has_quality());
      if (!options.effort.empty() && options.as_json) {
        print_images_object(hashes, i, batch.path(i), chosen.name());
      } else if (!options.effort.empty()) {
        print_image_rows(hashes, i, batch.path(i));
      } else if (options.as_json) {
        print_object(file, chosen.name(), has_orientations);
      } else {
        print_rows(file, has_orientations);
      }
      if (file.scan != LM_SCAN_OK) {
        bar.message(file_message(file.path, file.reason));
        code = not_all_scanned;
      }
    }
  });
  return code;
}

void check_orientations(const hash_options &options) {
  const bool several = options.derived_orientations || options.sampled_orientations || options.true_orientations;
  const bool is_pdq = options.hash.hasher.empty() && (options.hash.name.empty() || options.hash.name == "pdq256");
  if (!is_pdq && several) {
    throw CLI::ValidationError("--orientations", "only pdq256 has orientations");
  }
  if (!options.effort.empty() && several) {
    throw CLI::ValidationError("--effort", "says by itself which codes of pdq256 there are");
  }
  if (!options.effort.empty() && is_digest_chosen(options)) {
    throw CLI::ValidationError("--effort", "a file has one digest: match looks it up whatever the effort");
  }
}

}  // namespace

void add_hash(CLI::App &app, const common_options &common, action &chosen) {
  const auto options = std::make_shared<hash_options>();
  CLI::App *verb = app.add_subcommand("hash", "Prints code, quality and path of every image");
  verb->add_option("PATH", options->paths, paths_help)->required();
  CLI::Option *name =
      verb->add_option("--hash", options->hash.name,
                       "pdq256 (the default); ahash64, dhash64, phash64, ahash256, dhash256, phash256; or a digest: "
                       "md5, sha1, sha256")
          ->check(CLI::IsMember({"pdq256", "ahash64", "dhash64", "phash64", "ahash256", "dhash256", "phash256", "md5",
                                 "sha1", "sha256"}));
  add_hasher_option(*verb, options->hash)->excludes(name);
  CLI::Option *derived = verb->add_flag("--orientations", options->derived_orientations,
                                        "Also the codes of the image turned and mirrored, derived from one pass");
  CLI::Option *sampled = verb->add_flag("--sampled-orientations", options->sampled_orientations,
                                        "The same, nearly exact and nearly as fast");
  sampled->excludes(derived);
  verb->add_flag("--true-orientations", options->true_orientations,
                 "The same from the image really turned: exact, and slower")
      ->excludes(derived)
      ->excludes(sampled);
  verb->add_option("--effort", options->effort,
                   "Every code that `match` looks a file up by: code, quality, path, frame, whole or framed (by a "
                   "border), orientation; fast: the plain one of each image, standard: 16, of pdq256 only")
      ->check(CLI::IsMember({"fast", "standard"}));
  verb->add_flag("--json", options->as_json, "JSON Lines: one object a file");
  add_time_option(*verb, options->hash.max_milliseconds);
  verb->add_flag("--isolate", options->isolate, isolate_help);
  verb->callback([options, &common, &chosen] {
    check_orientations(*options);
    chosen = [options, &common] { return hash(common, *options); };
  });
}

}  // namespace command
