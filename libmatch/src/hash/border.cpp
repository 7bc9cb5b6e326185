#include "hash/border.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace libmatch::detail {

namespace {

constexpr double outermost_deviation_max = 3;
constexpr double flat_deviation = 2.5;
constexpr double deviation_rise_min = 6;
constexpr double edge_share = 0.4;
constexpr double sharpness_min = 0.3;
constexpr std::size_t flat_lines_min = 2;
constexpr std::size_t ringing_lines_max = 12;
constexpr std::size_t lines_after_flat = 16;
constexpr std::size_t smallest_share = 128;
constexpr std::size_t side_min = 32;
constexpr std::size_t side_max = std::size_t{1} << 20;  // the sums of a part fit in 32 bits
constexpr std::size_t longest_to_shortest_max = 16;

// The lines from a side of the image inwards, over the part of it that is left.
using lines = std::vector<luma_sums>;

double deviation(const luma_sums &line, double colour) {
  const auto count = static_cast<double>(line.count);
  const double mean = static_cast<double>(line.sum) / count;
  const double mean_square = static_cast<double>(line.squares) / count;
  return std::sqrt(std::max(mean_square - 2 * colour * mean + colour * colour, 0.0));
}

// How many lines from the side on are border; all of them if no line stands out.
std::size_t border_width(const lines &from_side) {
  const double colour = static_cast<double>(from_side[0].sum) / static_cast<double>(from_side[0].count);
  const double outermost = deviation(from_side[0], colour);
  if (outermost > outermost_deviation_max) {
    return 0;
  }
  const double bound = flat_deviation + outermost;
  const auto is_flat = [&](std::size_t i) { return deviation(from_side[i], colour) <= bound; };
  std::size_t flat = 0;
  while (flat < from_side.size() && is_flat(flat)) {
    ++flat;
  }
  if (flat < flat_lines_min || flat == from_side.size()) {
    return flat < flat_lines_min ? 0 : flat;
  }
  const std::size_t end = std::min(flat + lines_after_flat, from_side.size());
  double highest = 0;
  for (std::size_t i = flat; i < end; ++i) {
    highest = std::max(highest, deviation(from_side[i], colour));
  }
  std::size_t edge = flat;
  while (deviation(from_side[edge], colour) < edge_share * highest) {
    ++edge;
  }
  const double before = deviation(from_side[edge - 2], colour);
  const double behind = deviation(from_side[std::min(edge + 1, from_side.size() - 1)], colour);
  const bool is_border = highest >= bound + deviation_rise_min && edge - flat <= ringing_lines_max &&
                         behind - before >= sharpness_min * highest;
  return is_border ? edge : 0;
}

struct interval {
  std::size_t begin;
  std::size_t end;
};

// `side`: of the whole image, of which a third is kept. line_at: line i of the image.
template <typename LineAt>
interval trimmed(const interval &all, std::size_t side, const LineAt &line_at) {
  lines from_side;
  for (std::size_t i = all.begin; i < all.end; ++i) {
    from_side.push_back(line_at(i));
  }
  const auto at_least = [&](std::size_t width) {
    return width < std::max(flat_lines_min, side / smallest_share) ? 0 : width;
  };
  const std::size_t first = at_least(border_width(from_side));
  std::reverse(from_side.begin(), from_side.end());
  const std::size_t last = at_least(border_width(from_side));
  if (first + last + side / 3 >= from_side.size()) {
    return all;
  }
  return {all.begin + first, all.end - last};
}

}  // namespace

border_finder::border_finder(const pdq_shape &shape, instruction_set set) : shape_(shape) {
  const auto [shortest, longest] = std::minmax(shape.width, shape.height);
  if (shortest >= side_min && longest <= side_max && longest / longest_to_shortest_max < shortest) {
    statistics_.emplace(shape, set);
  }
}

void border_finder::rows(const std::uint8_t *pixels, std::size_t count, std::size_t stride_bytes) {
  if (statistics_) {
    statistics_->rows(pixels, count, stride_bytes);
  }
}

std::optional<pixel_rectangle> border_finder::finish() const {
  if (!statistics_) {
    return std::nullopt;
  }
  interval rows{0, shape_.height};
  interval columns{0, shape_.width};
  for (int repetition = 0; repetition < 2; ++repetition) {
    rows = trimmed(rows, shape_.height,
                   [&](std::size_t y) { return statistics_->of_row(y, columns.begin, columns.end); });
    columns = trimmed(columns, shape_.width,
                      [&](std::size_t x) { return statistics_->of_column(x, rows.begin, rows.end); });
  }
  const pixel_rectangle result{static_cast<std::uint32_t>(columns.begin), static_cast<std::uint32_t>(rows.begin),
                               static_cast<std::uint32_t>(columns.end - columns.begin),
                               static_cast<std::uint32_t>(rows.end - rows.begin)};
  if (result.width == shape_.width && result.height == shape_.height) {
    return std::nullopt;
  }
  return result;
}

}  // namespace libmatch::detail
