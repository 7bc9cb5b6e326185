// Images made small as Pillow makes them, bit for bit: what python imagehash hashes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "libmatch/libmatch.h"

namespace libmatch::detail {

// Sides are weighed with six weights a pixel, so that longer ones would take memory out of proportion. The longest
// side of a JPEG, and beyond those of WebP and GIF.
inline constexpr std::uint32_t lanczos_longest_side = 65535;

// Grey, one byte a pixel, row by row.
struct small_plane {
  std::size_t width = 0;
  std::size_t height = 0;
  std::vector<std::uint8_t> pixels;
};

// Grey as Pillow's convert('L') weighs red, green and blue, in integers; alpha is laid over white before.
std::uint8_t pillow_luma(std::uint8_t red, std::uint8_t green, std::uint8_t blue) noexcept;

// Pillow's Image.convert('L').resize((width, height), LANCZOS). Takes about 24 * (width + height of the image) bytes
// and the new width for each row of it. LM_ERROR_LIMIT for a side over lanczos_longest_side.
small_plane lanczos_plane(const lm_image &image, std::size_t width, std::size_t height);

// Which samples of a side make up one place of the new side, and how much each counts: 2^22 is all.
struct lanczos_window {
  std::size_t first = 0;
  std::vector<std::int32_t> weights;
};

// The windows of all places. old_size, new_size: at least 1.
std::vector<lanczos_window> lanczos_windows(std::size_t old_size, std::size_t new_size);

// sin(x) for |x| <= 10, to about the last bit. By additions and multiplications alone: a library's may differ from
// one machine to the next.
double sine(double x) noexcept;

}  // namespace libmatch::detail
