#include <gtest/gtest.h>

#include <algorithm>

#include "support/decoding.h"

namespace libmatch::test {
namespace {

bytes first(const bytes &file, std::size_t size) {
  return {file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)};
}

TEST(Webp, LosslessIsExact) {
  const raster picture = slopes(19, 11, 3);
  const bytes file = encode_webp(picture, true);
  EXPECT_EQ(pixels_of(file), picture.samples);
  EXPECT_STREQ(detail::decode(file, default_options).format, "webp");
}

TEST(Webp, AlphaIsLaidOverWhite) {
  const raster picture{
      5, 1, 4, {100, 0, 255, 0, 100, 0, 255, 1, 100, 0, 255, 127, 100, 0, 255, 254, 100, 0, 255, 255}};
  EXPECT_EQ(pixels_of(encode_webp(picture, true)),
            (bytes{255, 255, 255, 254, 254, 255, 178, 128, 255, 101, 1, 255, 100, 0, 255}));
}

TEST(Webp, LossyGrey) { EXPECT_EQ(pixels_of(encode_webp(flat(4, 4, {128, 128, 128}), false, 100)), bytes(48, 128)); }

TEST(Webp, LossyWithAlpha) {
  const bytes pixels = pixels_of(encode_webp(flat(16, 16, {128, 128, 128, 127}), false, 100));
  ASSERT_EQ(pixels.size(), 768U);
  EXPECT_EQ(pixels, bytes(768, 192));  // (128 * 127 + 255 * 128 + 127) / 255
}

TEST(Webp, FirstFrameOfAnAnimationOnItsCanvas) {
  const webp_frame frame{2, 2, {2, 1, 4, {10, 20, 30, 255, 100, 0, 255, 127}}};
  const webp_frame other{0, 0, flat(6, 4, {9, 9, 9})};
  const bytes file = encode_webp_animation(6, 4, {frame, other});
  bytes expected(6 * 4 * 3, 255);
  const bytes painted{10, 20, 30, 178, 128, 255};
  std::copy(painted.begin(), painted.end(), expected.begin() + (2 * 6 + 2) * 3);
  EXPECT_EQ(pixels_of(file), expected);
  EXPECT_EQ(detail::decode(file, default_options).frames, 2U);
  const webp_frame opaque{2, 2, {2, 1, 3, {10, 20, 30, 40, 50, 60}}};
  const bytes painted_opaque{10, 20, 30, 40, 50, 60};
  std::copy(painted_opaque.begin(), painted_opaque.end(), expected.begin() + (2 * 6 + 2) * 3);
  EXPECT_EQ(pixels_of(encode_webp_animation(6, 4, {opaque, other})), expected);
}

TEST(Webp, FramesAreLimited) {
  const webp_frame frame{0, 0, flat(2, 2, {9, 9, 9})};
  const bytes file = encode_webp_animation(2, 2, {frame, frame, frame});
  detail::decode_options options = default_options;
  options.max_frames = 3;
  EXPECT_EQ(refusal_of(file, options).scan, LM_SCAN_OK);
  options.max_frames = 2;
  EXPECT_EQ(refusal_of(file, options).scan, LM_SCAN_LIMIT);
  EXPECT_EQ(refusal_of(file, options).reason, "webp: more frames than the limit of 2");
}

TEST(Webp, ChunksAreLimited) {
  const bytes plain = with_webp_exif(encode_webp(flat(2, 2, {9, 9, 9}), true), 2, 2, false, exif_block(1));
  const auto with_empty_chunks = [&](std::size_t n) {
    bytes file = plain;
    for (std::size_t i = 0; i < n; ++i) {
      file.insert(file.end(), {'a', 'b', 'c', 'd', 0, 0, 0, 0});
    }
    const std::size_t size = file.size() - 8;
    file[4] = static_cast<std::uint8_t>(size & 255U);
    file[5] = static_cast<std::uint8_t>(size >> 8U);
    return file;
  };
  EXPECT_EQ(refusal_of(with_empty_chunks(997)).scan, LM_SCAN_OK);
  EXPECT_EQ(refusal_of(with_empty_chunks(998)).scan, LM_SCAN_LIMIT);
  EXPECT_EQ(refusal_of(with_empty_chunks(998)).reason, "webp: more than 1000 chunks beside its frames");
}

TEST(Webp, CanvasIsLimitedBeforeMemoryIsTaken) {
  bytes file = encode_webp_animation(2, 2, {{0, 0, flat(2, 2, {9, 9, 9})}});
  const std::size_t sides = 12 + 8 + 4;
  file[sides] = file[sides + 3] = 0x4f;  // 50,000 less one
  file[sides + 1] = file[sides + 4] = 0xc3;
  EXPECT_EQ(refusal_of(file).scan, LM_SCAN_LIMIT);
  EXPECT_EQ(refusal_of(file).reason, "webp: 50000 x 50000 pixels are over the limit of 100000000");
}

TEST(Webp, CutOffIsDamaged) {
  for (const bool lossless : {false, true}) {
    const bytes file = encode_webp(slopes(40, 40, 4), lossless);
    for (std::size_t size = 12; size < file.size(); size += 7) {
      const refusal answer = refusal_of(first(file, size));
      ASSERT_EQ(answer.scan, LM_SCAN_DAMAGED) << size;
      ASSERT_EQ(answer.reason, "webp: the file ends " + std::to_string(file.size() - size) + " bytes early");
    }
  }
}

TEST(Webp, DamagedDataAreDamaged) {
  bytes file = encode_webp(slopes(40, 40, 3), true);
  std::fill(file.begin() + 26, file.end(), std::uint8_t{0xFF});
  const refusal answer = refusal_of(file);
  EXPECT_EQ(answer.scan, LM_SCAN_DAMAGED);
  EXPECT_EQ(answer.reason.substr(0, 6), "webp: ");
}

TEST(Webp, AFrameOutsideItsCanvasIsDamaged) {
  bytes file = encode_webp_animation(2, 2, {{0, 0, flat(2, 2, {9, 9, 9})}});
  const std::size_t left = 12 + 18 + 14 + 8;
  file[left] = 1;
  EXPECT_EQ(refusal_of(file).scan, LM_SCAN_DAMAGED);
}

}  // namespace
}  // namespace libmatch::test
