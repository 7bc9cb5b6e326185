#include "image/orientation.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/decoding.h"

namespace libmatch::test {
namespace {

// Pixels are told by one letter; all three channels hold it.
detail::decoded_image stored(const std::string &letters, std::uint32_t width, int orientation) {
  detail::decoded_image image;
  image.width = width;
  image.height = static_cast<std::uint32_t>(letters.size()) / width;
  image.exif_orientation = orientation;
  image.rgb = std::make_unique<std::uint8_t[]>(letters.size() * 3);
  for (std::size_t i = 0; i < letters.size() * 3; ++i) {
    image.rgb[i] = static_cast<std::uint8_t>(letters[i / 3]);
  }
  return image;
}

std::string letters_of(const std::uint8_t *rgb, std::size_t width, std::size_t height) {
  std::string letters;
  for (std::size_t i = 0; i < width * height; ++i) {
    letters += static_cast<char>(rgb[3 * i]);
    EXPECT_EQ(rgb[3 * i], rgb[3 * i + 1]);
    EXPECT_EQ(rgb[3 * i], rgb[3 * i + 2]);
    if (i % width == width - 1) {
      letters += ' ';
    }
  }
  return letters;
}

std::string upright(const std::string &letters, std::uint32_t width, int orientation) {
  detail::decoded_image image = stored(letters, width, orientation);
  detail::turn_upright(image);
  return letters_of(image.rgb.get(), image.width, image.height);
}

TEST(Orientation, TurnsAllEight) {
  EXPECT_EQ(upright("abcdef", 3, 1), "abc def ");
  EXPECT_EQ(upright("abcdef", 3, 2), "cba fed ");
  EXPECT_EQ(upright("abcdef", 3, 3), "fed cba ");
  EXPECT_EQ(upright("abcdef", 3, 4), "def abc ");
  EXPECT_EQ(upright("abcdef", 3, 5), "ad be cf ");
  EXPECT_EQ(upright("abcdef", 3, 6), "da eb fc ");
  EXPECT_EQ(upright("abcdef", 3, 7), "fc eb da ");
  EXPECT_EQ(upright("abcdef", 3, 8), "cf be ad ");
}

TEST(Orientation, TurnsLinesAndSinglePixels) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(upright("a", 1, orientation), "a ");
  }
  EXPECT_EQ(upright("abc", 3, 3), "cba ");
  EXPECT_EQ(upright("abc", 1, 2), "a b c ");
  EXPECT_EQ(upright("abc", 1, 4), "c b a ");
  EXPECT_EQ(upright("abc", 3, 6), "a b c ");
  EXPECT_EQ(upright("abc", 3, 8), "c b a ");
  EXPECT_EQ(upright("abc", 1, 6), "cba ");
  EXPECT_EQ(upright("abcdefghi", 3, 3), "ihg fed cba ");
}

TEST(Orientation, TurnsPicturesLargerThanATile) {
  constexpr std::uint32_t width = 67;
  constexpr std::uint32_t height = 41;
  const raster picture = slopes(width, height, 3);
  for (const int orientation : {5, 6, 7, 8}) {
    detail::decoded_image image;
    image.width = width;
    image.height = height;
    image.exif_orientation = orientation;
    image.rgb = std::make_unique<std::uint8_t[]>(picture.samples.size());
    std::copy(picture.samples.begin(), picture.samples.end(), image.rgb.get());
    detail::turn_upright(image);
    ASSERT_EQ(image.width, height);
    ASSERT_EQ(image.height, width);
    for (std::uint32_t y = 0; y < width; ++y) {
      for (std::uint32_t x = 0; x < height; ++x) {
        const std::uint32_t row = orientation == 6 || orientation == 7 ? height - 1 - x : x;
        const std::uint32_t column = orientation == 7 || orientation == 8 ? width - 1 - y : y;
        ASSERT_EQ(image.rgb[(y * height + x) * 3 + 1], picture.samples[(row * width + column) * 3 + 1]);
      }
    }
  }
}

// A picture of two rows, white above black, three pixels wide.
raster white_above_black() {
  raster picture = flat(3, 2, {255, 255, 255});
  std::fill(picture.samples.begin() + 9, picture.samples.end(), std::uint8_t{0});
  return picture;
}

TEST(Orientation, IsReadFromPngAndWebp) {
  const bytes plain_png = encode_png(white_above_black());
  const bytes plain_webp = encode_webp(white_above_black(), true);
  for (std::uint16_t orientation = 1; orientation <= 8; ++orientation) {
    const bytes exif = exif_block(orientation, orientation % 2 == 0);
    for (const bytes &file :
         {with_png_chunk(plain_png, "eXIf", exif), with_webp_exif(plain_webp, 3, 2, false, exif)}) {
      const detail::decoded_image image = detail::decode(file, default_options);
      EXPECT_EQ(image.exif_orientation, orientation);
      EXPECT_EQ(image.width, orientation < 5 ? 3U : 2U);
      EXPECT_EQ(image.height, orientation < 5 ? 2U : 3U);
      const bool white_first = orientation == 1 || orientation == 2 || orientation == 5 || orientation == 8;
      EXPECT_EQ(image.rgb[0], white_first ? 255 : 0);
      EXPECT_EQ(image.rgb[17], white_first ? 0 : 255);
    }
  }
}

TEST(Orientation, IsReadFromJpeg) {
  raster picture = flat(24, 16, {0, 0, 0});
  std::fill(picture.samples.begin(), picture.samples.begin() + 24 * 8 * 3, std::uint8_t{255});
  for (std::uint16_t orientation = 1; orientation <= 8; ++orientation) {
    const bytes file = encode_jpeg(picture, {.quality = 100, .exif = exif_block(orientation)});
    const detail::decoded_image image = detail::decode(file, default_options);
    EXPECT_EQ(image.exif_orientation, orientation);
    EXPECT_EQ(image.width, orientation < 5 ? 24U : 16U);
    EXPECT_EQ(image.height, orientation < 5 ? 16U : 24U);
    const bool white_first = orientation == 1 || orientation == 2 || orientation == 5 || orientation == 8;
    EXPECT_EQ(image.rgb[0], white_first ? 255 : 0);
    EXPECT_EQ(image.rgb[std::size_t{24} * 16 * 3 - 1], white_first ? 0 : 255);
  }
}

TEST(Orientation, IsLeftAloneWhenToldSo) {
  const bytes file = with_png_chunk(encode_png(white_above_black()), "eXIf", exif_block(6));
  detail::decode_options options = default_options;
  options.apply_exif_orientation = false;
  const detail::decoded_image image = detail::decode(file, options);
  EXPECT_EQ(image.exif_orientation, 6);
  EXPECT_EQ(image.width, 3U);
  EXPECT_EQ(image.height, 2U);
  EXPECT_EQ(image.rgb[0], 255);
}

}  // namespace
}  // namespace libmatch::test
