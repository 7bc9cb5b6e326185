#include "image/orientation.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "image/decoders.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t pixel_size_bytes = 3;

void swap_pixels(std::uint8_t *a, std::uint8_t *b) { std::swap_ranges(a, a + pixel_size_bytes, b); }

void reverse_pixels(std::uint8_t *first, std::size_t n) {
  for (std::size_t i = 0, j = n; i + 1 < j; ++i) {
    --j;
    swap_pixels(first + i * pixel_size_bytes, first + j * pixel_size_bytes);
  }
}

void mirror_left_to_right(decoded_image &image) {
  for (std::size_t y = 0; y < image.height; ++y) {
    reverse_pixels(image.rgb.get() + y * image.width * pixel_size_bytes, image.width);
  }
}

void mirror_top_to_bottom(decoded_image &image) {
  const std::size_t row_size_bytes = image.width * pixel_size_bytes;
  for (std::size_t top = 0, bottom = image.height; top + 1 < bottom; ++top) {
    --bottom;
    std::uint8_t *const row = image.rgb.get() + top * row_size_bytes;
    std::swap_ranges(row, row + row_size_bytes, image.rgb.get() + bottom * row_size_bytes);
  }
}

// Rows become columns. Which end of the stored rows and columns the upright picture begins at:
struct quarter_turn {
  bool from_bottom;
  bool from_right;
};

void transpose(decoded_image &image, quarter_turn turn) {
  const std::size_t width = image.height;
  const std::size_t height = image.width;
  std::unique_ptr<std::uint8_t[]> upright = new_pixels(image.height, image.width);
  // Tiles, so that the lines read stay in the cache until all their pixels are used.
  constexpr std::size_t tile = 32;
  for (std::size_t tile_y = 0; tile_y < height; tile_y += tile) {
    for (std::size_t tile_x = 0; tile_x < width; tile_x += tile) {
      for (std::size_t y = tile_y; y < std::min(tile_y + tile, height); ++y) {
        for (std::size_t x = tile_x; x < std::min(tile_x + tile, width); ++x) {
          const std::size_t stored_row = turn.from_bottom ? width - 1 - x : x;
          const std::size_t stored_column = turn.from_right ? height - 1 - y : y;
          std::memcpy(upright.get() + (y * width + x) * pixel_size_bytes,
                      image.rgb.get() + (stored_row * height + stored_column) * pixel_size_bytes, pixel_size_bytes);
        }
      }
    }
  }
  image.rgb = std::move(upright);
  std::swap(image.width, image.height);
}

}  // namespace

void turn_upright(decoded_image &image) {
  switch (image.exif_orientation) {
    case 2:
      return mirror_left_to_right(image);
    case 3:
      return reverse_pixels(image.rgb.get(), std::size_t{image.width} * image.height);
    case 4:
      return mirror_top_to_bottom(image);
    case 5:
      return transpose(image, {.from_bottom = false, .from_right = false});
    case 6:
      return transpose(image, {.from_bottom = true, .from_right = false});
    case 7:
      return transpose(image, {.from_bottom = true, .from_right = true});
    case 8:
      return transpose(image, {.from_bottom = false, .from_right = true});
    default:
      return;
  }
}

}  // namespace libmatch::detail
