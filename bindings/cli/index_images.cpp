#include "index_images.h"

#include <algorithm>
#include <iterator>

#include "batch.h"
#include "output.h"
#include "progress.h"
#include "walk.h"

namespace libmatch::command {

namespace {

std::vector<found_file> sorted_files(const std::vector<std::string> &paths) {
  std::vector<found_file> files;
  file_walk walk(paths);
  for (found_file file; walk.next(file);) {
    files.push_back(file);
  }
  std::stable_sort(files.begin(), files.end(),
                   [](const found_file &a, const found_file &b) { return a.path < b.path; });
  files.erase(std::unique(files.begin(), files.end(),
                          [](const found_file &a, const found_file &b) { return a.path == b.path; }),
              files.end());
  return files;
}

// What one batch brings to the index.
struct image_entries {
  std::vector<std::uint8_t> codes;
  std::vector<std::string> labels;
};

image_entries select_references(const lm_hashes_data &hashes, const file_batch &batch, progress_bar &bar,
                                image_counts &counts) {
  image_entries entries;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (hashes.scans[i] != LM_SCAN_OK) {
      bar.message(file_message(batch[i].path, hashes.reasons[i]));
      ++counts.not_scanned;
    } else if (hashes.quality[i] < reference_quality_min) {
      bar.message(file_message(batch[i].path, "left out: quality " + std::to_string(hashes.quality[i]) +
                                                  " is under " + std::to_string(reference_quality_min)));
      ++counts.left_out;
    } else {
      const std::uint8_t *code = hashes.codes + i * hashes.code_size_bytes;
      entries.codes.insert(entries.codes.end(), code, code + hashes.code_size_bytes);
      entries.labels.push_back(to_utf8(batch[i].name));
      ++counts.added;
    }
  }
  return entries;
}

}  // namespace

image_counts add_images(const index_handle &index, const context_handle &context,
                        const std::vector<std::string> &paths) {
  const std::vector<found_file> files = sorted_files(paths);
  image_counts counts;
  std::size_t done = 0;
  const auto next = [&] {
    const std::size_t begin = done;
    done = std::min(files.size(), begin + batch_size);
    return std::vector<found_file>(files.begin() + static_cast<std::ptrdiff_t>(begin),
                                   files.begin() + static_cast<std::ptrdiff_t>(done));
  };
  for_each_batch_of(files.size(), next, [&](const file_batch &batch, progress_bar &bar) {
    const auto hashes =
        make<hashes_handle>(lm_hash_files, context.get(), nullptr, batch.paths(), batch.size(), bar.call());
    const image_entries entries = select_references(*lm_hashes_view(hashes.get()), batch, bar, counts);
    std::vector<const char *> labels;
    for (const std::string &label : entries.labels) {
      labels.push_back(label.c_str());
    }
    if (!labels.empty()) {
      check(lm_index_add(index.get(), entries.codes.data(), nullptr, labels.data(), labels.size()));
    }
  });
  return counts;
}

}  // namespace libmatch::command
