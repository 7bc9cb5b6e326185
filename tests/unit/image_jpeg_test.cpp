#include <gtest/gtest.h>

#include <algorithm>

#include "support/collected_images.h"

namespace libmatch::test {
namespace {

constexpr std::uint8_t start_of_scan = 0xDA;

// The offset of the n-th marker of a kind (0xFF and its code), counted from 0.
std::size_t find_marker(const bytes &file, std::uint8_t code, int n = 0) {
  for (std::size_t i = 0; i + 1 < file.size(); ++i) {
    if (file[i] == 0xFF && file[i + 1] == code && n-- == 0) {
      return i;
    }
  }
  return file.size();
}

bytes first(const bytes &file, std::size_t size) {
  return {file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)};
}

bytes append(bytes to, const bytes &from) {
  to.insert(to.end(), from.begin(), from.end());
  return to;
}

bytes pixel(const bytes &pixels, std::size_t i) {
  return {pixels.begin() + static_cast<std::ptrdiff_t>(3 * i),
          pixels.begin() + static_cast<std::ptrdiff_t>(3 * i + 3)};
}

TEST(Jpeg, Grey) {
  raster picture = flat(16, 8, {40});
  for (std::size_t y = 0; y < 8; ++y) {
    std::fill_n(picture.samples.begin() + static_cast<std::ptrdiff_t>(16 * y + 8), 8, std::uint8_t{200});
  }
  const bytes pixels = pixels_of(encode_jpeg(picture, {.colors = jpeg_colors::grey, .quality = 100}));
  ASSERT_EQ(pixels.size(), 16U * 8 * 3);
  EXPECT_EQ(pixel(pixels, 0), (bytes{40, 40, 40}));
  EXPECT_EQ(pixel(pixels, 7), (bytes{40, 40, 40}));
  EXPECT_EQ(pixel(pixels, 8), (bytes{200, 200, 200}));
  EXPECT_EQ(pixel(pixels, 16 * 8 - 1), (bytes{200, 200, 200}));
}

TEST(Jpeg, YccIsConvertedRgbIsNot) {
  const raster red = flat(8, 8, {255, 0, 0});
  EXPECT_EQ(pixel(pixels_of(encode_jpeg(red, {.quality = 100})), 0), (bytes{254, 0, 0}));
  EXPECT_EQ(pixel(pixels_of(encode_jpeg(red, {.colors = jpeg_colors::rgb, .quality = 100})), 0), (bytes{255, 0, 0}));
}

// Red and blue halves, the lower rows with more green, colors at half the resolution: the values in between tell
// smooth upsampling from repeated samples.
TEST(Jpeg, ColorsAreUpsampledSmoothly) {
  raster picture = flat(16, 16, {255, 0, 0});
  for (std::size_t i = 0; i < 256; ++i) {
    if (i % 16 >= 8) {
      picture.samples[3 * i] = 0;
      picture.samples[3 * i + 2] = 255;
    }
    if (i >= 128) {
      picture.samples[3 * i + 1] = 128;
    }
  }
  const bytes pixels = pixels_of(encode_jpeg(picture, {.quality = 100, .luma_sampling = 2}));
  EXPECT_EQ(pixel(pixels, 6), (bytes{254, 0, 0}));
  EXPECT_EQ(pixel(pixels, 7), (bytes{202, 12, 74}));
  EXPECT_EQ(pixel(pixels, 8), (bytes{51, 0, 180}));
  EXPECT_EQ(pixel(pixels, 9), (bytes{0, 0, 254}));
  EXPECT_EQ(pixel(pixels, 7 * 16 + 7), (bytes{184, 25, 57}));
  EXPECT_EQ(pixel(pixels, 8 * 16 + 7), (bytes{221, 126, 94}));
  EXPECT_EQ(pixel(pixels, 9 * 16 + 7), (bytes{203, 139, 75}));
}

TEST(Jpeg, CmykWithAdobeMarkerIsInverted) {
  const raster picture = flat(8, 8, {200, 100, 50, 128});
  EXPECT_EQ(pixel(pixels_of(encode_jpeg(picture, {.colors = jpeg_colors::cmyk, .quality = 100})), 63),
            (bytes{100, 50, 25}));
  EXPECT_EQ(pixel(pixels_of(encode_jpeg(picture, {.colors = jpeg_colors::ycck, .quality = 100})), 63),
            (bytes{100, 50, 25}));
}

TEST(Jpeg, CmykWithoutAdobeMarkerIsInk) {
  const raster picture = flat(8, 8, {200, 100, 50, 128});
  const jpeg_settings settings{.colors = jpeg_colors::cmyk, .quality = 100, .adobe_marker = false};
  EXPECT_EQ(pixel(pixels_of(encode_jpeg(picture, settings)), 0), (bytes{27, 77, 102}));
}

TEST(Jpeg, TheSameCoefficientsGiveTheSamePixelsHoweverTheyAreCoded) {
  const raster picture = slopes(37, 23, 3);
  const bytes pixels = pixels_of(encode_jpeg(picture, {.luma_sampling = 2}));
  ASSERT_EQ(pixels.size(), 37U * 23 * 3);
  EXPECT_EQ(pixels, pixels_of(encode_jpeg(picture, {.luma_sampling = 2, .progressive = true})));
  EXPECT_EQ(pixels, pixels_of(encode_jpeg(picture, {.luma_sampling = 2, .arithmetic = true})));
  EXPECT_EQ(pixels, pixels_of(encode_jpeg(picture, {.luma_sampling = 2, .progressive = true, .arithmetic = true})));
  EXPECT_EQ(pixels, pixels_of(encode_jpeg(picture, {.luma_sampling = 2, .separate_scans = true})));
  EXPECT_EQ(pixels, pixels_of(encode_jpeg(picture, {.luma_sampling = 2, .restart_interval = 1})));
}

TEST(Jpeg, CutOffIsDamaged) {
  for (const bool progressive : {false, true}) {
    for (const bool arithmetic : {false, true}) {
      const bytes file = encode_jpeg(slopes(64, 64, 3), {.progressive = progressive, .arithmetic = arithmetic});
      const std::size_t data = find_marker(file, start_of_scan);
      for (const std::size_t size : {std::size_t{3}, data / 2, data + 4, data + 40, file.size() - 20}) {
        const refusal answer = refusal_of(first(file, size));
        EXPECT_EQ(answer.scan, LM_SCAN_DAMAGED) << progressive << arithmetic << ' ' << size;
        EXPECT_EQ(answer.reason.substr(0, 6), "jpeg: ");
      }
    }
  }
}

TEST(Jpeg, CutOffPictureSaysWhichRow) {
  const bytes file = encode_jpeg(slopes(64, 64, 3));
  EXPECT_EQ(refusal_of(first(file, file.size() - 20)).reason,
            "jpeg: Corrupt JPEG data: premature end of data segment, at row 56 of 64");
}

TEST(Jpeg, EndMarkerMayBeMissingWherePixelsWouldNotBe) {
  const raster picture = slopes(40, 30, 3);
  const bytes baseline = encode_jpeg(picture);
  EXPECT_EQ(pixels_of(first(baseline, baseline.size() - 2)), pixels_of(baseline));
  const bytes progressive = encode_jpeg(picture, {.progressive = true});
  const refusal answer = refusal_of(first(progressive, progressive.size() - 2));
  EXPECT_EQ(answer.scan, LM_SCAN_DAMAGED);
  EXPECT_EQ(answer.reason.substr(0, 33), "jpeg: Premature end of JPEG file,");
}

TEST(Jpeg, MissingComponentsAreDamaged) {
  const bytes file = encode_jpeg(slopes(24, 24, 3), {.separate_scans = true});
  const refusal answer = refusal_of(append(first(file, find_marker(file, start_of_scan, 2)), {0xFF, 0xD9}));
  EXPECT_EQ(answer.scan, LM_SCAN_DAMAGED);
  EXPECT_EQ(answer.reason, "jpeg: no data for color component 3 of 3");
  bytes progressive = encode_jpeg(slopes(24, 24, 3), {.progressive = true});
  // Only the first scan, which brings the coarse values of all components: whole, if not detailed.
  progressive = append(first(progressive, find_marker(progressive, start_of_scan, 1)), {0xFF, 0xD9});
  EXPECT_EQ(refusal_of(progressive).scan, LM_SCAN_OK);
}

TEST(Jpeg, PaddingBeforeAMarkerIsPassedOver) {
  const bytes file = encode_jpeg(slopes(24, 24, 3), {.separate_scans = true});
  bytes padded = file;
  padded.insert(padded.end() - 2, {1, 2, 3});
  EXPECT_EQ(pixels_of(padded), pixels_of(file));
}

TEST(Jpeg, WrongRestartMarkerIsDamaged) {
  bytes file = encode_jpeg(slopes(24, 24, 3), {.restart_interval = 1});
  file[find_marker(file, 0xD1) + 1] = 0xD5;
  const refusal answer = refusal_of(file);
  EXPECT_EQ(answer.scan, LM_SCAN_DAMAGED);
  EXPECT_NE(answer.reason.find("instead of RST1"), std::string::npos) << answer.reason;
}

TEST(Jpeg, ProcessesThatAreNotDecodedAreNamed) {
  const bytes file = encode_jpeg(slopes(8, 8, 3));
  const std::size_t frame = find_marker(file, 0xC0);
  bytes twelve_bits = file;
  twelve_bits[frame + 4] = 12;
  EXPECT_EQ(refusal_of(twelve_bits).scan, LM_SCAN_UNSUPPORTED);
  EXPECT_EQ(refusal_of(twelve_bits).reason.substr(0, 40), "jpeg: Unsupported JPEG data precision 12");
  bytes lossless = file;
  lossless[frame + 1] = 0xC3;
  EXPECT_EQ(refusal_of(lossless).scan, LM_SCAN_UNSUPPORTED);
  EXPECT_EQ(refusal_of(lossless).reason.substr(0, 47), "jpeg: Unsupported JPEG process: SOF type 0xc3, ");
  bytes jpeg_ls = file;
  jpeg_ls[frame + 1] = 0xF7;
  EXPECT_EQ(refusal_of(jpeg_ls).scan, LM_SCAN_UNSUPPORTED);
  bytes height_comes_later = file;
  height_comes_later[frame + 5] = 0;
  height_comes_later[frame + 6] = 0;
  EXPECT_EQ(refusal_of(height_comes_later).scan, LM_SCAN_UNSUPPORTED);
  raster two = slopes(8, 8, 1);
  two.channels = 2;
  two.samples.insert(two.samples.end(), two.samples.begin(), two.samples.end());
  const refusal components = refusal_of(encode_jpeg(two, {.colors = jpeg_colors::two_components}));
  EXPECT_EQ(components.scan, LM_SCAN_UNSUPPORTED);
  EXPECT_EQ(components.reason, "jpeg: 2 color components");
}

TEST(Jpeg, ExifIsFoundBehindOtherMarkers) {
  bytes file = encode_jpeg(slopes(8, 8, 3), {.exif = exif_block(4)});
  bytes others{0xFF, 0xE1, 0, 5, 'X', 'M', 'P', 0xFF, 0xFF, 0xFE, 0, 2, 0xFF, 0x01, 0, 0, 0xFF, 0xE1, 0, 2};
  file.insert(file.begin() + 2, others.begin(), others.end());
  EXPECT_EQ(detail::decode(file, default_options).exif_orientation, 4);
}

TEST(Jpeg, DimensionsAreCheckedBeforeThePictureIsRead) {
  bytes file = encode_jpeg(slopes(8, 8, 3));
  const std::size_t frame = find_marker(file, 0xC0);
  for (const std::size_t side : {frame + 5, frame + 7}) {
    file[side] = 0xC3;  // 50,000
    file[side + 1] = 0x50;
  }
  const refusal answer = refusal_of(file);
  EXPECT_EQ(answer.scan, LM_SCAN_LIMIT);
  EXPECT_EQ(answer.reason, "jpeg: 50000 x 50000 pixels are over the limit of 100000000");
}

// One component's scan over and over: a few bytes each, the whole picture every time.
bytes scan_bomb(int scans) {
  const bytes file = encode_jpeg(flat(16, 16, {90, 90, 90}), {.separate_scans = true});
  const bytes scan(file.begin() + static_cast<std::ptrdiff_t>(find_marker(file, start_of_scan, 2)), file.end() - 2);
  bytes bomb = first(file, file.size() - 2);
  for (int i = 3; i < scans; ++i) {
    bomb = append(bomb, scan);
  }
  return append(bomb, {0xFF, 0xD9});
}

TEST(Jpeg, ScansAreLimited) {
  EXPECT_EQ(refusal_of(scan_bomb(500)).scan, LM_SCAN_OK);
  const refusal answer = refusal_of(scan_bomb(501));
  EXPECT_EQ(answer.scan, LM_SCAN_LIMIT);
  EXPECT_EQ(answer.reason, "jpeg: more than 500 scans of 16 x 16 pixels");
}

TEST(Jpeg, ScansOfLargePicturesAreLimitedByTheirPixels) {
  detail::decode_options options = default_options;
  options.max_pixels = 2 * 256;
  EXPECT_EQ(refusal_of(scan_bomb(64), options).scan, LM_SCAN_OK);
  EXPECT_EQ(refusal_of(scan_bomb(65), options).scan, LM_SCAN_LIMIT);
}

TEST(Jpeg, EveryPictureOfAMultiPictureFileCounts) {
  const std::vector<bytes> pictures{encode_jpeg(slopes(40, 30, 3)),
                                    encode_jpeg(slopes(16, 8, 3), {.exif = exif_block(6)}),
                                    encode_jpeg(slopes(5, 5, 1), {.colors = jpeg_colors::grey})};
  for (const bool little_endian : {false, true}) {
    const bytes file = encode_multi_picture(pictures, little_endian);
    const decoded_file decoded = images_of(file);
    EXPECT_EQ(decoded.failure.reason, "");
    EXPECT_EQ(decoded.info.frames, 3U);
    ASSERT_EQ(decoded.images.size(), 3U);
    for (std::uint32_t i = 0; i < 3; ++i) {
      EXPECT_EQ(decoded.images[i].frame, i);
      EXPECT_EQ(decoded.images[i].rgb, pixels_of(pictures[i])) << i;
    }
    EXPECT_EQ(decoded.images[1].width, 8U);
    EXPECT_EQ(pixels_of(file), pixels_of(pictures[0]));
  }
}

TEST(Jpeg, AnIndexOfPicturesThatAreNotThereIsPassedOver) {
  const bytes first_picture = encode_jpeg(slopes(40, 30, 3));
  const bytes file = encode_multi_picture({first_picture, first_picture, first_picture});
  const bytes alone = first(file, file.size() - 2 * first_picture.size());
  EXPECT_EQ(images_of(alone).failure.reason, "");
  EXPECT_EQ(images_of(alone).images.size(), 1U);
  EXPECT_EQ(images_of(alone).info.frames, 1U);
  const decoded_file cut = images_of(first(file, file.size() - 40));
  EXPECT_EQ(cut.images.size(), 3U);
  EXPECT_FALSE(cut.images[2].ended);
  EXPECT_EQ(cut.failure.scan, LM_SCAN_DAMAGED);
  EXPECT_EQ(cut.failure.reason.substr(0, 22), "after 2 images: jpeg: ");
  detail::decode_options options = default_options;
  options.max_frames = 2;
  EXPECT_EQ(images_of(file, options).failure.reason, "after 2 images: jpeg: more frames than the limit of 2");
}

}  // namespace
}  // namespace libmatch::test
