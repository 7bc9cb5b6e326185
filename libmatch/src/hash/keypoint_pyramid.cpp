#include "hash/keypoint_pyramid.h"

#include <algorithm>
#include <array>
#include <utility>

namespace libmatch::detail {

namespace {

// Pixel i of five covers six fifths: 5 - i % 5 sixths of its length lie in one pixel and the rest in the next.
constexpr std::uint32_t sixths_of_first(std::size_t output) { return 5 - static_cast<std::uint32_t>(output % 5); }
constexpr std::size_t first_of(std::size_t output) { return output + output / 5; }

// Thirty-sixths to the nearest.
constexpr std::uint8_t rounded_36th(std::uint32_t sum) { return static_cast<std::uint8_t>((sum + 18) / 36); }

// The Gaussian's weights in 256ths by distance from the middle: 54 + 2 * (49 + 34 + 18) = 256. No sum passes 2^16.
constexpr std::uint16_t weighted(std::uint16_t at_3, std::uint16_t at_2, std::uint16_t at_1, std::uint16_t middle) {
  return static_cast<std::uint16_t>(18 * at_3 + 34 * at_2 + 49 * at_1 + 54 * middle + 128);
}
constexpr std::uint16_t both(std::uint8_t before, std::uint8_t after) {
  return static_cast<std::uint16_t>(before + after);
}

// One pass of the Gaussian: the pixels at the same place in seven rows, or in one row at seven places.
void smooth_row(const std::array<const std::uint8_t *, 7> &from, std::uint8_t *output, std::size_t n) {
  const auto [a, b, c, d, e, f, g] = from;
  for (std::size_t x = 0; x < n; ++x) {
    output[x] = static_cast<std::uint8_t>(weighted(both(a[x], g[x]), both(b[x], f[x]), both(c[x], e[x]), d[x]) >> 8);
  }
}

// Five pixels of every six that are mixed of two rows, in sixths.
void five_of_six(const std::uint16_t *mixed, std::uint8_t *output, std::size_t n) {
  std::size_t x = 0;
  for (; x + 5 <= n; x += 5, mixed += 6, output += 5) {
    output[0] = rounded_36th(5U * mixed[0] + mixed[1]);
    output[1] = rounded_36th(4U * mixed[1] + 2U * mixed[2]);
    output[2] = rounded_36th(3U * mixed[2] + 3U * mixed[3]);
    output[3] = rounded_36th(2U * mixed[3] + 4U * mixed[4]);
    output[4] = rounded_36th(mixed[4] + 5U * mixed[5]);
  }
  for (std::size_t i = 0; x + i < n; ++i) {
    const std::uint32_t first = sixths_of_first(i);
    output[i] = rounded_36th(first * mixed[i] + (6 - first) * mixed[i + 1]);
  }
}

}  // namespace

gray_plane five_sixths(const gray_plane &plane) {
  gray_plane result;
  result.width = plane.width * 5 / 6;
  result.height = plane.height * 5 / 6;
  result.pixels.resize(std::size_t{result.width} * result.height);
  std::vector<std::uint16_t> mixed(plane.width);
  for (std::size_t y = 0; y < result.height; ++y) {
    const auto upper = static_cast<std::uint16_t>(sixths_of_first(y));
    const auto lower = static_cast<std::uint16_t>(6 - upper);
    const std::uint8_t *above = plane.row(first_of(y));
    const std::uint8_t *below = plane.row(first_of(y) + 1);
    for (std::size_t x = 0; x < plane.width; ++x) {
      mixed[x] = static_cast<std::uint16_t>(above[x] * upper + below[x] * lower);
    }
    five_of_six(mixed.data(), result.pixels.data() + y * result.width, result.width);
  }
  return result;
}

gray_plane smoothed(const gray_plane &plane) {
  gray_plane result;
  result.width = plane.width;
  result.height = plane.height;
  result.pixels.resize(plane.pixels.size());
  const auto last = static_cast<std::ptrdiff_t>(plane.height) - 1;
  const std::size_t width = plane.width;
  std::vector<std::uint8_t> padded(width + 6);
  for (std::ptrdiff_t y = 0; y <= last; ++y) {
    std::array<const std::uint8_t *, 7> rows{};
    std::array<const std::uint8_t *, 7> places{};
    for (std::size_t k = 0; k < 7; ++k) {
      const std::ptrdiff_t row = std::clamp<std::ptrdiff_t>(y + static_cast<std::ptrdiff_t>(k) - 3, 0, last);
      rows[k] = plane.row(static_cast<std::size_t>(row));
      places[k] = padded.data() + k;
    }
    smooth_row(rows, padded.data() + 3, width);
    std::fill_n(padded.data(), 3, padded[3]);
    std::fill_n(padded.data() + width + 3, 3, padded[width + 2]);
    smooth_row(places, result.pixels.data() + static_cast<std::size_t>(y) * width, width);
  }
  return result;
}

std::uint32_t level_scale(std::size_t level) {
  std::uint64_t numerator = 65536;
  std::uint64_t denominator = 1;
  for (std::size_t i = 0; i < level; ++i) {
    numerator *= 6;
    denominator *= 5;
  }
  return static_cast<std::uint32_t>((numerator + denominator / 2) / denominator);
}

std::vector<gray_plane> pyramid_of(gray_plane plane, std::uint32_t min_side) {
  std::vector<gray_plane> levels;
  while (levels.size() < keypoint_levels_max && std::min(plane.width, plane.height) >= min_side) {
    levels.push_back(std::move(plane));
    plane = five_sixths(levels.back());
  }
  return levels;
}

}  // namespace libmatch::detail
