// libmatch hash: a code and quality, or a digest, for every file.
#include <memory>
#include <span>
#include <vector>

#include "batch.h"
#include "library.h"
#include "output.h"
#include "progress.h"
#include "verbs.h"
#include "walk.h"

namespace command {

namespace {

struct hash_options {
  std::vector<std::string> paths;
  std::string hash = "pdq256";
  bool derived_orientations = false;
  bool sampled_orientations = false;
  bool true_orientations = false;
  bool as_json = false;
};

lm_hash_options library_options(const hash_options &options) {
  lm_hash_options result = LM_HASH_OPTIONS_INIT;
  libmatch::check(lm_hash_from_name(options.hash.c_str(), &result.hash));
  result.orientations = options.true_orientations      ? LM_ORIENTATIONS_TRUE
                        : options.sampled_orientations ? LM_ORIENTATIONS_SAMPLED
                        : options.derived_orientations ? LM_ORIENTATIONS_DERIVED
                                                       : LM_ORIENTATIONS_PLAIN;
  return result;
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
  const libmatch::context context = open_context(common);
  const lm_hash_options library = library_options(options);
  const bool has_orientations = library.orientations != LM_ORIENTATIONS_PLAIN;
  int code = all_scanned;
  for_each_batch(options.paths, [&](const file_batch &batch, progress_bar &bar) {
    const libmatch::hashes hashes = libmatch::hash_files(context, batch.paths(), &library, bar.call());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const hashed_file file = result_of(hashes, i, batch.path(i), library.hash == LM_HASH_PDQ256);
      if (options.as_json) {
        print_object(file, options.hash, has_orientations);
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
  if (options.hash != "pdq256" && several) {
    throw CLI::ValidationError("--orientations", "a digest has no orientations; only pdq256 has");
  }
}

}  // namespace

void add_hash(CLI::App &app, const common_options &common, action &chosen) {
  const auto options = std::make_shared<hash_options>();
  CLI::App *verb = app.add_subcommand("hash", "Prints code, quality and path of every image");
  verb->add_option("PATH", options->paths, paths_help)->required();
  verb->add_option("--hash", options->hash, "pdq256 (the default), or a digest: md5, sha1, sha256")
      ->check(CLI::IsMember({"pdq256", "md5", "sha1", "sha256"}));
  CLI::Option *derived = verb->add_flag("--orientations", options->derived_orientations,
                                        "Also the codes of the image turned and mirrored, derived from one pass");
  CLI::Option *sampled = verb->add_flag("--sampled-orientations", options->sampled_orientations,
                                        "The same, nearly exact and nearly as fast");
  sampled->excludes(derived);
  verb->add_flag("--true-orientations", options->true_orientations,
                 "The same from the image really turned: exact, and slower")
      ->excludes(derived)
      ->excludes(sampled);
  verb->add_flag("--json", options->as_json, "JSON Lines: one object a file");
  verb->callback([options, &common, &chosen] {
    check_orientations(*options);
    chosen = [options, &common] { return hash(common, *options); };
  });
}

}  // namespace command
