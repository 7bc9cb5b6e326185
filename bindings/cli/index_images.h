// From images to entries of an index.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "index_file.h"
#include "library.h"

namespace command {

// Below it a code means nothing, and as a reference it would match every other plain image.
inline constexpr int reference_quality_min = 50;

struct image_counts {
  std::int64_t added = 0;        // images
  std::int64_t left_out = 0;     // images of too low a quality
  std::int64_t not_scanned = 0;  // files of which not all could be read or decoded
};

// Adds the images of files and folders in bytewise order of their paths, each file once; the label is the path
// relative to the folder that was given, or the file's name. Every distinct image of a file is an entry. keypoints:
// how many of each image are added, too; 0 for none. What is left out or not scanned is reported on standard error.
image_counts add_images(libmatch::index &index, const libmatch::context &context,
                        const std::vector<std::string> &paths, std::uint32_t keypoints);

}  // namespace command
