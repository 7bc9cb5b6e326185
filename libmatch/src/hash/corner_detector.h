// Corners of a plane: pixels around which most of a circle is brighter, or darker, than the middle.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hash/gray_plane.h"

namespace libmatch::detail {

inline constexpr std::uint32_t corner_threshold = 8;  // grey levels

struct corner {
  std::uint16_t x;
  std::uint16_t y;
  std::uint8_t score;
};

// The 16 pixels of a circle of radius 3, clockwise from the top.
struct circle_offset {
  std::int8_t x;
  std::int8_t y;
};
inline constexpr std::array<circle_offset, 16> corner_circle{{{0, -3},
                                                              {1, -3},
                                                              {2, -2},
                                                              {3, -1},
                                                              {3, 0},
                                                              {3, 1},
                                                              {2, 2},
                                                              {1, 3},
                                                              {0, 3},
                                                              {-1, 3},
                                                              {-2, 2},
                                                              {-3, 1},
                                                              {-3, 0},
                                                              {-3, -1},
                                                              {-2, -2},
                                                              {-1, -3}}};

// The greatest t such that 9 neighbours on the circle all differ from the middle by at least t, all in the same
// direction. `pixel` has 3 pixels around it on all sides.
std::uint8_t corner_score(const std::uint8_t *pixel, std::ptrdiff_t stride);

// Pixels of a score above the threshold that none of their 8 neighbours exceeds (of equal ones the first in reading
// order), at least `margin` >= 4 pixels from every side. By rows.
std::vector<corner> corners_of(const gray_plane &plane, std::uint32_t margin);

}  // namespace libmatch::detail
