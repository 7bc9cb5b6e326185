// What is kept of a reference to tell whether a query, laid over it, shows the same: for a grid of places, whether
// the image grows brighter to the right and downwards there and whether the place is brighter than those around it.
// That shows coarse outlines of the picture.
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
inline constexpr std::size_t frame_blocks_along = 8;   // each of 4 x 4 cells
inline constexpr std::size_t frame_blocks = frame_blocks_along * frame_blocks_along;
inline constexpr std::size_t frame_maps = 3;  // of signs, and as many of places where the sign is clear
inline constexpr std::size_t frame_signature_size_bytes = 2 * frame_maps * frame_side * frame_side / 8;

// Brightness of the cells, 1/16 grey levels; negative: not visible.
using frame_cells = std::array<std::int32_t, frame_side * frame_side>;

// The plane laid over the frame as a whole.
frame_cells frame_cells_of(const gray_plane &plane);

// Six bit maps of frame_side x frame_side, one place after the other, the lowest bit first: where the step to the
// right goes up and where it is clear, both of the step downwards, and both of the step from the mean of the eight
// neighbours to the place. A map calls clear what is at least its median step.
std::vector<std::uint8_t> frame_signature_of(const gray_plane &plane);

struct step_counts {
  std::uint32_t compared = 0;  // steps that are clear in the reference and seen in the query
  std::uint32_t equal = 0;     // of those, the same way
  std::uint32_t missing = 0;   // steps that are clear in the reference, at places of the query that are flat
};
// By the block that a step's place lies in; blocks row by row.
using frame_agreement = std::array<step_counts, frame_blocks>;
// signature: frame_signature_size_bytes.
frame_agreement compare_frames(const frame_cells &cells, std::span<const std::uint8_t> signature);

}  // namespace libmatch::detail
