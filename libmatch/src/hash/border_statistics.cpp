#include "hash/border_statistics.h"

#include <algorithm>

#include "hash/luma.h"
#include "hash/pdq_dispatch.h"

namespace libmatch::detail {

namespace {

using bounds = std::array<std::size_t, border_statistics::parts + 1>;

bounds bounds_of(std::size_t length) {
  bounds result{};
  for (std::size_t i = 0; i <= border_statistics::parts; ++i) {
    result[i] = i * length / border_statistics::parts;
  }
  return result;
}

// The parts that lie wholly between `begin` and `end`: the first, and one behind the last.
struct part_range {
  std::size_t first;
  std::size_t last;
};

part_range parts_between(const bounds &all, std::size_t begin, std::size_t end) {
  const auto first = std::lower_bound(all.begin(), all.end(), begin);
  const auto last = std::upper_bound(all.begin(), all.end(), end) - 1;
  return {static_cast<std::size_t>(first - all.begin()), static_cast<std::size_t>(last - all.begin())};
}

}  // namespace

border_statistics::border_statistics(const pdq_shape &shape, instruction_set set)
    : shape_(shape),
      kernels_(pdq_kernels_for(set, std::max(shape.width, shape.height))),
      row_step_(std::max<std::size_t>(shape.height / border_rule::summed_rows_min, 1)),
      part_columns_(bounds_of(shape.width)),
      part_rows_(bounds_of(shape.height)),
      luma_(shape.width),
      row_sums_(parts * shape.height),
      column_sums_(parts * shape.width, 0),
      column_squares_(parts * shape.width, 0) {}

void border_statistics::rows(const std::uint8_t *pixels, std::size_t count, std::size_t stride_bytes) {
  for (std::size_t i = 0; i < count; ++i, ++next_row_) {
    const std::uint8_t *row = pixels + i * stride_bytes;
    const bool sums_columns = next_row_ % row_step_ == 0;
    if (sums_columns) {
      kernels_.luma_bytes(row, shape_.format, shape_.width, luma_.data());
    }
    for (std::size_t part = 0; part < parts; ++part) {
      const std::size_t begin = part_columns_[part];
      const std::size_t columns = summed_columns(part);
      if (!sums_columns) {
        kernels_.luma_bytes(row + begin * pixel_size_bytes(shape_.format), shape_.format, columns, &luma_[begin]);
      }
      part_sums &sums = row_sums_[next_row_ * parts + part];
      kernels_.sum_row(&luma_[begin], columns, &sums.sum, &sums.squares);
    }
    if (sums_columns) {
      const auto part = static_cast<std::size_t>(std::upper_bound(part_rows_.begin(), part_rows_.end(), next_row_) -
                                                 part_rows_.begin() - 1);
      ++rows_summed_[part];
      kernels_.sum_columns(luma_.data(), shape_.width, column_sums_.data() + part * shape_.width,
                           column_squares_.data() + part * shape_.width);
    }
  }
}

std::size_t border_statistics::summed_columns(std::size_t part) const {
  const std::size_t columns = part_columns_[part + 1] - part_columns_[part];
  return std::min(columns, (columns / 2 + 15) / 16 * 16);
}

luma_sums border_statistics::of_row(std::size_t y, std::size_t begin, std::size_t end) const {
  const part_range range = parts_between(part_columns_, begin, end);
  luma_sums result;
  for (std::size_t part = range.first; part < range.last; ++part) {
    result.count += summed_columns(part);
    result.sum += row_sums_[y * parts + part].sum;
    result.squares += row_sums_[y * parts + part].squares;
  }
  return result;
}

luma_sums border_statistics::of_column(std::size_t x, std::size_t begin, std::size_t end) const {
  const part_range range = parts_between(part_rows_, begin, end);
  luma_sums result;
  for (std::size_t part = range.first; part < range.last; ++part) {
    result.count += rows_summed_[part];
    result.sum += column_sums_[part * shape_.width + x];
    result.squares += column_squares_[part * shape_.width + x];
  }
  return result;
}

}  // namespace libmatch::detail
