#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "image/tiff_directories.h"
#include "support/collected_images.h"

namespace libmatch::test {
namespace {

bytes first(const bytes &file, std::size_t size) {
  return {file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)};
}

tiff_page page_of(const raster &picture, int compression = 1) {
  return {.width = picture.width,
          .height = picture.height,
          .channels = static_cast<int>(picture.channels),
          .samples = {picture.samples.begin(), picture.samples.end()},
          .photometric = picture.channels == 1 ? 1 : 2,
          .compression = compression};
}

// One row of samples.
bytes pixels_of_row(int channels, const std::vector<std::uint16_t> &samples, tiff_page page) {
  page.width = static_cast<std::uint32_t>(samples.size()) / static_cast<std::uint32_t>(channels);
  page.height = 1;
  page.channels = channels;
  page.samples = samples;
  return pixels_of(encode_tiff({page}));
}

TEST(Tiff, EveryCompressionGivesThePixels) {
  const raster picture = slopes(37, 23, 3);
  for (const int compression : {1, 5, 8, 32773}) {
    for (const char *mode : {"wl", "wb", "wl8", "wb8"}) {
      tiff_page page = page_of(picture, compression);
      EXPECT_EQ(pixels_of(encode_tiff({page}, mode)), picture.samples) << compression << mode;
      page.tiled = true;
      EXPECT_EQ(pixels_of(encode_tiff({page}, mode)), picture.samples) << compression << mode;
      page.tiled = false;
      page.planes = true;
      EXPECT_EQ(pixels_of(encode_tiff({page}, mode)), picture.samples) << compression << mode;
      page.rows_per_strip = 1000;
      EXPECT_EQ(pixels_of(encode_tiff({page}, mode)), picture.samples) << compression << mode;
    }
  }
  EXPECT_STREQ(detail::decode(encode_tiff({page_of(picture)}), default_options).format, "tiff");
}

TEST(Tiff, Fax) {
  raster picture = slopes(50, 20, 1);
  bytes expected;
  for (std::uint8_t &sample : picture.samples) {
    sample = sample % 3 == 0 ? 1 : 0;
    expected.insert(expected.end(), 3, sample == 0 ? 255 : 0);  // 0 is white
  }
  for (const int compression : {2, 3, 4}) {
    tiff_page page = page_of(picture, compression);
    page.bits = 1;
    page.photometric = 0;
    EXPECT_EQ(pixels_of(encode_tiff({page})), expected) << compression;
  }
}

TEST(Tiff, JpegAndYcc) {
  const raster picture = flat(32, 16, {200, 100, 50});
  tiff_page page = page_of(picture, 7);
  page.photometric = 6;
  const bytes pixels = pixels_of(encode_tiff({page}));
  ASSERT_EQ(pixels.size(), picture.samples.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    ASSERT_NEAR(pixels[i], picture.samples[i], 3) << i;
  }
}

TEST(Tiff, GreysOfEveryDepth) {
  EXPECT_EQ(pixels_of_row(1, {0, 1}, {.bits = 1, .photometric = 1}), (bytes{0, 0, 0, 255, 255, 255}));
  EXPECT_EQ(pixels_of_row(1, {0, 1}, {.bits = 1, .photometric = 0}), (bytes{255, 255, 255, 0, 0, 0}));
  EXPECT_EQ(pixels_of_row(1, {1, 2}, {.bits = 2, .photometric = 1}), (bytes{85, 85, 85, 170, 170, 170}));
  EXPECT_EQ(pixels_of_row(1, {1, 14}, {.bits = 4, .photometric = 1}), (bytes{17, 17, 17, 238, 238, 238}));
  EXPECT_EQ(pixels_of_row(1, {7, 250}, {.bits = 8, .photometric = 1}), (bytes{7, 7, 7, 250, 250, 250}));
  // 128 * 257 - 129 is nearer to 127, one more to 128
  EXPECT_EQ(pixels_of_row(1, {32767, 32768}, {.bits = 16, .photometric = 1}), (bytes{127, 127, 127, 128, 128, 128}));
}

TEST(Tiff, SixteenBitsAreRoundedToNearest) {
  EXPECT_EQ(pixels_of_row(3, {0, 65535, 128, 129, 32767, 32768}, {.bits = 16}), (bytes{0, 255, 0, 1, 127, 128}));
}

TEST(Tiff, PaletteAndTransparency) {
  EXPECT_EQ(pixels_of_row(1, {1, 0}, {.bits = 1, .photometric = 3, .palette = {{1, 2, 3}, {10, 20, 30}}}),
            (bytes{10, 20, 30, 1, 2, 3}));
  // Separate alpha: (100 * 127 + 255 * 128 + 127) / 255. Multiplied: 50 + 255 - 127.
  EXPECT_EQ(pixels_of_row(4, {100, 0, 255, 127}, {.extra_sample = 2}), (bytes{178, 128, 255}));
  EXPECT_EQ(pixels_of_row(4, {50, 0, 127, 127}, {.extra_sample = 1}), (bytes{178, 128, 255}));
  EXPECT_EQ(pixels_of_row(4, {25700, 0, 65535, 32639}, {.bits = 16, .extra_sample = 2}), (bytes{178, 128, 255}));
  EXPECT_EQ(pixels_of_row(2, {100, 127, 100, 255}, {.photometric = 1, .extra_sample = 2}),
            (bytes{178, 178, 178, 100, 100, 100}));
}

TEST(Tiff, CmykIsInk) {
  for (const bool planes : {false, true}) {
    EXPECT_EQ(pixels_of_row(4, {200, 100, 50, 128, 0, 0, 0, 0}, {.photometric = 5, .planes = planes}),
              (bytes{27, 77, 102, 255, 255, 255}));
  }
}

TEST(Tiff, OrientationTurnsThePage) {
  tiff_page page = page_of(slopes(6, 4, 3));
  const bytes upright = pixels_of(encode_jpeg(slopes(6, 4, 3)));
  for (int orientation = 1; orientation <= 8; ++orientation) {
    page.orientation = orientation;
    const detail::decoded_image image = detail::decode(encode_tiff({page}), default_options);
    EXPECT_EQ(image.exif_orientation, orientation);
    EXPECT_EQ(image.width, orientation > 4 ? 4U : 6U);
    // A PNG of the same pixels and the same note.
    const bytes png =
        with_png_chunk(encode_png(slopes(6, 4, 3)), "eXIf", exif_block(static_cast<std::uint16_t>(orientation)));
    EXPECT_EQ(pixels_of(encode_tiff({page})), pixels_of(png)) << orientation;
  }
}

TEST(Tiff, EveryPageIsAnImage) {
  const raster small = slopes(5, 4, 1);
  tiff_page turned = page_of(slopes(9, 7, 3), 5);
  turned.orientation = 6;
  const bytes file = encode_tiff({page_of(slopes(40, 30, 3)), page_of(small), turned});
  const decoded_file decoded = images_of(file);
  EXPECT_EQ(decoded.failure.reason, "");
  ASSERT_EQ(decoded.images.size(), 3U);
  EXPECT_EQ(decoded.info.frames, 3U);
  EXPECT_EQ(decoded.images[0].rgb, slopes(40, 30, 3).samples);
  EXPECT_EQ(decoded.images[1].frame, 1U);
  EXPECT_EQ(decoded.images[1].rgb.size(), 60U);
  EXPECT_EQ(decoded.images[2].width, 7U);
  EXPECT_EQ(images_of(file, default_options, 2).images.size(), 2U);
  detail::decode_options options = default_options;
  options.max_frames = 2;
  EXPECT_EQ(images_of(file, options).images.size(), 2U);
  EXPECT_EQ(images_of(file, options).failure.reason, "after 2 images: tiff: more frames than the limit of 2");
  EXPECT_EQ(refusal_of(file, options).scan, LM_SCAN_LIMIT);
}

// Of a little-endian file: where the offset of the directory behind page n stands.
std::size_t place_of_next(const bytes &file, std::size_t n) {
  std::size_t place = 4;
  for (std::size_t i = 0; i <= n; ++i) {
    const std::size_t directory =
        file[place] | (std::size_t{file[place + 1]} << 8U) | (std::size_t{file[place + 2]} << 16U);
    place = directory + 2 + std::size_t{12} * file[directory];
  }
  return place;
}

TEST(Tiff, DirectoriesThatGoInCirclesEnd) {
  const tiff_page page = page_of(slopes(5, 4, 3));
  bytes file = encode_tiff({page, page});
  const std::size_t last = place_of_next(file, 1);
  std::copy_n(file.begin() + 4, 4, file.begin() + static_cast<std::ptrdiff_t>(last));  // back to the first
  const decoded_file decoded = images_of(file);
  EXPECT_EQ(decoded.images.size(), 2U);
  EXPECT_EQ(decoded.failure.scan, LM_SCAN_DAMAGED);
  EXPECT_EQ(decoded.failure.reason.substr(0, 57), "after 2 images: tiff: its directories go in circles at by");
  EXPECT_EQ(refusal_of(file).scan, LM_SCAN_OK);  // the first image is there
}

TEST(Tiff, AChainWithoutAnEndEndsAtTheLimit) {
  // Directories without entries, each 6 bytes and pointing at the next.
  bytes file{'I', 'I', 42, 0, 8, 0, 0, 0};
  while (file.size() < 400000) {
    const std::size_t next = file.size() + 6;
    file.insert(file.end(), {0, 0});
    for (unsigned i = 0; i < 4; ++i) {
      file.push_back(static_cast<std::uint8_t>((next >> (8 * i)) & 255U));
    }
  }
  EXPECT_EQ(detail::read_tiff_directories(file, 1000).pages.size(), 1001U);
  EXPECT_EQ(refusal_of(file).scan, LM_SCAN_DAMAGED);
  EXPECT_EQ(refusal_of(file).reason, "tiff: a picture of 0 x 0 pixels");
}

TEST(Tiff, CutOffIsDamaged) {
  for (const named_file &file : every_variety()) {
    if (file.name.find(".tif") == std::string::npos || file.name == "pages.tif") {
      continue;
    }
    // libtiff's directory stands behind the pixels, and nothing behind it but what it refers to.
    for (std::size_t size = 4; size + 8 < file.content.size(); ++size) {
      const refusal answer = refusal_of(first(file.content, size));
      ASSERT_NE(answer.scan, LM_SCAN_UNKNOWN_FORMAT) << file.name << size;
      if (size < file.content.size() * 3 / 4) {
        ASSERT_NE(answer.scan, LM_SCAN_OK) << file.name << size;
      }
    }
  }
}

TEST(Tiff, DamagedDataAreDamaged) {
  for (const int compression : {5, 8, 3, 7}) {
    tiff_page page = page_of(slopes(64, 64, compression == 3 ? 1 : 3), compression);
    if (compression == 3) {
      page.bits = 1;
      page.photometric = 0;
      for (std::uint16_t &sample : page.samples) {
        sample &= 1U;
      }
    }
    page.photometric = compression == 7 ? 6 : page.photometric;
    bytes file = encode_tiff({page});
    std::fill_n(file.begin() + 40, 100, std::uint8_t{0xFF});
    const refusal answer = refusal_of(file);
    EXPECT_EQ(answer.scan, LM_SCAN_DAMAGED) << compression;
    EXPECT_EQ(answer.reason.substr(0, 14), "tiff: page 1: ") << answer.reason;
  }
}

TEST(Tiff, SidesAreCheckedBeforeMemoryIsTaken) {
  const tiff_page page = page_of(slopes(5, 4, 3));
  bytes file = encode_tiff({page});
  const auto set_side = [&](std::uint8_t tag, std::uint32_t value) {
    for (std::size_t i = 8; i + 12 <= file.size(); ++i) {
      if (file[i] == tag && file[i + 1] == 1 && file[i + 3] == 0 && file[i + 4] == 1) {
        file[i + 2] = 4;  // LONG
        for (unsigned byte = 0; byte < 4; ++byte) {
          file[i + 8 + byte] = static_cast<std::uint8_t>((value >> (8 * byte)) & 255U);
        }
        return;
      }
    }
    FAIL() << "no such tag";
  };
  set_side(0, 50000);
  set_side(1, 50000);
  EXPECT_EQ(refusal_of(file).reason, "tiff: 50000 x 50000 pixels are over the limit of 100000000");
  set_side(1, 1);
  set_side(0, 2000000);
  EXPECT_EQ(refusal_of(file).reason, "tiff: 2000000 x 1 pixels: a side is over 1000000");
  set_side(0, 9000);
  set_side(1, 9000);
  EXPECT_EQ(refusal_of(file).scan, LM_SCAN_DAMAGED);  // its one strip is too short
}

TEST(Tiff, WhatIsNotDecodedSaysSo) {
  const auto reason = [](const tiff_page &page) {
    const refusal answer = refusal_of(encode_tiff({page}));
    EXPECT_EQ(answer.scan, LM_SCAN_UNSUPPORTED) << answer.reason;
    return answer.reason;
  };
  tiff_page ink = page_of(slopes(5, 4, 4));
  ink.photometric = 5;
  ink.bits = 16;
  EXPECT_EQ(reason(ink).substr(0, 14), "tiff: page 1: ");
}

TEST(Tiff, NothingIsPrinted) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  for (const named_file &file : every_variety()) {
    if (file.name.find(".tif") == std::string::npos) {
      continue;
    }
    for (std::size_t i = 4; i < file.content.size(); i += 3) {
      bytes wrong = file.content;
      wrong[i] ^= 0x55;
      refusal_of(wrong);
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

}  // namespace
}  // namespace libmatch::test
