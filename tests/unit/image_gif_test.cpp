#include <gtest/gtest.h>

#include "support/decoding.h"

namespace libmatch::test {
namespace {

const std::vector<std::array<std::uint8_t, 3>> palette{{1, 2, 3}, {10, 20, 30}, {100, 110, 120}, {200, 210, 220}};

bytes first(const bytes &file, std::size_t size) {
  return {file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)};
}

TEST(Gif, PaintsTheFrame) {
  const gif_frame frame{.width = 2, .height = 2, .indexes = {0, 1, 2, 3}};
  const bytes file = encode_gif(2, 2, palette, {frame});
  EXPECT_EQ(pixels_of(file), (bytes{1, 2, 3, 10, 20, 30, 100, 110, 120, 200, 210, 220}));
  EXPECT_STREQ(detail::decode(file, default_options).format, "gif");
}

TEST(Gif, LocalColorsComeFirst) {
  const gif_frame frame{.width = 2, .height = 1, .indexes = {0, 1}, .palette = {{7, 8, 9}, {4, 5, 6}}};
  EXPECT_EQ(pixels_of(encode_gif(2, 1, palette, {frame})), (bytes{7, 8, 9, 4, 5, 6}));
  EXPECT_EQ(pixels_of(encode_gif(2, 1, {}, {frame})), (bytes{7, 8, 9, 4, 5, 6}));
}

TEST(Gif, TransparentPixelsAreWhite) {
  const gif_frame frame{.width = 2, .height = 1, .indexes = {1, 2}, .transparent_index = 1};
  EXPECT_EQ(pixels_of(encode_gif(2, 1, palette, {frame})), (bytes{255, 255, 255, 100, 110, 120}));
}

TEST(Gif, WhatTheFrameLeavesOfTheCanvasIsWhite) {
  const gif_frame frame{.left = 1, .top = 1, .width = 1, .height = 1, .indexes = {1}};
  bytes expected(3 * 2 * 3, 255);
  expected[12] = 10;
  expected[13] = 20;
  expected[14] = 30;
  EXPECT_EQ(pixels_of(encode_gif(3, 2, palette, {frame})), expected);
}

TEST(Gif, AFrameLargerThanTheCanvasMakesItLarger) {
  const gif_frame frame{.left = 1, .width = 2, .height = 2, .indexes = {1, 1, 2, 2}};
  const detail::decoded_image image = detail::decode(encode_gif(1, 1, palette, {frame}), default_options);
  EXPECT_EQ(image.width, 3U);
  EXPECT_EQ(image.height, 2U);
  EXPECT_EQ(image.rgb[0], 255);
  EXPECT_EQ(image.rgb[3], 10);
  EXPECT_EQ(image.rgb[17], 120);
}

TEST(Gif, InterlacedRowsGoToTheirPlaces) {
  for (int height = 1; height <= 17; ++height) {
    gif_frame frame{.width = 3, .height = height};
    for (int i = 0; i < 3 * height; ++i) {
      frame.indexes.push_back(static_cast<std::uint8_t>((i * 7 / 3) % 4));
    }
    const bytes expected = pixels_of(encode_gif(3, height, palette, {frame}));
    frame.interlaced = true;
    EXPECT_EQ(pixels_of(encode_gif(3, height, palette, {frame})), expected) << height;
  }
}

TEST(Gif, TheFirstFrameIsDecodedAndAllAreCounted) {
  const gif_frame red{.width = 1, .height = 1, .indexes = {1}};
  const gif_frame other{.width = 1, .height = 1, .indexes = {2}, .transparent_index = 0, .palette = palette};
  const bytes file = encode_gif(1, 1, palette, {red, other, red});
  EXPECT_EQ(pixels_of(file), (bytes{10, 20, 30}));
  EXPECT_EQ(detail::decode(file, default_options).frames, 3U);
  detail::decode_options options = default_options;
  options.max_frames = 3;
  EXPECT_EQ(refusal_of(file, options).scan, LM_SCAN_OK);
  options.max_frames = 2;
  EXPECT_EQ(refusal_of(file, options).scan, LM_SCAN_LIMIT);
  EXPECT_EQ(refusal_of(file, options).reason, "gif: more frames than the limit of 2");
}

// No trailer and no end in sight: counting stops at the limit.
TEST(Gif, AnEndlessFileEnds) {
  const gif_frame frame{.width = 1, .height = 1, .indexes = {1}};
  bytes file = encode_gif(1, 1, palette, {frame, frame});
  const bytes one = encode_gif(1, 1, palette, {frame});
  const bytes repeated(file.begin() + static_cast<std::ptrdiff_t>(one.size()) - 1, file.end() - 1);
  file.pop_back();
  while (file.size() < 10000 * repeated.size()) {
    file.insert(file.end(), repeated.begin(), repeated.end());
  }
  detail::decode_options options = default_options;
  options.max_frames = 9000;
  EXPECT_EQ(refusal_of(file, options).scan, LM_SCAN_LIMIT);
  options.max_frames = 20000;
  EXPECT_EQ(refusal_of(file, options).scan, LM_SCAN_OK);
}

TEST(Gif, DamageBehindTheFirstFrameDoesNotMatter) {
  const gif_frame frame{.width = 2, .height = 2, .indexes = {0, 1, 2, 3}};
  const bytes one = encode_gif(2, 2, palette, {frame});
  const bytes two = encode_gif(2, 2, palette, {frame, frame});
  EXPECT_EQ(pixels_of(first(two, one.size() + 5)), pixels_of(one));
  EXPECT_EQ(pixels_of(first(one, one.size() - 1)), pixels_of(one));
}

TEST(Gif, CutOffInTheFirstFrameIsDamaged) {
  const raster noise = slopes(20, 20, 1);
  gif_frame frame{.width = 20, .height = 20};
  for (const std::uint8_t sample : noise.samples) {
    frame.indexes.push_back(sample % 4);
  }
  const bytes file = encode_gif(20, 20, palette, {frame});
  for (std::size_t size = 6; size < file.size() - 3; ++size) {
    const refusal answer = refusal_of(first(file, size));
    ASSERT_EQ(answer.scan, LM_SCAN_DAMAGED) << size;
    ASSERT_EQ(answer.reason, "gif: the file ends at byte " + std::to_string(size) + ", before its first frame does");
  }
}

TEST(Gif, CanvasAndFrameAreLimited) {
  const gif_frame frame{.width = 1, .height = 1, .indexes = {1}};
  bytes file = encode_gif(1, 1, palette, {frame});
  file[6] = file[7] = file[8] = file[9] = 255;
  EXPECT_EQ(refusal_of(file).scan, LM_SCAN_LIMIT);
  EXPECT_EQ(refusal_of(file).reason, "gif: 65535 x 65535 pixels are over the limit of 100000000");
  bytes far_frame = encode_gif(1, 1, palette, {frame});
  const std::size_t description = 13 + 12 + 1;
  ASSERT_EQ(far_frame[description - 1], ',');
  for (std::size_t i = 0; i < 4; ++i) {
    far_frame[description + i] = 255;
  }
  EXPECT_EQ(refusal_of(far_frame).scan, LM_SCAN_LIMIT);
  bytes empty_frame = encode_gif(1, 1, palette, {frame});
  empty_frame[description + 4] = 0;
  EXPECT_EQ(refusal_of(empty_frame).scan, LM_SCAN_DAMAGED);
  EXPECT_EQ(refusal_of(empty_frame).reason, "gif: a frame of 0 x 1 pixels");
}

TEST(Gif, WithoutAFrameOrColorsThereIsNoPicture) {
  const bytes nothing{'G', 'I', 'F', '8', '9', 'a', 1, 0, 1, 0, 0, 0, 0, ';'};
  EXPECT_EQ(refusal_of(nothing).scan, LM_SCAN_DAMAGED);
  EXPECT_EQ(refusal_of(nothing).reason, "gif: ends at byte 14 without a frame");
  const bytes no_colors{'G', 'I', 'F', '8', '9', 'a', 1, 0, 1, 0, 0,    0, 0, ',', 0,
                        0,   0,   0,   1,   0,   1,   0, 0, 2, 2, 0x4c, 1, 0, ';'};
  EXPECT_EQ(refusal_of(no_colors).scan, LM_SCAN_UNSUPPORTED);
  EXPECT_EQ(refusal_of(no_colors).reason, "gif: no color table");
}

TEST(Gif, IndexesWithoutAColorAreWhite) {
  // Two colors, but codes of 2 bits: pixel 0 has index 3.
  const bytes file{'G', 'I', 'F', '8', '9', 'a', 1, 0, 1, 0, 0x80, 0, 0, 1,    2, 3, 4,  5,
                   6,   ',', 0,   0,   0,   0,   1, 0, 1, 0, 0,    2, 2, 0x5c, 1, 0, ';'};
  EXPECT_EQ(pixels_of(file), (bytes{255, 255, 255}));
}

}  // namespace
}  // namespace libmatch::test
