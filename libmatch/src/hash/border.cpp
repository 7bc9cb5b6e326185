#include "hash/border.h"

#include <algorithm>
#include <cmath>

#include "hash/border_rule.h"

namespace libmatch::detail {

namespace {

using namespace border_rule;

double deviation(const luma_sums &line, double colour) {
  const auto count = static_cast<double>(line.count);
  const double mean = static_cast<double>(line.sum) / count;
  const double mean_square = static_cast<double>(line.squares) / count;
  return std::sqrt(std::max(mean_square - 2 * colour * mean + colour * colour, 0.0));
}

// How many of `count` lines from the side on are border; all of them if no line stands out. line_from_side: line i
// from the side inwards. Of an image without a border it looks at the first two or three.
template <typename LineFromSide>
std::size_t border_width(std::size_t count, const LineFromSide &line_from_side) {
  const luma_sums first = line_from_side(0);
  const double colour = static_cast<double>(first.sum) / static_cast<double>(first.count);
  const auto deviation_of = [&](std::size_t i) { return deviation(line_from_side(i), colour); };
  const double outermost = deviation_of(0);
  if (outermost > outermost_deviation_max) {
    return 0;
  }
  const double bound = flat_deviation + outermost;
  std::size_t flat = 1;
  while (flat < count && deviation_of(flat) <= bound) {
    ++flat;
  }
  if (flat < flat_lines_min || flat == count) {
    return flat < flat_lines_min ? 0 : flat;
  }
  double highest = 0;
  for (std::size_t i = flat; i < std::min(flat + lines_after_flat, count); ++i) {
    highest = std::max(highest, deviation_of(i));
  }
  std::size_t edge = flat;
  while (deviation_of(edge) < edge_share * highest) {
    ++edge;
  }
  const double rise = deviation_of(std::min(edge + 1, count - 1)) - deviation_of(edge - 2);
  const bool is_border =
      highest >= bound + deviation_rise_min && edge - flat <= ringing_lines_max && rise >= sharpness_min * highest;
  return is_border ? edge : 0;
}

struct interval {
  std::size_t begin;
  std::size_t end;
};

// `side`: of the whole image, of which a third is kept. line_at: line i of the image.
template <typename LineAt>
interval trimmed(const interval &all, std::size_t side, const LineAt &line_at) {
  const std::size_t count = all.end - all.begin;
  const auto at_least = [&](std::size_t width) {
    return width < std::max<std::size_t>(flat_lines_min, side / smallest_share) ? 0 : width;
  };
  const std::size_t first = at_least(border_width(count, [&](std::size_t i) { return line_at(all.begin + i); }));
  const std::size_t last = at_least(border_width(count, [&](std::size_t i) { return line_at(all.end - 1 - i); }));
  if (first + last + side / 3 >= count) {
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
