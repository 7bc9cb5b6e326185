#include <gtest/gtest.h>

#include "support/collected_images.h"

namespace libmatch::test {
namespace {

const std::vector<std::array<std::uint8_t, 3>> palette{{1, 2, 3}, {10, 20, 30}, {100, 110, 120}, {200, 210, 220}};

bytes first(const bytes &file, std::size_t size) {
  return {file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)};
}

// 3 x 2 pixels.
bytes encoded(const std::vector<std::uint32_t> &values, const bmp_settings &settings) {
  return encode_bmp(3, 2, bmp_rows(3, 2, values, settings), settings);
}

TEST(Bmp, RowsComeFromTheBottomOrTheTop) {
  const std::vector<std::uint32_t> values{0x010203, 0x040506, 0x070809, 0x0A0B0C, 0x0D0E0F, 0x101112};
  const bytes expected{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};
  EXPECT_EQ(pixels_of(encoded(values, {})), expected);
  EXPECT_EQ(pixels_of(encoded(values, {.top_down = true})), expected);
  EXPECT_EQ(pixels_of(encoded(values, {.header_size_bytes = 12})), expected);
  EXPECT_EQ(pixels_of(encoded(values, {.header_size_bytes = 124})), expected);
  EXPECT_EQ(pixels_of(encoded(values, {.bits = 32})), expected);  // the fourth byte says nothing
  EXPECT_STREQ(detail::decode(encoded(values, {}), default_options).format, "bmp");
}

TEST(Bmp, IndexesOfEveryDepth) {
  const bytes expected{1, 2, 3, 10, 20, 30, 1, 2, 3, 10, 20, 30, 10, 20, 30, 1, 2, 3};
  for (const std::uint32_t bits : {1U, 2U, 4U, 8U}) {
    EXPECT_EQ(pixels_of(encoded({0, 1, 0, 1, 1, 0}, {.bits = bits, .palette = palette})), expected) << bits;
    if (bits != 2) {
      std::vector<std::array<std::uint8_t, 3>> whole = palette;
      whole.resize(std::size_t{1} << bits);
      EXPECT_EQ(pixels_of(encoded({0, 1, 0, 1, 1, 0}, {.header_size_bytes = 12, .bits = bits, .palette = whole})),
                expected);
    }
  }
  EXPECT_EQ(pixels_of(encoded({0, 9, 3, 0, 0, 0}, {.bits = 8, .palette = palette})),
            (bytes{1, 2, 3, 0, 0, 0, 200, 210, 220, 1, 2, 3, 1, 2, 3, 1, 2, 3}));
}

TEST(Bmp, BitsOfAChannelAreScaledToEight) {
  // 5, 5, 5: 16 * 255 / 31 = 131.6
  EXPECT_EQ(first(pixels_of(encoded({0x7C00 | (16U << 5U) | 1, 0, 0, 0, 0, 0}, {.bits = 16})), 3),
            (bytes{255, 132, 8}));
  const bmp_settings five_six_five{.bits = 16, .compression = 3, .masks = {0xF800, 0x7E0, 0x1F}};
  EXPECT_EQ(first(pixels_of(encoded({0xF800 | (32U << 5U), 0, 0, 0, 0, 0}, five_six_five)), 3), (bytes{255, 130, 0}));
  const bmp_settings ten{.bits = 32, .compression = 3, .masks = {0x3FF00000, 0xFFC00, 0x3FF}};
  EXPECT_EQ(first(pixels_of(encoded({(1023U << 20U) | (512U << 10U) | 2, 0, 0, 0, 0, 0}, ten)), 3),
            (bytes{255, 128, 0}));
}

TEST(Bmp, AlphaIsLaidOverWhite) {
  const bmp_settings settings{
      .header_size_bytes = 108, .bits = 32, .compression = 3, .masks = {0xFF0000, 0xFF00, 0xFF, 0xFF000000}};
  EXPECT_EQ(first(pixels_of(encoded({0x7F640000, 0x00640000, 0xFF640000, 0, 0, 0}, settings)), 9),
            (bytes{178, 128, 128, 255, 255, 255, 100, 0, 0}));
  // No pixel has any: nothing was meant by it.
  EXPECT_EQ(first(pixels_of(encoded({0x640000, 1, 2, 3, 4, 5}, settings)), 6), (bytes{100, 0, 0, 0, 0, 1}));
}

TEST(Bmp, Runs) {
  const bmp_settings settings{.bits = 8, .compression = 1, .palette = palette};
  // From the bottom: 2 2 1; then 1, 3 as they are.
  EXPECT_EQ(pixels_of(encode_bmp(3, 2, {2, 2, 1, 1, 0, 0, 0, 3, 1, 3, 3, 0, 0, 1}, settings)),
            (bytes{10, 20, 30, 200, 210, 220, 200, 210, 220, 100, 110, 120, 100, 110, 120, 10, 20, 30}));
  // A step of 1 to the right and 1 up; what is left out has index 0, what reaches over the row's end is cut off.
  EXPECT_EQ(pixels_of(encode_bmp(3, 2, {0, 2, 1, 1, 9, 1, 0, 1}, settings)),
            (bytes{1, 2, 3, 10, 20, 30, 10, 20, 30, 1, 2, 3, 1, 2, 3, 1, 2, 3}));
  bmp_settings four = settings;
  four.bits = 4;
  four.compression = 2;
  EXPECT_EQ(pixels_of(encode_bmp(3, 2, {3, 0x12, 0, 0, 0, 3, 0x01, 0x20, 0, 1}, four)),
            (bytes{1, 2, 3, 10, 20, 30, 100, 110, 120, 10, 20, 30, 100, 110, 120, 10, 20, 30}));
}

TEST(Bmp, RunsThatEndEarlyOrLeaveThePictureAreDamaged) {
  const bmp_settings settings{.bits = 8, .compression = 1, .palette = palette};
  for (const bytes &data :
       {bytes{}, bytes{3, 1}, bytes{3, 1, 0, 0, 2, 1}, bytes{3, 1, 0, 0, 0, 5, 1}, bytes{0, 2, 4, 0, 0, 1},
        bytes{0, 2, 0, 3, 0, 1}, bytes{0, 0, 0, 0, 1, 1, 0, 1}, bytes{0, 2, 1}}) {
    EXPECT_EQ(refusal_of(encode_bmp(3, 2, data, settings)).scan, LM_SCAN_DAMAGED);
  }
  EXPECT_EQ(refusal_of(encode_bmp(3, 2, {3, 1, 0, 0, 3, 1}, settings)).scan,
            LM_SCAN_OK);  // whole but for the end code
}

TEST(Bmp, CutOffIsDamaged) {
  for (const named_file &file : every_variety()) {
    if (file.name.find(".bmp") == std::string::npos) {
      continue;
    }
    const std::size_t last = file.name.find("runs") == 0 ? file.content.size() - 2 : file.content.size() - 3;
    for (std::size_t size = 18; size < last; ++size) {
      ASSERT_EQ(refusal_of(first(file.content, size)).scan, LM_SCAN_DAMAGED) << file.name << size;
    }
  }
}

TEST(Bmp, WhatIsNotDecodedSaysSo) {
  const auto reason = [](const bmp_settings &settings) {
    const refusal answer = refusal_of(encode_bmp(3, 2, bytes(100, 0), settings));
    EXPECT_EQ(answer.scan, LM_SCAN_UNSUPPORTED);
    return answer.reason;
  };
  EXPECT_EQ(reason({.bits = 24, .compression = 4}), "bmp: compression 4 of 24 bits a pixel");
  EXPECT_EQ(reason({.bits = 24, .compression = 1}), "bmp: compression 1 of 24 bits a pixel");
  EXPECT_EQ(reason({.header_size_bytes = 64, .bits = 32, .compression = 3}), "bmp: compression 3 of 32 bits a pixel");
  EXPECT_EQ(reason({.bits = 7}), "bmp: 7 bits a pixel");
  EXPECT_EQ(reason({.bits = 32, .compression = 3, .masks = {0xF0F, 0xF0, 0xF000}}), "bmp: a color mask with gaps");
}

TEST(Bmp, AHeaderThatClaimsTooMuchTakesNoMemory) {
  bytes file = encode_bmp(3, 2, bytes(24, 1));
  const auto claim = [&](std::size_t width, std::size_t height) {
    bytes claims = file;
    for (std::size_t i = 0; i < 4; ++i) {
      claims[18 + i] = static_cast<std::uint8_t>((width >> (8 * i)) & 255U);
      claims[22 + i] = static_cast<std::uint8_t>((height >> (8 * i)) & 255U);
    }
    return refusal_of(claims);
  };
  EXPECT_EQ(claim(50000, 50000).scan, LM_SCAN_LIMIT);
  EXPECT_EQ(claim(1, 0x80000000).scan, LM_SCAN_LIMIT);  // the most negative height
  EXPECT_EQ(claim(10000, 9000).scan, LM_SCAN_DAMAGED);
  EXPECT_EQ(claim(10000, 9000).reason, "bmp: the file ends 269999976 bytes early");
  EXPECT_EQ(claim(0, 1).scan, LM_SCAN_DAMAGED);
  EXPECT_EQ(claim(0xFFFFFFFF, 1).scan, LM_SCAN_DAMAGED);
  file[10] = 255;
  EXPECT_EQ(refusal_of(file).reason, "bmp: its pixels are said to be at byte 255 of 78");
}

}  // namespace
}  // namespace libmatch::test
