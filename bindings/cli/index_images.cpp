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
  std::vector<std::int64_t> ids;
  std::vector<std::string> labels;
  std::vector<std::int64_t> ids_of_keypoints;  // one an image of the batch; -1 where it is left out
};

image_entries select_references(const libmatch::hashes &hashes, const file_batch &batch, std::int64_t next_id,
                                progress_bar &bar, image_counts &counts) {
  image_entries entries;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const std::vector<libmatch::hashes::image> images = hashes.images(i);
    for (const libmatch::hashes::image &image : images) {
      const bool is_reference = image.quality >= reference_quality_min;
      entries.ids_of_keypoints.push_back(is_reference ? next_id : -1);
      if (!is_reference) {
        const std::string which = images.size() == 1 ? "" : "image " + std::to_string(image.frame) + ": ";
        bar.message(file_message(batch.path(i), which + "left out: quality " + std::to_string(image.quality) +
                                                    " is under " + std::to_string(reference_quality_min)));
        ++counts.left_out;
        continue;
      }
      entries.codes.insert(entries.codes.end(), image.codes.begin(), image.codes.end());
      entries.ids.push_back(next_id++);
      entries.labels.push_back(to_utf8(batch.name(i)));
      ++counts.added;
    }
    if (hashes.scan(i) != LM_SCAN_OK) {
      bar.message(file_message(batch.path(i), hashes.reason(i)));
      ++counts.not_scanned;
    }
  }
  return entries;
}

}  // namespace

image_counts add_images(libmatch::index &index, const libmatch::context &context,
                        const std::vector<std::string> &paths, std::uint32_t keypoints) {
  lm_hash_options options = LM_HASH_OPTIONS_INIT;
  options.keypoints = keypoints;
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
    const libmatch::hashes hashes = libmatch::hash_files(context, batch.paths(), &options, bar.call());
    const image_entries entries = select_references(hashes, batch, index.data().next_id, bar, counts);
    index.add(entries.codes, entries.ids, entries.labels);
    if (keypoints != 0) {
      index.add_keypoints(entries.ids_of_keypoints, hashes.keypoints());
    }
  });
  return counts;
}

}  // namespace command
