// libmatch index build and index add: an index of images or of a list, new or grown.
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <vector>

#include "batch.h"
#include "code_list.h"
#include "hash_choice.h"
#include "index_file.h"
#include "index_images.h"
#include "index_lock.h"
#include "layouts.h"
#include "library.h"
#include "numbers.h"
#include "output.h"
#include "verbs.h"

namespace command {

namespace {

struct build_options {
  bool isolate = false;
  std::string index;
  std::vector<std::string> paths;
  code_list_options codes;  // of a list, where no paths are given
  hash_choice hash;         // of images
  layout_choice layouts;
  std::string keypoints;  // of each image; "" for none
};

std::int64_t entries_of(const libmatch::index &index) {
  const lm_index_data data = index.data();
  return data.codes + data.md5 + data.sha1 + data.sha256;
}

image_counts add_list(libmatch::index &index, const libmatch::list &list) {
  const std::int64_t before = entries_of(index);
  index.add(list);
  image_counts counts;
  counts.added = entries_of(index) - before;
  return counts;
}

// Only an index is replaced: with the arguments in another order, INDEX might be somebody's photograph.
void check_replaceable(const libmatch::context &context, const std::string &path) {
  std::error_code unknown;
  if (!std::filesystem::exists(path, unknown)) {
    return;
  }
  try {
    libmatch::index::map(context, path.c_str());
  } catch (const libmatch::error &error) {
    throw std::runtime_error(escape(path) + ": exists and is no index, so it is not replaced (" +
                             escape(error.what()) + ")");
  }
}

// An empty index for what a list holds: its first code says hash and width.
libmatch::index create_index_for(const libmatch::context &context, const libmatch::list &list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!is_digest(list[i].hash) && list[i].bits != 0 && list[i].withdrawn == 0) {
      return libmatch::index(context, list[i].bits, list[i].hash);
    }
  }
  return libmatch::index(context);
}

// Codes of images may stand only beside codes that were made in the same way, or of which that is not known.
void check_holds_images(const libmatch::index &index, const chosen_hash &hash, const std::string &path) {
  const lm_index_data data = index.data();
  const std::string profile = lm_hash_profile(&hash.options());
  if (data.hash != hash.hash() || data.bits != hash.bits()) {
    const std::string kind = lm_hash_name(hash.hash());
    throw std::runtime_error(escape(path) + ": holds " + lm_hash_name(data.hash) + " of " +
                             std::to_string(data.bits) + " bits; images would be hashed to " +
                             (hash.name() == kind ? kind : hash.name() + ", " + kind) + " of " +
                             std::to_string(hash.bits()) + " bits");
  }
  if (data.profile[0] != '\0' && data.profile != profile) {
    throw std::runtime_error(escape(path) + ": its codes were made by the profile " + data.profile +
                             "; images get that of " + profile);
  }
}

constexpr std::uint32_t usual_keypoints = 200;
constexpr std::uint32_t most_keypoints = 65535;

std::uint32_t keypoints_of(const build_options &options) {
  return static_cast<std::uint32_t>(to_number(options.keypoints, 1, most_keypoints).value_or(0));
}

// Where the hash is the index's, only the index says whether there are keypoints beside it.
void check_takes_keypoints(const chosen_hash &hash, const build_options &options) {
  if (!options.keypoints.empty() && !hash.is_pdq()) {
    throw std::runtime_error(escape(options.index) + ": holds " + hash.name() +
                             "; only an index of pdq256 takes keypoints");
  }
}

int report(const image_counts &counts) {
  print_row({"added", std::to_string(counts.added)});
  print_row({"left_out", std::to_string(counts.left_out)});
  print_row({"not_scanned", std::to_string(counts.not_scanned)});
  return counts.not_scanned == 0 ? all_scanned : not_all_scanned;
}

int save_new(libmatch::index &index, const libmatch::context &context, const build_options &options,
             const image_counts &counts) {
  if (counts.added == 0) {
    throw std::runtime_error("nothing to index; an index that holds nothing would answer no_match to everything");
  }
  prepare_layouts(index, context, options.layouts);
  save_index(index, options.index);
  return report(counts);
}

