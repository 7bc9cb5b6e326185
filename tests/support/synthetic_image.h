// Images made by integer arithmetic alone: six triangle waves and a little noise, the same on every machine.
//
// With next() the xorshift numbers from the seed: six times fx = next() % 9, fy = next() % 9, phase = next() % 1024,
// amplitude = 8 + next() % 40, in this order; then gain = 1 + next() % 4 for red, green and blue. A wave at (x, y) is
// (triangle - 256) * amplitude / 256, rounded down, triangle running from 0 to 511 and back over
// t = (fx * x * 1024 / width + fy * y * 1024 / height + phase) % 1024. The channel c of a pixel is 128 plus the six
// waves, (c - 1) * 8 and ((7919 x + 104729 y + 1299709 c + 15485863 seed) / 8) % (4 gain + 1), held within 0 to 255.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "support/pixels.h"

namespace libmatch::test {

struct triangle_wave {
  std::vector<std::uint32_t> by_column;  // t's part of x, below 8 * 1024
  std::vector<std::uint32_t> by_row;     // and of y, with the phase
  std::int32_t amplitude = 0;

  std::int32_t at(std::size_t x, std::size_t y) const {
    const auto t = static_cast<std::int32_t>((by_column[x] + by_row[y]) % 1024);
    const std::int32_t triangle = t < 512 ? t : 1023 - t;
    return ((triangle - 256) * amplitude) >> 8;  // rounds down, below zero too
  }
};

inline triangle_wave next_wave(number_sequence &numbers, std::uint32_t width, std::uint32_t height) {
  const std::uint64_t fx = numbers.next() % 9;
  const std::uint64_t fy = numbers.next() % 9;
  const std::uint32_t phase = numbers.next() % 1024;
  triangle_wave wave;
  wave.amplitude = static_cast<std::int32_t>(8 + numbers.next() % 40);
  for (std::uint32_t x = 0; x < width; ++x) {
    wave.by_column.push_back(static_cast<std::uint32_t>(fx * x * 1024 / width));
  }
  for (std::uint32_t y = 0; y < height; ++y) {
    wave.by_row.push_back(static_cast<std::uint32_t>(fy * y * 1024 / height) + phase);
  }
  return wave;
}

inline pixels synthetic_image(std::uint32_t seed, std::uint32_t width, std::uint32_t height) {
  number_sequence numbers(seed);
  std::array<triangle_wave, 6> waves;
  for (triangle_wave &wave : waves) {
    wave = next_wave(numbers, width, height);
  }
  std::array<std::uint32_t, 3> gains{};
  for (std::uint32_t &gain : gains) {
    gain = 1 + numbers.next() % 4;
  }
  pixels image(width, height, LM_PIXEL_RGB8);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      std::int32_t base = 128;
      for (const triangle_wave &wave : waves) {
        base += wave.at(x, y);
      }
      for (std::uint32_t c = 0; c < 3; ++c) {
        const std::uint64_t mixed = std::uint64_t{x} * 7919 + std::uint64_t{y} * 104729 + std::uint64_t{c} * 1299709 +
                                    std::uint64_t{seed} * 15485863;
        const auto grain = static_cast<std::int32_t>((mixed >> 3) % (4 * gains[c] + 1));
        const std::int32_t value = base + (static_cast<std::int32_t>(c) - 1) * 8 + grain;
        image.at(x, y)[c] = static_cast<std::uint8_t>(std::clamp(value, 0, 255));
      }
    }
  }
  return image;
}

}  // namespace libmatch::test
