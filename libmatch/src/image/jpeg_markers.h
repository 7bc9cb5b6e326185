// What the markers of a JPEG say beside the picture: its orientation, and further pictures in the same file.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace libmatch::detail {

struct jpeg_markers {
  int orientation = 1;
  std::span<const std::uint8_t> pictures;  // the index of a multi-picture file (CIPA DC-007), from its byte order on
};

// Walks the markers before the picture itself: libjpeg would keep a copy of every APP1 block, however many a file
// has. picture begins with a JPEG's first two bytes.
jpeg_markers read_jpeg_markers(std::span<const std::uint8_t> picture);

// The pictures behind the first that the index names, at most max_pictures. An entry that points at no JPEG is passed
// over: programs that rewrite only the first picture leave the index behind.
std::vector<std::span<const std::uint8_t>> other_pictures(std::span<const std::uint8_t> file,
                                                          std::span<const std::uint8_t> index,
                                                          std::uint32_t max_pictures);

}  // namespace libmatch::detail