int build(const common_options &common, const build_options &options) {
  chosen_hash hash(options.hash);
  const libmatch::context context = open_context(common, options.isolate, hash);
  check_folder_of(options.index);
  const index_lock lock(options.index);
  check_replaceable(context, options.index);
  if (!options.codes.paths.empty()) {
    const libmatch::list list = read_list(options.codes);
    report_kinds(list, options.codes);
    libmatch::index index = create_index_for(context, list);
    const image_counts counts = add_list(index, list);
    return save_new(index, context, options, counts);
  }
  hash.options().keypoints = keypoints_of(options);
  libmatch::index index(context, hash.bits(), hash.hash(), lm_hash_profile(&hash.options()));
  const image_counts counts = add_images(index, context, hash, options.paths);
  return save_new(index, context, options, counts);
}

int add(const common_options &common, const build_options &options) {
  chosen_hash hash(options.hash);
  const libmatch::context context = open_context(common, options.isolate, hash);
  check_folder_of(options.index);
  const index_lock lock(options.index);
  libmatch::index index = load_index(context, options.index);
  image_counts counts;
  if (options.codes.paths.empty()) {
    hash.follow(index.data());
    check_holds_images(index, hash, options.index);
    check_takes_keypoints(hash, options);
    hash.options().keypoints = keypoints_of(options);
    counts = add_images(index, context, hash, options.paths);
  } else {
    const libmatch::list list = read_list(options.codes);
    report_kinds(list, options.codes);
    counts = add_list(index, list);
  }
  if (counts.added != 0) {
    prepare_layouts(index, context, options.layouts);
    save_index(index, options.index);
  }
  return report(counts);
}

using build_action = int (*)(const common_options &, const build_options &);

void add_building_verb(CLI::App &verb, build_action run, const std::string &hash_help, const common_options &common,
                       action &chosen) {
  const auto options = std::make_shared<build_options>();
  verb.add_option("INDEX", options->index, "The index file")->required();
  CLI::Option *paths = verb.add_option("PATH", options->paths, paths_help);
  CLI::Option *codes =
      add_code_list_options(verb, options->codes,
                            "A list instead of images: CSV with the header kind,code,id,label, or code[,id[,label]]")
          ->excludes(paths);
  add_hash_choice(verb, options->hash, hash_help);
  add_layout_option(verb, options->layouts);
  add_time_option(verb, options->hash.max_milliseconds)->excludes(codes);
  verb.add_flag("--isolate", options->isolate, isolate_help)->excludes(codes);
  // A flag with a value: what stands behind it without = is the next argument.
  verb.add_flag(
          "--keypoints{" + std::to_string(usual_keypoints) + '}', options->keypoints,
          "Also the keypoints of each image, 200 or as many as --keypoints=N says, by which `match --effort "
          "thorough` finds parts of it. They tell far more of an image than its code does: keep them from whoever "
          "may not hold the image")
      ->check(number_check(1, most_keypoints))
      ->excludes(codes);
  verb.callback([options, paths, codes, run, &common, &chosen] {
    const bool has_hash = !options->hash.name.empty() || !options->hash.hasher.empty();
    if (codes->count() != 0 && has_hash) {
      throw CLI::ValidationError("--codes", "a list holds codes already: --hash and --hasher are for images");
    }
    if (!options->keypoints.empty() && has_hash && options->hash.name != "pdq256") {
      throw CLI::ValidationError("--keypoints", "only pdq256 has keypoints beside its codes");
    }
    if (paths->count() == 0 && codes->count() == 0) {
      throw CLI::RequiredError("PATH or --codes");
    }
    chosen = [options, run, &common] { return run(common, *options); };
  });
}

}  // namespace

void add_index_build(CLI::App &index, const common_options &common, action &chosen) {
  add_building_verb(*index.add_subcommand("build", "Makes an index of images or of a list, or makes it anew"), build,
                    "What images are hashed by: pdq256 (the default), ahash64, dhash64, phash64, ahash256, dhash256 "
                    "or phash256",
                    common, chosen);
}

void add_index_add(CLI::App &index, const common_options &common, action &chosen) {
  add_building_verb(*index.add_subcommand("add", "Adds images or a list to an index; ids go on from the largest"),
                    add, "What images are hashed by; without it, as the index holds", common, chosen);
}

}  // namespace command
