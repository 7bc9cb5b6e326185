// The levels that keypoints are found on: each is 5/6 of the one before, so that a corner is seen at nearly the same
// size whatever the scale of the image.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hash/gray_plane.h"

namespace libmatch::detail {

inline constexpr std::size_t keypoint_levels_max = 12;

// Averages 6 pixels to 5 along both axes; a rest of fewer than 6 gives as many as fit wholly.
gray_plane five_sixths(const gray_plane &plane);

// A Gaussian of standard deviation 2 over 7 x 7 pixels, the border repeated.
gray_plane smoothed(const gray_plane &plane);

// Length of a pixel of the level in pixels of the plane, times 2^16: (6/5)^level.
std::uint32_t level_scale(std::size_t level);

// Levels while both sides are at least `min_side`, at most keypoint_levels_max; level 0 is the plane itself.
std::vector<gray_plane> pyramid_of(gray_plane plane, std::uint32_t min_side);

}  // namespace libmatch::detail
