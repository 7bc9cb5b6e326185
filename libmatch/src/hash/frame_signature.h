// What is kept of a reference to tell whether a query, laid over it, shows the same: for a grid of places whether the
// image grows brighter to the right and downwards there. Less than the picture can be drawn from, but more than a
// code.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "hash/gray_plane.h"

namespace libmatch::detail {

inline constexpr std::size_t frame_side = 32;          // cells along each side of the frame
inline constexpr std::uint32_t frame_view_side = 256;  // longer side of the query's plane, pixels
inline constexpr std::size_t frame_signature_size_bytes = 4 * frame_side * frame_side / 8;

// Brightness of the cells, 1/16 grey levels; negative: not visible.
using frame_cells = std::array<std::int32_t, frame_side * frame_side>;

// The plane laid over the frame as a whole.
frame_cells frame_cells_of(const gray_plane &plane);

// Four bit maps of frame_side x frame_side: the sign of the step to the right, whether it is clear, and both of the
// step downwards.
std::vector<std::uint8_t> frame_signature_of(const gray_plane &plane);

struct frame_agreement {
  std::uint32_t compared = 0;  // steps that are clear in both and visible
  std::uint32_t equal = 0;     // of those, the same way
};
frame_agreement compare_frames(const frame_cells &cells, std::span<const std::uint8_t> signature);

}  // namespace libmatch::detail
