#include "hash/corner_selection.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace libmatch::detail {

namespace {

struct ranked_corner {
  corner at;
  std::uint32_t round;
  std::int64_t strength;
};

}  // namespace

std::int64_t corner_strength(const gray_plane &level, std::size_t x, std::size_t y) {
  std::int32_t xx = 0;
  std::int32_t yy = 0;
  std::int32_t xy = 0;
  for (std::size_t row = y - 3; row <= y + 3; ++row) {
    const std::uint8_t *above = level.row(row - 1);
    const std::uint8_t *middle = level.row(row);
    const std::uint8_t *below = level.row(row + 1);
    for (std::size_t column = x - 3; column <= x + 3; ++column) {
      const std::int32_t along = middle[column + 1] - middle[column - 1];
      const std::int32_t across = below[column] - above[column];
      xx += along * along;
      yy += across * across;
      xy += along * across;
    }
  }
  const std::int64_t determinant = std::int64_t{xx} * yy - std::int64_t{xy} * xy;
  const std::int64_t trace = std::int64_t{xx} + yy;
  return determinant - trace * trace / 25;
}

std::vector<corner> selected(const gray_plane &level, std::vector<corner> corners, std::size_t wanted) {
  std::array<std::vector<ranked_corner>, selection_grid * selection_grid> cells;
  for (const corner &each : corners) {
    const std::size_t cell_x = each.x * selection_grid / level.width;
    const std::size_t cell_y = each.y * selection_grid / level.height;
    cells[cell_y * selection_grid + cell_x].push_back({each, 0, corner_strength(level, each.x, each.y)});
  }
  std::vector<ranked_corner> all;
  for (std::vector<ranked_corner> &cell : cells) {
    const std::size_t kept = std::min(cell.size(), wanted);
    const auto stronger = [](const ranked_corner &a, const ranked_corner &b) {
      return std::tuple(-a.strength, a.at.y, a.at.x) < std::tuple(-b.strength, b.at.y, b.at.x);
    };
    std::partial_sort(cell.begin(), cell.begin() + static_cast<std::ptrdiff_t>(kept), cell.end(), stronger);
    for (std::uint32_t i = 0; i < kept; ++i) {
      cell[i].round = i;
      all.push_back(cell[i]);
    }
  }
  const std::size_t kept = std::min(all.size(), wanted);
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(),
                    [](const ranked_corner &a, const ranked_corner &b) {
                      return std::tuple(a.round, -a.strength, a.at.y, a.at.x) <
                             std::tuple(b.round, -b.strength, b.at.y, b.at.x);
                    });
  corners.clear();
  for (std::size_t i = 0; i < kept; ++i) {
    corners.push_back(all[i].at);
  }
  return corners;
}

}  // namespace libmatch::detail
