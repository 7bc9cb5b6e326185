#include "hash/keypoint_pyramid.h"

#include <algorithm>
#include <array>
#include <utility>

namespace libmatch::detail {

namespace {

// Pixel i of five covers six fifths: 5 - i % 5 sixths of its length lie in one pixel and the rest in the next.
constexpr std::uint32_t sixths_of_first(std::size_t output) { return 5 - static_cast<std::uint32_t>(output % 5); }
constexpr std::size_t first_of(std::size_t output) { return output + output / 5; }

constexpr std::array<std::uint16_t, 7> gaussian{18, 34, 49, 54, 49, 34, 18};  // 256ths

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
    std::uint8_t *output = result.pixels.data() + y * result.width;
    for (std::size_t x = 0; x < result.width; ++x) {
      const std::uint32_t left = sixths_of_first(x);
      const std::uint16_t *pixel = mixed.data() + first_of(x);
      output[x] = static_cast<std::uint8_t>((pixel[0] * left + pixel[1] * (6 - left) + 18) / 36);
    }
  }
  return result;
}

gray_plane smoothed(const gray_plane &plane) {
  gray_plane result;
  result.width = plane.width;
  result.height = plane.height;
  result.pixels.resize(plane.pixels.size());
  const auto last = static_cast<std::ptrdiff_t>(plane.height) - 1;
  std::vector<std::uint8_t> padded(std::size_t{plane.width} + 6);
  for (std::ptrdiff_t y = 0; y <= last; ++y) {
    std::array<const std::uint8_t *, 7> rows{};
    for (std::ptrdiff_t k = 0; k < 7; ++k) {
      rows[static_cast<std::size_t>(k)] =
          plane.row(static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(y + k - 3, 0, last)));
    }
    for (std::size_t x = 0; x < plane.width; ++x) {
      std::uint16_t sum = 128;
      for (std::size_t k = 0; k < 7; ++k) {
        sum = static_cast<std::uint16_t>(sum + gaussian[k] * rows[k][x]);
      }
      padded[x + 3] = static_cast<std::uint8_t>(sum >> 8);
    }
    std::fill_n(padded.begin(), 3, padded[3]);
    std::fill_n(padded.end() - 3, 3, padded[padded.size() - 4]);
    std::uint8_t *output = result.pixels.data() + static_cast<std::size_t>(y) * plane.width;
    for (std::size_t x = 0; x < plane.width; ++x) {
      std::uint16_t sum = 128;
      for (std::size_t k = 0; k < 7; ++k) {
        sum = static_cast<std::uint16_t>(sum + gaussian[k] * padded[x + k]);
      }
      output[x] = static_cast<std::uint8_t>(sum >> 8);
    }
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
