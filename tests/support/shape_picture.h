// Pictures full of corners, and what a copyist may do to them: a map of places that turns, scales, crops and mirrors.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "hash/gray_plane.h"
#include "support/pixels.h"

namespace libmatch::test {

// 160 rectangles of random places, sizes and greys over a slope, with a little grain; none looks like another.
inline detail::gray_plane shape_picture(std::uint32_t seed, std::uint32_t width, std::uint32_t height) {
  number_sequence numbers(seed);
  detail::gray_plane plane{width, height, {}};
  plane.pixels.resize(std::size_t{width} * height);
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      plane.pixels[y * width + x] = static_cast<std::uint8_t>(60 + x * 60 / width + y * 60 / height);
    }
  }
  for (int i = 0; i < 160; ++i) {
    const std::uint32_t left = numbers.next() % width;
    const std::uint32_t top = numbers.next() % height;
    const std::uint32_t right = std::min(width, left + 8 + numbers.next() % (width / 8));
    const std::uint32_t bottom = std::min(height, top + 8 + numbers.next() % (height / 8));
    const auto grey = static_cast<std::uint8_t>(numbers.next() % 256);
    for (std::size_t y = top; y < bottom; ++y) {
      std::fill_n(plane.pixels.begin() + static_cast<std::ptrdiff_t>(y * width + left), right - left, grey);
    }
  }
  for (std::uint8_t &pixel : plane.pixels) {
    pixel = static_cast<std::uint8_t>(std::clamp<int>(pixel + static_cast<int>(numbers.next() % 5) - 2, 0, 255));
  }
  return plane;
}

// Pixel (x, y) of the copy shows what the picture has at (a x + b y + c, d x + e y + f), or `outside`.
inline detail::gray_plane copied(const detail::gray_plane &picture, std::uint32_t width, std::uint32_t height,
                                 const std::array<double, 6> &map, std::uint8_t outside = 0) {
  constexpr int samples = 3;  // along each axis
  detail::gray_plane copy{width, height, {}};
  copy.pixels.resize(std::size_t{width} * height);
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      std::uint32_t sum = 0;
      for (int i = 0; i < samples * samples; ++i) {
        const int row = i / samples;
        const int column = i % samples;
        const double at_x = static_cast<double>(x) + (column + 0.5) / samples;
        const double at_y = static_cast<double>(y) + (row + 0.5) / samples;
        const double from_x = map[0] * at_x + map[1] * at_y + map[2];
        const double from_y = map[3] * at_x + map[4] * at_y + map[5];
        const bool inside = from_x >= 0 && from_y >= 0 && from_x < picture.width && from_y < picture.height;
        sum += inside ? picture.row(static_cast<std::size_t>(from_y))[static_cast<std::size_t>(from_x)] : outside;
      }
      copy.pixels[y * width + x] = static_cast<std::uint8_t>(sum / (samples * samples));
    }
  }
  return copy;
}

}  // namespace libmatch::test
