// Which corners of a level become keypoints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hash/corner_detector.h"
#include "hash/gray_plane.h"

namespace libmatch::detail {

inline constexpr std::size_t selection_grid = 8;  // cells along each side

// How much the level varies in both directions around a pixel, after Harris: the determinant less a 25th of the
// square of the trace of the gradients' second moments, over 7 x 7 pixels. The pixel is 4 pixels or more inside.
std::int64_t corner_strength(const gray_plane &level, std::size_t x, std::size_t y);

// At most `wanted` corners: the strongest of every cell of the grid, then the second of every cell, and so on; within
// such a round the strongest first.
std::vector<corner> selected(const gray_plane &level, std::vector<corner> corners, std::size_t wanted);

}  // namespace libmatch::detail
