#include "hash/frame_signature.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace libmatch::detail {

namespace {

constexpr std::size_t map_size_bytes = frame_side * frame_side / 8;
constexpr std::int32_t step_min = 8;  // 1/16 grey levels; a median below this is that of a flat picture
constexpr std::int32_t no_step = std::numeric_limits<std::int32_t>::min();

using frame_steps = std::array<std::int32_t, frame_side * frame_side>;

// no_step where a cell that it takes is not there or not visible.
std::array<frame_steps, frame_maps> steps_of(const frame_cells &cells) {
  std::array<frame_steps, frame_maps> steps;
  for (frame_steps &map : steps) {
    map.fill(no_step);
  }
  for (std::size_t place = 0; place < cells.size(); ++place) {
    const std::size_t x = place % frame_side;
    const std::size_t y = place / frame_side;
    if (x + 1 < frame_side && cells[place] >= 0 && cells[place + 1] >= 0) {
      steps[0][place] = cells[place + 1] - cells[place];
    }
    if (y + 1 < frame_side && cells[place] >= 0 && cells[place + frame_side] >= 0) {
      steps[1][place] = cells[place + frame_side] - cells[place];
    }
    if (x == 0 || y == 0 || x + 1 == frame_side || y + 1 == frame_side) {
      continue;
    }
    std::int32_t sum = 0;
    bool visible = true;
    for (std::size_t row = place - frame_side; row <= place + frame_side; row += frame_side) {
      for (std::size_t near = row - 1; near <= row + 1; ++near) {
        visible = visible && cells[near] >= 0;
        sum += cells[near];
      }
    }
    if (visible) {
      steps[2][place] = (9 * cells[place] - sum) / 8;
    }
  }
  return steps;
}

std::int32_t clear_step(const frame_steps &steps) {
  std::vector<std::int32_t> sizes;
  for (const std::int32_t step : steps) {
    if (step != no_step) {
      sizes.push_back(std::abs(step));
    }
  }
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  return std::max(*middle, step_min);
}

constexpr std::size_t block_of(std::size_t place) {
  constexpr std::size_t block_side = frame_side / frame_blocks_along;
  return place / frame_side / block_side * frame_blocks_along + place % frame_side / block_side;
}

bool bit(const std::uint8_t *map, std::size_t place) { return (map[place / 8] >> (place % 8) & 1) != 0; }
void set_bit(std::uint8_t *map, std::size_t place) {
  map[place / 8] = static_cast<std::uint8_t>(map[place / 8] | 1U << (place % 8));
}

}  // namespace

frame_cells frame_cells_of(const gray_plane &plane) {
  frame_cells cells{};
  const std::uint64_t area = std::uint64_t{plane.width} * plane.height;
  if (area == 0) {
    return cells;
  }
  std::array<std::uint64_t, frame_side * frame_side> sums{};
  for (std::uint64_t y = 0; y < plane.height; ++y) {
    for (std::uint64_t x = 0; x < plane.width; ++x) {
      // A pixel counts for each cell by what they share, in units of 1/32 of a pixel along each axis.
      const std::uint64_t left = x * frame_side;
      const std::uint64_t top = y * frame_side;
      for (std::uint64_t cell_y = top / plane.height; cell_y * plane.height < top + frame_side; ++cell_y) {
        const std::uint64_t down =
            std::min(top + frame_side, (cell_y + 1) * plane.height) - std::max(top, cell_y * plane.height);
        for (std::uint64_t cell_x = left / plane.width; cell_x * plane.width < left + frame_side; ++cell_x) {
          const std::uint64_t across =
              std::min(left + frame_side, (cell_x + 1) * plane.width) - std::max(left, cell_x * plane.width);
          sums[cell_y * frame_side + cell_x] += plane.row(y)[x] * down * across;
        }
      }
    }
  }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i] = static_cast<std::int32_t>((sums[i] * 16 + area / 2) / area);
  }
  return cells;
}

std::vector<std::uint8_t> frame_signature_of(const gray_plane &plane) {
  std::vector<std::uint8_t> signature(frame_signature_size_bytes);
  std::uint8_t *sign = signature.data();
  for (const frame_steps &steps : steps_of(frame_cells_of(plane))) {
    const std::int32_t clear = clear_step(steps);
    for (std::size_t place = 0; place < steps.size(); ++place) {
      if (steps[place] != no_step && std::abs(steps[place]) >= clear) {
        set_bit(sign + map_size_bytes, place);
        if (steps[place] > 0) {
          set_bit(sign, place);
        }
      }
    }
    sign += 2 * map_size_bytes;
  }
  return signature;
}

frame_agreement compare_frames(const frame_cells &cells, std::span<const std::uint8_t> signature) {
  frame_agreement result;
  const std::array<frame_steps, frame_maps> steps = steps_of(cells);
  for (std::size_t map = 0; map < frame_maps; ++map) {
    const std::uint8_t *sign = signature.data() + 2 * map * map_size_bytes;
    for (std::size_t place = 0; place < cells.size(); ++place) {
      const std::int32_t step = steps[map][place];
      if (!bit(sign + map_size_bytes, place) || step == no_step) {
        continue;
      }
      step_counts &block = result[block_of(place)];
      if (std::abs(step) >= step_min) {
        ++block.compared;
        block.equal += bit(sign, place) == (step > 0) ? 1 : 0;
      } else {
        ++block.missing;
      }
    }
  }
  return result;
}

}  // namespace libmatch::detail
