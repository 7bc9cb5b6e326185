// Which pixels around a keypoint its code compares.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace libmatch::detail {

inline constexpr std::size_t keypoint_bits = 256;
inline constexpr std::int32_t keypoint_patch_radius = 15;  // pixels of the level; no place lies further out

// A bit is set where the level is darker at `first` than at `second`; places are from the keypoint, x in its
// direction.
struct pixel_comparison {
  std::int8_t first_x;
  std::int8_t first_y;
  std::int8_t second_x;
  std::int8_t second_y;
};

// Comparison k + 128 is comparison k mirrored (y negated), k < 128. So the code of a keypoint of the mirror image is
// that of the image with its halves exchanged. Made by tools/keypoint_pattern; docs/decisions/005-keypoints.md.
extern const std::array<pixel_comparison, keypoint_bits / 2> keypoint_comparisons;

// All 256 comparisons, turned by angle / 256 of a turn.
using turned_comparisons = std::array<pixel_comparison, keypoint_bits>;
const turned_comparisons &comparisons_at(std::uint8_t angle);

}  // namespace libmatch::detail
