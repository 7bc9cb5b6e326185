// libmatch duplicates: groups of images that are copies of each other, altered ones included.
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "batch.h"
#include "file_groups.h"
#include "library.h"
#include "numbers.h"
#include "output.h"
#include "progress.h"
#include "verbs.h"
#include "walk.h"

namespace command {

namespace {

constexpr std::uint32_t code_bits = 256;
constexpr std::size_t code_size_bytes = code_bits / 8;

struct duplicates_options {
  bool isolate = false;
  std::vector<std::string> paths;
  std::uint32_t max_distance = 31;
  std::uint32_t min_quality = 50;
  std::optional<std::uint32_t> max_milliseconds;
  bool as_json = false;
};

using codes_by_file = std::vector<std::uint8_t>;  // code_size_bytes each

// All files by their numbers, in bytewise order of their paths.
struct image_collection {
  std::vector<found_file> files;
  codes_by_file codes;
  std::vector<bool> is_comparable;  // by its code; any other only by its bytes
  std::size_t not_scanned = 0;
  std::size_t low_quality = 0;

  std::string_view code(std::size_t file) const {
    return {reinterpret_cast<const char *>(codes.data()) + file * code_size_bytes, code_size_bytes};
  }
};

// A file that several paths lead to is no duplicate of itself: whoever removes all but one copy would remove it.
std::vector<found_file> distinct_files(const std::vector<std::string> &paths) {
  std::vector<found_file> files;
  std::map<std::pair<dev_t, ino_t>, std::string> first_paths;
  for (found_file &file : sorted_files(paths)) {
    struct stat status {};
    if (stat(file.path.c_str(), &status) == 0) {
      const auto [place, is_first] = first_paths.try_emplace({status.st_dev, status.st_ino}, file.path);
      if (!is_first) {
        print_message(file_message(file.path, "left out: the same file as " + place->second));
        continue;
      }
    }
    files.push_back(std::move(file));
  }
  return files;
}

// Calls body(batch, bar, begin) for the files in batches; begin: the first one's place among them.
template <typename Body>
void for_each_batch_in(const std::vector<found_file> &files, const Body &body) {
  std::size_t done = 0;
  const auto next = [&] {
    const auto begin = files.begin() + static_cast<std::ptrdiff_t>(done);
    return std::vector<found_file>(begin,
                                   begin + static_cast<std::ptrdiff_t>(std::min(batch_size, files.size() - done)));
  };
  for_each_batch_of(files.size(), next, [&](const file_batch &batch, progress_bar &bar) {
    body(batch, bar, done);
    done += batch.size();
  });
}

image_collection hash_images(const libmatch::context &context, const duplicates_options &options) {
  image_collection images;
  images.files = distinct_files(options.paths);
  images.is_comparable.resize(images.files.size());
  lm_hash_options first_image = LM_HASH_OPTIONS_INIT;
  first_image.max_milliseconds = options.max_milliseconds.value_or(first_image.max_milliseconds);
  first_image.max_images = 0;
  for_each_batch_in(images.files, [&](const file_batch &batch, progress_bar &bar, std::size_t begin) {
    const libmatch::hashes hashes = libmatch::hash_files(context, batch.paths(), &first_image, bar.call());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      images.codes.insert(images.codes.end(), hashes.codes(i).begin(), hashes.codes(i).end());
      if (hashes.scan(i) != LM_SCAN_OK) {
        bar.message(file_message(batch.path(i), hashes.reason(i)));
        ++images.not_scanned;
      } else if (hashes.quality(i) < options.min_quality) {
        bar.message(file_message(batch.path(i), "quality " + std::to_string(hashes.quality(i)) + " is under " +
                                                    std::to_string(options.min_quality) +
                                                    ": compared by its bytes only"));
        ++images.low_quality;
      } else {
        images.is_comparable[begin + i] = true;
      }
    }
  });
  return images;
}

// Equal codes are joined here and searched for once: among n copies there would be n (n - 1) / 2 pairs.
void join_near_codes(const libmatch::context &context, const image_collection &images, std::uint32_t max_distance,
                     file_groups &groups) {
  std::unordered_map<std::string_view, std::size_t> first_files;
  std::vector<std::uint8_t> codes;
  std::vector<std::int64_t> ids;
  for (std::size_t file = 0; file < images.files.size(); ++file) {
    if (!images.is_comparable[file]) {
      continue;
    }
    const std::string_view code = images.code(file);
    const auto [place, is_first] = first_files.try_emplace(code, file);
    if (is_first) {
      codes.insert(codes.end(), code.begin(), code.end());
      ids.push_back(static_cast<std::int64_t>(file));
    } else {
      groups.join(place->second, file);
    }
  }
  libmatch::index index(context, code_bits, LM_HASH_PDQ256, lm_hash_profile(nullptr));
  index.add(codes, ids);
  const progress_bar bar("comparisons");
  const libmatch::pairs pairs = index.search_pairs(context, max_distance, bar.call());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    groups.join(static_cast<std::size_t>(pairs[i].first_id), static_cast<std::size_t>(pairs[i].second_id));
  }
}

