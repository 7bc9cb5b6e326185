#include "hash/frame_signature.h"

#include <algorithm>

namespace libmatch::detail {

namespace {

constexpr std::size_t map_size_bytes = frame_side * frame_side / 8;
constexpr std::int32_t clear_step = 16 * 3;

bool bit(std::span<const std::uint8_t> map, std::size_t place) { return (map[place / 8] >> (place % 8) & 1) != 0; }

}  // namespace

frame_cells frame_cells_of(const gray_plane &plane) {
  frame_cells cells{};
  const std::uint64_t area = std::uint64_t{plane.width} * plane.height;
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
  const frame_cells cells = frame_cells_of(plane);
  for (std::size_t place = 0; place < cells.size(); ++place) {
    const auto mark = [&](std::size_t map, std::int32_t step) {
      const auto flag = static_cast<std::uint8_t>(1U << (place % 8));
      std::uint8_t *sign = signature.data() + map * map_size_bytes + place / 8;
      if (step > 0) {
        *sign = static_cast<std::uint8_t>(*sign | flag);
      }
      if (step >= clear_step || step <= -clear_step) {
        sign[map_size_bytes] = static_cast<std::uint8_t>(sign[map_size_bytes] | flag);
      }
    };
    if (place % frame_side + 1 < frame_side) {
      mark(0, cells[place + 1] - cells[place]);
    }
    if (place / frame_side + 1 < frame_side) {
      mark(2, cells[place + frame_side] - cells[place]);
    }
  }
  return signature;
}

frame_agreement compare_frames(const frame_cells &cells, std::span<const std::uint8_t> signature) {
  frame_agreement result;
  for (std::size_t place = 0; place < cells.size(); ++place) {
    const auto compare = [&](std::size_t map, std::size_t next) {
      if (cells[place] < 0 || cells[next] < 0) {
        return;
      }
      const std::int32_t step = cells[next] - cells[place];
      if (step < clear_step && step > -clear_step) {
        return;
      }
      const auto sign = signature.subspan(map * map_size_bytes, map_size_bytes);
      if (!bit(signature.subspan((map + 1) * map_size_bytes, map_size_bytes), place)) {
        return;
      }
      ++result.compared;
      result.equal += bit(sign, place) == (step > 0) ? 1 : 0;
    };
    if (place % frame_side + 1 < frame_side) {
      compare(0, place + 1);
    }
    if (place / frame_side + 1 < frame_side) {
      compare(2, place + frame_side);
    }
  }
  return result;
}

}  // namespace libmatch::detail
