#include <gtest/gtest.h>

#include <algorithm>

#include "support/decoding.h"

namespace libmatch::test {
namespace {

std::size_t find(const bytes &file, std::string_view text) {
  return static_cast<std::size_t>(std::search(file.begin(), file.end(), text.begin(), text.end()) - file.begin());
}

bytes first(const bytes &file, std::size_t size) {
  return {file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)};
}

bytes behind(bytes file, std::string_view chunk_type, const bytes &inserted) {
  const std::size_t length_at = find(file, chunk_type) - 4;
  const std::size_t size = (std::size_t{file[length_at + 2]} << 8U) | file[length_at + 3];
  file.insert(file.begin() + static_cast<std::ptrdiff_t>(length_at + 12 + size), inserted.begin(), inserted.end());
  return file;
}

TEST(Png, Greys) {
  EXPECT_EQ(pixels_of(encode_png(3, 1, {0, 1, 0}, {.color_type = 0, .bit_depth = 1})),
            (bytes{0, 0, 0, 255, 255, 255, 0, 0, 0}));
  EXPECT_EQ(pixels_of(encode_png(4, 1, {0, 1, 2, 3}, {.color_type = 0, .bit_depth = 2})),
            (bytes{0, 0, 0, 85, 85, 85, 170, 170, 170, 255, 255, 255}));
  EXPECT_EQ(pixels_of(encode_png(3, 1, {0, 7, 15}, {.color_type = 0, .bit_depth = 4})),
            (bytes{0, 0, 0, 119, 119, 119, 255, 255, 255}));
  EXPECT_EQ(pixels_of(encode_png(2, 1, {3, 200}, {.color_type = 0, .bit_depth = 8})),
            (bytes{3, 3, 3, 200, 200, 200}));
  EXPECT_EQ(pixels_of(encode_png(4, 1, {128, 129, 32767, 65407}, {.color_type = 0, .bit_depth = 16})),
            (bytes{0, 0, 0, 1, 1, 1, 127, 127, 127, 255, 255, 255}));
}

TEST(Png, Colors) {
  EXPECT_EQ(pixels_of(encode_png(2, 1, {1, 2, 3, 4, 5, 6}, {.color_type = 2, .bit_depth = 8})),
            (bytes{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(pixels_of(encode_png(1, 1, {385, 386, 65535}, {.color_type = 2, .bit_depth = 16})), (bytes{1, 2, 255}));
}

TEST(Png, AlphaIsLaidOverWhite) {
  EXPECT_EQ(pixels_of(encode_png(5, 1, {0, 0, 0, 1, 0, 127, 0, 254, 0, 255}, {.color_type = 4, .bit_depth = 8})),
            (bytes{255, 255, 255, 254, 254, 254, 128, 128, 128, 1, 1, 1, 0, 0, 0}));
  EXPECT_EQ(pixels_of(encode_png(2, 1, {100, 0, 255, 127, 10, 20, 30, 255}, {.color_type = 6, .bit_depth = 8})),
            (bytes{178, 128, 255, 10, 20, 30}));
}

// Alpha of 127.498 eighths is 127 before it is blended.
TEST(Png, SixteenBitsBecomeEightBeforeTheyAreBlended) {
  EXPECT_EQ(pixels_of(encode_png(1, 1, {25700, 32767}, {.color_type = 4, .bit_depth = 16})), (bytes{178, 178, 178}));
  EXPECT_EQ(pixels_of(encode_png(1, 1, {0, 25700, 65535, 32767}, {.color_type = 6, .bit_depth = 16})),
            (bytes{128, 178, 255}));
}

TEST(Png, Palettes) {
  png_settings settings{.color_type = 3, .bit_depth = 1, .palette = {{10, 20, 30}, {200, 100, 0}}};
  const bytes expected{10, 20, 30, 200, 100, 0, 200, 100, 0};
  for (const int depth : {1, 2, 4, 8}) {
    settings.bit_depth = depth;
    EXPECT_EQ(pixels_of(encode_png(3, 1, {0, 1, 1}, settings)), expected) << depth;
  }
  settings.transparency = {0, 127};
  EXPECT_EQ(pixels_of(encode_png(3, 1, {0, 1, 1}, settings)), (bytes{255, 255, 255, 228, 178, 128, 228, 178, 128}));
}

TEST(Png, TransparentColors) {
  EXPECT_EQ(pixels_of(encode_png(3, 1, {0, 1, 2}, {.color_type = 0, .bit_depth = 2, .transparency = {0, 1}})),
            (bytes{0, 0, 0, 255, 255, 255, 170, 170, 170}));
  EXPECT_EQ(pixels_of(encode_png(2, 1, {7, 8}, {.color_type = 0, .bit_depth = 8, .transparency = {0, 8}})),
            (bytes{7, 7, 7, 255, 255, 255}));
  EXPECT_EQ(pixels_of(encode_png(2, 1, {1, 2, 3, 1, 2, 4}, {.transparency = {0, 1, 0, 2, 0, 3}})),
            (bytes{255, 255, 255, 1, 2, 4}));
  // Compared in all 16 bits: 256 and 257 are the same 8.
  EXPECT_EQ(pixels_of(encode_png(2, 1, {256, 257}, {.color_type = 0, .bit_depth = 16, .transparency = {1, 0}})),
            (bytes{255, 255, 255, 1, 1, 1}));
}

TEST(Png, InterlacedInAllSizes) {
  for (std::uint32_t width = 1; width <= 9; ++width) {
    for (std::uint32_t height = 1; height <= 9; ++height) {
      for (const std::uint32_t channels : {1U, 3U, 4U}) {
        const raster picture = slopes(width, height, channels);
        EXPECT_EQ(pixels_of(encode_png(picture, true)), pixels_of(encode_png(picture, false)))
            << width << " x " << height << " x " << channels;
      }
    }
  }
  const raster picture = slopes(9, 9, 3);
  EXPECT_EQ(pixels_of(encode_png(picture, true)), picture.samples);
}

TEST(Png, OnePictureInAllVarietiesIsOnePicture) {
  // Four colors, 5 x 3.
  const std::vector<std::uint16_t> indexes{0, 1, 2, 3, 0, 3, 3, 1, 0, 2, 1, 1, 2, 2, 0};
  const std::vector<std::array<std::uint8_t, 3>> palette{{0, 0, 0}, {255, 0, 17}, {3, 200, 99}, {254, 255, 253}};
  bytes expected;
  std::vector<std::uint16_t> rgb, rgba, rgb16, rgba16;
  for (const std::uint16_t index : indexes) {
    for (const std::uint8_t value : palette[index]) {
      expected.push_back(value);
      rgb.push_back(value);
      rgba.push_back(value);
      rgb16.push_back(static_cast<std::uint16_t>(value * 257));
      rgba16.push_back(static_cast<std::uint16_t>(value * 257));
    }
    rgba.push_back(255);
    rgba16.push_back(65535);
  }
  for (const bool interlaced : {false, true}) {
    EXPECT_EQ(pixels_of(encode_png(5, 3, rgb, {.interlaced = interlaced})), expected);
    EXPECT_EQ(pixels_of(encode_png(5, 3, rgba, {.color_type = 6, .interlaced = interlaced})), expected);
    EXPECT_EQ(pixels_of(encode_png(5, 3, rgb16, {.bit_depth = 16, .interlaced = interlaced})), expected);
    EXPECT_EQ(pixels_of(encode_png(5, 3, rgba16, {.color_type = 6, .bit_depth = 16, .interlaced = interlaced})),
              expected);
    for (const int depth : {2, 4, 8}) {
      const png_settings settings{.color_type = 3, .bit_depth = depth, .interlaced = interlaced, .palette = palette};
      EXPECT_EQ(pixels_of(encode_png(5, 3, indexes, settings)), expected);
    }
  }
}

TEST(Png, GammaAndProfilesAreIgnored) {
  const raster picture = slopes(6, 5, 3);
  const bytes file = encode_png(picture);
  EXPECT_EQ(pixels_of(with_png_chunk(file, "gAMA", {0, 0, 0x20, 0})), picture.samples);
  EXPECT_EQ(pixels_of(with_png_chunk(file, "iCCP", {'x', 0, 0, 1, 2, 3, 4})), picture.samples);
  EXPECT_EQ(pixels_of(with_png_chunk(file, "zTXt", bytes(50, 7))), picture.samples);
}

TEST(Png, ExifMayStandBehindThePicture) {
  const bytes file = behind(encode_png(slopes(6, 5, 3)), "IDAT", png_chunk("eXIf", exif_block(8)));
  EXPECT_EQ(detail::decode(file, default_options).exif_orientation, 8);
}

TEST(Png, FramesAreCountedAndLimited) {
  const bytes file = with_png_chunk(encode_png(slopes(6, 5, 3)), "acTL", {0, 0, 0, 3, 0, 0, 0, 0});
  EXPECT_EQ(detail::decode(file, default_options).frames, 3U);
  detail::decode_options options = default_options;
  options.max_frames = 2;
  EXPECT_EQ(refusal_of(file, options).scan, LM_SCAN_LIMIT);
  EXPECT_EQ(refusal_of(file, options).reason, "png: more frames than the limit of 2");
}

bytes header_only(std::uint32_t width, std::uint32_t height) {
  bytes file{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  bytes data;
  for (const std::uint32_t side : {width, height}) {
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
      data.push_back(static_cast<std::uint8_t>((side >> shift) & 255U));
    }
  }
  data.insert(data.end(), {8, 6, 0, 0, 0});
  const bytes chunk = png_chunk("IHDR", data);
  file.insert(file.end(), chunk.begin(), chunk.end());
  return file;
}

TEST(Png, SizesAreCheckedBeforeMemoryIsTaken) {
  EXPECT_EQ(refusal_of(header_only(50000, 50000)).scan, LM_SCAN_LIMIT);
  EXPECT_EQ(refusal_of(header_only(50000, 50000)).reason,
            "png: 50000 x 50000 pixels are over the limit of 100000000");
  EXPECT_EQ(refusal_of(header_only(0xFFFFFFFF, 0xFFFFFFFF)).scan, LM_SCAN_LIMIT);
  EXPECT_EQ(refusal_of(header_only(1000001, 2)).reason, "png: 1000001 x 2 pixels: a side is over 1000000");
  EXPECT_EQ(refusal_of(header_only(0, 2)).scan, LM_SCAN_DAMAGED);
  EXPECT_EQ(refusal_of(header_only(3, 0)).reason, "png: a picture of 3 x 0 pixels");
}

TEST(Png, ALaterHeaderSaysNothing) {
  for (const std::uint32_t width : {0U, 3U}) {
    bytes file = header_only(width, 2);
    const bytes empty = png_chunk("IHDR", {});
    file.insert(file.end(), empty.begin(), empty.end());
    file.shrink_to_fit();  // a sanitizer sees what is read behind it
    EXPECT_EQ(refusal_of(file).scan, LM_SCAN_DAMAGED) << width;
  }
}

TEST(Png, WrongChecksumsOfWhatDecidesThePictureAreDamage) {
  const bytes keyed =
      with_png_chunk(encode_png(1, 1, {1, 2, 3}, {.transparency = {0, 1, 0, 2, 0, 3}}), "eXIf", exif_block(2));
  for (const std::string_view type : {"IHDR", "tRNS", "IDAT", "eXIf"}) {
    bytes file = keyed;
    ++file[find(file, type) + 4 + 8];  // a byte of the data, or the checksum's
    const refusal answer = refusal_of(file);
    EXPECT_EQ(answer.scan, LM_SCAN_DAMAGED) << type;
    EXPECT_EQ(answer.reason.substr(0, 5), "png: ");
  }
  bytes file = keyed;
  ++file[find(file, "tRNS") + 4];
  EXPECT_EQ(refusal_of(file).reason, "png: wrong checksum of the tRNS chunk at byte 71");
  bytes text = with_png_chunk(keyed, "tEXt", {'a', 0, 'b', 'c'});
  ++text[find(text, "tEXt") + 4];
  EXPECT_EQ(refusal_of(text).scan, LM_SCAN_OK);
}

TEST(Png, CutOffIsDamagedOnceThePictureIs) {
  const bytes file = encode_png(slopes(40, 40, 3));
  const std::size_t picture_end = find(file, "IEND") - 4;
  for (const std::size_t size :
       {std::size_t{8}, std::size_t{20}, std::size_t{33}, std::size_t{60}, picture_end - 1}) {
    EXPECT_EQ(refusal_of(first(file, size)).scan, LM_SCAN_DAMAGED) << size;
    EXPECT_NE(refusal_of(first(file, size)).reason.find("file ends"), std::string::npos) << size;
  }
  EXPECT_EQ(refusal_of(first(file, picture_end)).scan, LM_SCAN_OK);
}

TEST(Png, AWellFormedFileWithTooFewRowsIsDamaged) {
  bytes file = encode_png(slopes(4, 4, 3));
  file[8 + 8 + 7] = 5;  // one row more in the header
  repair_png_checksums(file);
  const refusal answer = refusal_of(file);
  EXPECT_EQ(answer.scan, LM_SCAN_DAMAGED);
  EXPECT_EQ(answer.reason.substr(0, 27), "png: Not enough image data,");
}

TEST(Png, AppleVarietyIsNamed) {
  bytes file = encode_png(slopes(4, 4, 3));
  const bytes chunk = png_chunk("CgBI", {0x50, 0, 0x20, 6});
  file.insert(file.begin() + 8, chunk.begin(), chunk.end());
  EXPECT_EQ(refusal_of(file).scan, LM_SCAN_UNSUPPORTED);
}

TEST(Png, FirstChunkMustBeTheHeader) {
  bytes file = encode_png(slopes(4, 4, 3));
  file[8 + 4] = 'J';
  EXPECT_EQ(refusal_of(file).scan, LM_SCAN_DAMAGED);
  EXPECT_EQ(refusal_of(file).reason, "png: does not begin with an IHDR chunk of 13 bytes");
}

}  // namespace
}  // namespace libmatch::test