// Among those whose codes say nothing. Others that are equal have equal codes.
void join_equal_bytes(const libmatch::context &context, const image_collection &images, file_groups &groups) {
  std::vector<found_file> files;
  std::vector<std::size_t> numbers;
  for (std::size_t file = 0; file < images.files.size(); ++file) {
    if (!images.is_comparable[file]) {
      files.push_back(images.files[file]);
      numbers.push_back(file);
    }
  }
  if (files.empty()) {
    return;
  }
  lm_hash_options sha256 = LM_HASH_OPTIONS_INIT;
  sha256.hash = LM_HASH_SHA256;
  std::unordered_map<std::string, std::size_t> first_files;
  for_each_batch_in(files, [&](const file_batch &batch, progress_bar &bar, std::size_t begin) {
    const libmatch::hashes digests = libmatch::hash_files(context, batch.paths(), &sha256, bar.call());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (digests.scan(i) == LM_SCAN_OK) {
        const std::size_t file = numbers[begin + i];
        const std::string digest(digests.codes(i).begin(), digests.codes(i).end());
        groups.join(first_files.try_emplace(digest, file).first->second, file);
      }
    }
  });
}

// Of each member to the first one.
std::vector<std::uint32_t> distances_of(const libmatch::context &context, const image_collection &images,
                                        const std::vector<std::size_t> &group) {
  std::vector<std::uint32_t> distances(group.size());
  if (images.is_comparable[group[0]]) {
    std::vector<std::uint8_t> codes;
    for (const std::size_t file : group) {
      const std::string_view code = images.code(file);
      codes.insert(codes.end(), code.begin(), code.end());
    }
    libmatch::check(lm_distances(context.get(), LM_HASH_PDQ256, code_bits, codes.data(), 1, codes.data(),
                                 group.size(), distances.data()));
  }
  return distances;
}

void print_group(const libmatch::context &context, const image_collection &images, std::size_t number,
                 const std::vector<std::size_t> &group, bool as_json) {
  const char *kind = lm_hash_name(images.is_comparable[group[0]] ? LM_HASH_PDQ256 : LM_HASH_SHA256);
  const std::vector<std::uint32_t> distances = distances_of(context, images, group);
  json object;
  object["group"] = number;
  object["kind"] = kind;
  object["files"] = json::array();
  for (std::size_t i = 0; i < group.size(); ++i) {
    const std::string &path = images.files[group[i]].path;
    if (as_json) {
      json file;
      file["path"] = to_utf8(path);
      file["distance"] = distances[i];
      object["files"].push_back(std::move(file));
    } else {
      print_row({std::to_string(number), kind, std::to_string(distances[i]), escape(path)});
    }
  }
  if (as_json) {
    print_json(object);
  }
}

int duplicates(const common_options &common, const duplicates_options &options) {
  const libmatch::context context = open_context(common, options.isolate);
  const image_collection images = hash_images(context, options);
  file_groups joined(images.files.size());
  join_near_codes(context, images, options.max_distance, joined);
  join_equal_bytes(context, images, joined);
  std::size_t number = 0;
  for (const std::vector<std::size_t> &group : joined.groups()) {
    print_group(context, images, ++number, group, options.as_json);
  }
  flush_output();
  if (images.low_quality != 0) {
    print_message("low quality: " + std::to_string(images.low_quality));
  }
  if (images.not_scanned != 0) {
    print_message("not scanned: " + std::to_string(images.not_scanned));
  }
  return images.not_scanned == 0 ? all_scanned : not_all_scanned;
}

constexpr const char *verb_footer =
    "Prints group, kind, distance to the group's first file, and path. A group is what pairs within the distance\n"
    "connect, so two of its files may be farther apart. Files come in bytewise order of their paths, groups by "
    "their\n"
    "first files.\n"
    "kind pdq256: the images look alike; 0 is an equal code, not equal bytes. kind sha256: the bytes are equal, of\n"
    "files that could not be scanned or are of low quality. These are compared in no other way: standard error "
    "names\n"
    "each of them, for that it stands in no group does not say that it has no copy. A file that several paths lead "
    "to\n"
    "is taken once. Of a file of several images the first is compared.";

}  // namespace

void add_duplicates(CLI::App &app, const common_options &common, action &chosen) {
  const auto options = std::make_shared<duplicates_options>();
  CLI::App *verb =
      app.add_subcommand("duplicates", "Groups images that are copies of each other, altered ones included");
  verb->footer(verb_footer);
  verb->add_option("PATH", options->paths, paths_help)->required();
  verb->add_option("--max-distance", options->max_distance, "The most bits in which a pair may differ")
      ->capture_default_str()
      ->check(CLI::Range(0, 256));
  verb->add_option("--min-quality", options->min_quality, "Images of less quality are compared by their bytes only")
      ->capture_default_str()
      ->check(CLI::Range(0, 100));
  verb->add_flag("--json", options->as_json, "JSON Lines: one object a group");
  add_time_option(*verb, options->max_milliseconds);
  verb->add_flag("--isolate", options->isolate, isolate_help);
  verb->callback(
      [options, &common, &chosen] { chosen = [options, &common] { return duplicates(common, *options); }; });
}

}  // namespace command
