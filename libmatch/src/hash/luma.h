// Pixels to luma, as PDQ weighs them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "libmatch/libmatch.h"

namespace libmatch::detail {

constexpr std::size_t pixel_size_bytes(lm_pixel_format format) {
  return format == LM_PIXEL_GRAY8 ? 1 : format == LM_PIXEL_RGB8 ? 3 : 4;
}

// A channel with its alpha laid over white, rounded to the nearest.
constexpr std::uint8_t over_white(std::uint8_t channel, std::uint8_t alpha) {
  return static_cast<std::uint8_t>((channel * alpha + 255 * (255 - alpha) + 127) / 255);
}

// In float, added in this order, neither rounded to an integer nor fused: later steps keep the last bit.
constexpr float luma(std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  return (0.299F * static_cast<float>(red) + 0.587F * static_cast<float>(green)) + 0.114F * static_cast<float>(blue);
}

}  // namespace libmatch::detail
