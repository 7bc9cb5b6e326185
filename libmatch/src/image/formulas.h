// The arithmetic of docs/decoding.md: integers only, rounded to nearest, so every machine gives the same pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace libmatch::detail {

constexpr std::uint8_t sixteen_to_eight_bits(std::uint32_t value) {
  return static_cast<std::uint8_t>((value * 255 + 32767) / 65535);
}

constexpr std::uint8_t over_white(std::uint32_t color, std::uint32_t alpha) {
  return static_cast<std::uint8_t>((color * alpha + 255 * (255 - alpha) + 127) / 255);
}

// A color that was multiplied with its alpha; a color over its alpha, which cannot be, is white.
constexpr std::uint8_t multiplied_over_white(std::uint32_t color, std::uint32_t alpha) {
  return static_cast<std::uint8_t>(color + 255 - alpha < 255 ? color + 255 - alpha : 255);
}

// Over something that is there already; over(c, a, 255) is over_white(c, a).
constexpr std::uint8_t over(std::uint32_t color, std::uint32_t alpha, std::uint32_t below) {
  return static_cast<std::uint8_t>((color * alpha + below * (255 - alpha) + 127) / 255);
}

// Both are brightness: 255 minus the ink.
constexpr std::uint8_t ink_under_black(std::uint32_t color, std::uint32_t black) {
  return static_cast<std::uint8_t>((color * black + 127) / 255);
}

// n RGBA8 pixels to RGB8. May work in place: rgb == rgba.
inline void blend_over_white(const std::uint8_t *rgba, std::size_t n, std::uint8_t *rgb) {
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint8_t *from = rgba + 4 * i;
    const std::uint8_t alpha = from[3];
    const std::uint8_t pixel[3] = {over_white(from[0], alpha), over_white(from[1], alpha),
                                   over_white(from[2], alpha)};
    std::memcpy(rgb + 3 * i, pixel, sizeof pixel);
  }
}

}  // namespace libmatch::detail
