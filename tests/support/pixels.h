// Images of pixels that tests make.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "libmatch/libmatch.h"

namespace libmatch::test {

struct pixels {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  lm_pixel_format format = LM_PIXEL_RGB8;
  std::size_t padding_bytes = 0;  // between rows; none behind the last, so that sanitizers see a read beyond it
  std::vector<std::uint8_t> bytes;

  pixels(std::uint32_t width_, std::uint32_t height_, lm_pixel_format format_ = LM_PIXEL_RGB8,
         std::size_t padding_bytes_ = 0)
      : width(width_), height(height_), format(format_), padding_bytes(padding_bytes_) {
    bytes.resize(stride_bytes() * height - padding_bytes);
  }

  std::size_t pixel_bytes() const { return format == LM_PIXEL_GRAY8 ? 1 : format == LM_PIXEL_RGB8 ? 3 : 4; }
  std::size_t stride_bytes() const { return width * pixel_bytes() + padding_bytes; }
  std::uint8_t *at(std::size_t x, std::size_t y) { return &bytes[y * stride_bytes() + x * pixel_bytes()]; }
  const std::uint8_t *at(std::size_t x, std::size_t y) const {
    return &bytes[y * stride_bytes() + x * pixel_bytes()];
  }
  lm_image view() const { return {bytes.data(), width, height, stride_bytes(), format}; }
};

// The image turned and mirrored as LM_ORIENTATION_... says, made of two simple moves.
inline pixels transposed(const pixels &image) {
  pixels result(image.height, image.width, image.format, image.padding_bytes);
  for (std::size_t y = 0; y < result.height; ++y) {
    for (std::size_t x = 0; x < result.width; ++x) {
      for (std::size_t i = 0; i < image.pixel_bytes(); ++i) {
        result.at(x, y)[i] = image.at(y, x)[i];
      }
    }
  }
  return result;
}

inline pixels mirrored_left_to_right(const pixels &image) {
  pixels result(image.width, image.height, image.format, image.padding_bytes);
  for (std::size_t y = 0; y < result.height; ++y) {
    for (std::size_t x = 0; x < result.width; ++x) {
      for (std::size_t i = 0; i < image.pixel_bytes(); ++i) {
        result.at(x, y)[i] = image.at(image.width - 1 - x, y)[i];
      }
    }
  }
  return result;
}

inline pixels turned(const pixels &image, int orientation) {
  const auto flip_y = mirrored_left_to_right;
  const auto flip_x = [&](const pixels &other) { return transposed(flip_y(transposed(other))); };
  switch (orientation) {
    case LM_ORIENTATION_ROTATE90:  // counter-clockwise
      return transposed(flip_y(image));
    case LM_ORIENTATION_ROTATE180:
      return flip_x(flip_y(image));
    case LM_ORIENTATION_ROTATE270:
      return flip_y(transposed(image));
    case LM_ORIENTATION_FLIP_X:
      return flip_x(image);
    case LM_ORIENTATION_FLIP_Y:
      return flip_y(image);
    case LM_ORIENTATION_FLIP_PLUS1:
      return transposed(image);
    case LM_ORIENTATION_FLIP_MINUS1:
      return flip_x(flip_y(transposed(image)));
    default:
      return image;
  }
}

// Numbers below 2^32 that look random and are the same on every machine (xorshift, never 0).
class number_sequence {
 public:
  explicit number_sequence(std::uint32_t seed) : state_(seed) {}
  std::uint32_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_;
  }

 private:
  std::uint32_t state_;
};

inline pixels noise(std::uint32_t seed, std::uint32_t width, std::uint32_t height, lm_pixel_format format,
                    std::size_t padding_bytes = 0) {
  pixels image(width, height, format, padding_bytes);
  number_sequence numbers(seed);
  for (std::uint8_t &byte : image.bytes) {
    byte = static_cast<std::uint8_t>(numbers.next() >> 24);
  }
  return image;
}

}  // namespace libmatch::test
