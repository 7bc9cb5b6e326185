// Borders, found on the device by the rule of hash/border.h; the conformance tests compare the two.
#pragma once

#include <cuda_runtime.h>

#include <cmath>
#include <cstdint>

#include "hash/border_rule.h"
#include "instructions.cuh"
#include "launch.cuh"
#include "pdq_filters.cuh"
#include "pdq_views.h"

namespace libmatch::cuda {

namespace border_rule = detail::border_rule;

struct line_sums {
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
  std::uint64_t squares = 0;
};

struct line_interval {
  std::uint32_t begin;
  std::uint32_t end;
};

// Sums of luma, cut to whole numbers, of every row and column in eight parts.
struct border_sums {
  pixel_view image;
  std::uint32_t *row_luma;
  std::uint32_t *column_luma;

  __device__ static std::uint32_t part(std::uint32_t length, std::uint32_t i) {
    return static_cast<std::uint32_t>(std::uint64_t{i} * length / border_parts);
  }
  __device__ std::uint32_t row_step() const { return max(image.height / border_rule::summed_rows_min, 1U); }
  // Of a part of a row the first half is summed, in multiples of 16 pixels.
  __device__ std::uint32_t summed_columns(std::uint32_t i) const {
    const std::uint32_t columns = part(image.width, i + 1) - part(image.width, i);
    return min(columns, (columns / 2 + 15) / 16 * 16);
  }
  __device__ std::uint32_t summed_rows(std::uint32_t i) const {
    const std::uint32_t step = row_step();
    return (part(image.height, i + 1) + step - 1) / step - (part(image.height, i) + step - 1) / step;
  }

  // A warp a row, four lanes a part.
  __device__ void sum_rows() const {
    const std::uint32_t i = threadIdx.x % 32 / 4;
    const std::uint32_t begin = part(image.width, i);
    for (std::uint32_t y = threadIdx.x / 32; y < image.height; y += blockDim.x / 32) {
      std::uint32_t sum = 0;
      std::uint32_t squares = 0;
      for (std::uint32_t x = threadIdx.x % 4; x < summed_columns(i); x += 4) {
        const auto value = static_cast<std::uint32_t>(image.luma(begin + x, y));
        sum += value;
        squares += value * value;
      }
      for (int other = 2; other > 0; other /= 2) {
        sum += __shfl_xor_sync(all_lanes, sum, other);
        squares += __shfl_xor_sync(all_lanes, squares, other);
      }
      if (threadIdx.x % 4 == 0) {
        row_luma[2 * (std::uint64_t{y} * border_parts + i)] = sum;
        row_luma[2 * (std::uint64_t{y} * border_parts + i) + 1] = squares;
      }
    }
  }

  // A thread a column, over at least 128 of the rows.
  __device__ void sum_columns() const {
    const std::uint32_t step = row_step();
    for (std::uint32_t x = threadIdx.x; x < image.width; x += blockDim.x) {
      for (std::uint32_t i = 0; i < border_parts; ++i) {
        std::uint32_t sum = 0;
        std::uint32_t squares = 0;
        for (std::uint32_t y = (part(image.height, i) + step - 1) / step * step; y < part(image.height, i + 1);
             y += step) {
          const auto value = static_cast<std::uint32_t>(image.luma(x, y));
          sum += value;
          squares += value * value;
        }
        column_luma[2 * (std::uint64_t{i} * image.width + x)] = sum;
        column_luma[2 * (std::uint64_t{i} * image.width + x) + 1] = squares;
      }
    }
  }

  // A row between columns, or a column between rows: of the parts that lie wholly between them.
  __device__ line_sums of_line(bool is_row, std::uint32_t number, const line_interval &between) const {
    const std::uint32_t length = is_row ? image.width : image.height;
    line_sums result;
    for (std::uint32_t i = 0; i < border_parts; ++i) {
      if (part(length, i) < between.begin || part(length, i + 1) > between.end) continue;
      const std::uint32_t *luma = is_row ? row_luma + 2 * (std::uint64_t{number} * border_parts + i)
                                         : column_luma + 2 * (std::uint64_t{i} * image.width + number);
      result.count += is_row ? summed_columns(i) : summed_rows(i);
      result.sum += luma[0];
      result.squares += luma[1];
    }
    return result;
  }
};

// The lines of an image from one of its sides inwards.
struct lines_from_side {
  const border_sums &sums;
  bool is_row;
  std::uint32_t outermost;
  bool backwards;
  line_interval between;
  double colour = 0;

