#include "index_images.h"

#include <algorithm>

#include "batch.h"
#include "output.h"
#include "progress.h"
#include "walk.h"

namespace command {

namespace {

// What one batch brings to the index.
struct image_entries {
  std::vector<std::uint8_t> codes;
  std::vector<std::string> labels;
};

image_entries select_references(const libmatch::hashes &hashes, const file_batch &batch, progress_bar &bar,
                                image_counts &counts) {
  image_entries entries;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (hashes.scan(i) != LM_SCAN_OK) {
      bar.message(file_message(batch.path(i), hashes.reason(i)));
      ++counts.not_scanned;
    } else if (hashes.quality(i) < reference_quality_min) {
      bar.message(file_message(batch.path(i), "left out: quality " + std::to_string(hashes.quality(i)) +
                                                  " is under " + std::to_string(reference_quality_min)));
      ++counts.left_out;
    } else {
      const auto code = hashes.codes(i);
      entries.codes.insert(entries.codes.end(), code.begin(), code.end());
      entries.labels.push_back(to_utf8(batch.name(i)));
      ++counts.added;
    }
  }
  return entries;
}

}  // namespace

image_counts add_images(libmatch::index &index, const libmatch::context &context, const chosen_hash &hash,
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
    const libmatch::hashes hashes = libmatch::hash_files(context, batch.paths(), &hash.options(), bar.call());
    const image_entries entries = select_references(hashes, batch, bar, counts);
    index.add(entries.codes, {}, entries.labels);
  });
  return counts;
}

}  // namespace command
