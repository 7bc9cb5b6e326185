// Directions in 256ths of a turn, by integers alone: x to the right, y down, from x towards y.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace libmatch::detail {

struct direction {
  std::int32_t x;  // times 2^14
  std::int32_t y;
};

// Cosine and sine of angle / 256 of a turn.
direction direction_of(std::uint8_t angle);

// The nearest direction of (x, y); 0 for (0, 0). |x|, |y| < 2^40.
std::uint8_t angle_of(std::int64_t x, std::int64_t y);

}  // namespace libmatch::detail