  __device__ line_sums line(std::uint32_t i) const {
    return sums.of_line(is_row, backwards ? outermost - i : outermost + i, between);
  }
  __device__ double deviation(std::uint32_t i) const {
    const line_sums of = line(i);
    const auto count = static_cast<double>(of.count);
    const double mean = static_cast<double>(of.sum) / count;
    const double mean_square = static_cast<double>(of.squares) / count;
    const double square = mean_square - 2 * colour * mean + colour * colour;
    return sqrt(square < 0.0 ? 0.0 : square);
  }
};

// The first of lines begin .. end - 1 for which it holds, or end. A warp looks at 32 at once.
template <typename Predicate>
__device__ std::uint32_t first_line(std::uint32_t begin, std::uint32_t end, const Predicate &holds) {
  for (std::uint32_t from = begin; from < end; from += 32) {
    const std::uint32_t i = from + threadIdx.x % 32;
    const unsigned found = __ballot_sync(all_lanes, i < end && holds(i) ? 1 : 0);
    if (found != 0) return from + static_cast<std::uint32_t>(__ffs(static_cast<int>(found))) - 1;
  }
  return end;
}

// How many of `count` lines from the side on are border. All lanes of a warp take part and get it.
inline __device__ std::uint32_t border_width(lines_from_side lines, std::uint32_t count) {
  const line_sums first = lines.line(0);
  lines.colour = static_cast<double>(first.sum) / static_cast<double>(first.count);
  const double outermost = lines.deviation(0);
  if (outermost > border_rule::outermost_deviation_max) return 0;
  const double bound = border_rule::flat_deviation + outermost;
  const std::uint32_t flat = first_line(1, count, [&](std::uint32_t i) { return !(lines.deviation(i) <= bound); });
  if (flat < border_rule::flat_lines_min) return 0;
  if (flat == count) return flat;
  const std::uint32_t looked_at = flat + threadIdx.x % 32;
  double highest = looked_at < min(flat + border_rule::lines_after_flat, count) ? lines.deviation(looked_at) : 0.0;
  for (int other = 16; other > 0; other /= 2) {
    const double of_other = __shfl_xor_sync(all_lanes, highest, other);
    highest = highest < of_other ? of_other : highest;
  }
  const std::uint32_t edge = first_line(
      flat, count, [&](std::uint32_t i) { return !(lines.deviation(i) < border_rule::edge_share * highest); });
  const double rise = lines.deviation(min(edge + 1, count - 1)) - lines.deviation(edge - 2);
  const bool is_border = highest >= bound + border_rule::deviation_rise_min &&
                         edge - flat <= border_rule::ringing_lines_max &&
                         rise >= border_rule::sharpness_min * highest;
  return is_border ? edge : 0;
}

// `side`: of the whole image, of which a third is kept.
inline __device__ line_interval without_border(const border_sums &sums, bool is_row, const line_interval &all,
                                               const line_interval &between) {
  const std::uint32_t side = is_row ? sums.image.height : sums.image.width;
  const std::uint32_t count = all.end - all.begin;
  const std::uint32_t least = max(border_rule::flat_lines_min, side / border_rule::smallest_share);
  const std::uint32_t first = border_width({sums, is_row, all.begin, false, between}, count);
  const std::uint32_t last = border_width({sums, is_row, all.end - 1, true, between}, count);
  const std::uint32_t from_first = first < least ? 0 : first;
  const std::uint32_t from_last = last < least ? 0 : last;
  if (from_first + from_last + side / 3 >= count) return all;
  return {all.begin + from_first, all.end - from_last};
}

// Images with a short side or a very long one have no border.
inline __device__ bool may_have_border(std::uint32_t width, std::uint32_t height) {
  const std::uint32_t shortest = min(width, height);
  const std::uint32_t longest = max(width, height);
  return shortest >= border_rule::side_min && longest <= border_rule::side_max &&
         longest / border_rule::longest_to_shortest_max < shortest;
}

}  // namespace libmatch::cuda
