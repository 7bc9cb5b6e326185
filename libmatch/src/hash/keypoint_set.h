// The keypoints of one image: where they are, and the code of each.
#pragma once

#include <cstdint>
#include <vector>

namespace libmatch::detail {

// 64-bit words of a keypoint's code; byte 0 of the code is the lowest of the first word.
inline constexpr std::uint32_t keypoint_code_words = 4;

// What made the points and codes: another number, and they do not compare.
inline constexpr std::uint32_t keypoint_extraction = 1;

struct keypoint {
  std::uint16_t x;  // 1/16 pixels of the plane
  std::uint16_t y;
  std::uint8_t scale;  // 1/16 octaves
  std::uint8_t angle;  // 1/256 turns
};

struct keypoint_set {
  std::uint16_t width = 0;  // of the plane, in pixels
  std::uint16_t height = 0;
  std::vector<keypoint> points;
  std::vector<std::uint64_t> codes;     // keypoint_code_words a point
  std::vector<std::uint8_t> signature;  // what a match is verified with: of references, of one size for all
};

}  // namespace libmatch::detail
