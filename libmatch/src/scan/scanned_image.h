// What a scan keeps of an image.
#pragma once

#include <cstdint>
#include <vector>

#include "hash/border.h"
#include "hash/keypoints.h"

namespace libmatch::detail {

// One image of a file, or what its border frames, which follows it.
struct scanned_image {
  std::uint32_t frame = 0;  // its place in the file
  bool trimmed = false;     // what a border frames
  std::uint32_t width = 0;  // of the image, the border included
  std::uint32_t height = 0;
  pixel_rectangle part{};  // what the codes are of: all of it, or what the border frames
  std::uint8_t quality = 0;
  std::vector<std::uint8_t> codes;  // one after the other: the plain one, or eight by LM_ORIENTATION_...
  keypoint_set keypoints;           // of the whole image, where asked for
};

}  // namespace libmatch::detail
