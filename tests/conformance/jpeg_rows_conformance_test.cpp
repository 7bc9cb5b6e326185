// JPEG pictures put together by our kernels, on every instruction set that has them, against libjpeg itself; and each
// kernel against its definition, sample by sample.
#include <cstddef>
#include <cstdio>
// jpeglib.h needs the two above.
#include <jpeglib.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/cpu_features.h"
#include "image/jpeg_planes.h"
#include "image/jpeg_rows.h"
#include "support/collected_images.h"
#include "support/instruction_sets.h"
#include "support/random_codes.h"

namespace libmatch::test {
namespace {

class JpegRows : public testing::TestWithParam<detail::instruction_set> {
 protected:
  void SetUp() override {
    if (!detail::can_run(GetParam()) || kernels() == nullptr) {
      GTEST_SKIP() << "no rows of JPEG pictures for " << detail::instruction_set_name(GetParam());
    }
  }

  static const detail::jpeg_row_kernels *kernels() { return detail::jpeg_row_kernels_for(GetParam()); }
};

struct file_decoder {
  jpeg_decompress_struct decoder{};
  jpeg_error_mgr errors{};

  explicit file_decoder(const bytes &file) {
    decoder.err = jpeg_std_error(&errors);  // ends the program on an error, which would be a bug of the test
    jpeg_create_decompress(&decoder);
    jpeg_mem_src(&decoder, file.data(), static_cast<unsigned long>(file.size()));
    jpeg_read_header(&decoder, TRUE);
    decoder.out_color_space = JCS_RGB;
    decoder.dct_method = JDCT_ISLOW;
    decoder.do_fancy_upsampling = TRUE;
  }
  file_decoder(const file_decoder &) = delete;
  file_decoder &operator=(const file_decoder &) = delete;
  ~file_decoder() { jpeg_destroy_decompress(&decoder); }
};

bytes decoded_by_libjpeg(const bytes &file) {
  file_decoder opened(file);
  jpeg_start_decompress(&opened.decoder);
  const std::size_t stride_bytes = std::size_t{opened.decoder.output_width} * 3;
  bytes rgb(stride_bytes * opened.decoder.output_height);
  while (opened.decoder.output_scanline < opened.decoder.output_height) {
    JSAMPROW row = rgb.data() + opened.decoder.output_scanline * stride_bytes;
    jpeg_read_scanlines(&opened.decoder, &row, 1);
  }
  return rgb;
}

// Empty where the picture is not one that is put together by us. rows_at_once: how many each call asks for.
bytes decoded_by_us(const bytes &file, const detail::jpeg_row_kernels &kernels, std::uint32_t rows_at_once) {
  file_decoder opened(file);
  if (!detail::jpeg_planes::can_take(opened.decoder)) {
    return {};
  }
  detail::jpeg_planes planes(opened.decoder, kernels);
  opened.decoder.raw_data_out = TRUE;
  jpeg_start_decompress(&opened.decoder);
  const std::size_t stride_bytes = std::size_t{opened.decoder.output_width} * 3;
  const std::uint32_t height = opened.decoder.output_height;
  bytes rgb(stride_bytes * height);
  for (std::uint32_t y = 0; y < height; y += rows_at_once) {
    planes.read_rows(opened.decoder, std::min(rows_at_once, height - y), rgb.data() + y * stride_bytes);
  }
  return rgb;
}

raster noisy_picture(std::uint32_t width, std::uint32_t height, random_source &random) {
  raster picture = slopes(width, height, 3);
  for (std::uint8_t &sample : picture.samples) {
    sample = static_cast<std::uint8_t>(random.below(3) == 0 ? random.below(256) : sample);
  }
  return picture;
}

TEST_P(JpegRows, PicturesAreThoseOfLibjpeg) {
  random_source random(5);
  const std::pair<std::uint32_t, std::uint32_t> sizes[] = {
      {1, 1},  {3, 2},   {4, 9},   {5, 5},   {8, 16},  {15, 17}, {16, 16},  {17, 31}, {33, 48},
      {63, 7}, {64, 64}, {65, 33}, {95, 40}, {127, 3}, {129, 5}, {300, 50}, {517, 19}};
  for (const auto &[width, height] : sizes) {
    for (const auto &[across, down] : {std::pair{1, 1}, {2, 1}, {2, 2}}) {
      for (const bool progressive : {false, true}) {
        const bytes file = encode_jpeg(
            noisy_picture(width, height, random),
            {.quality = 97, .luma_sampling = across, .luma_sampling_down = down, .progressive = progressive});
        const std::string name = std::to_string(width) + " x " + std::to_string(height) + ", luma " +
                                 std::to_string(across) + " x " + std::to_string(down);
        const bytes expected = decoded_by_libjpeg(file);
        const bytes result = decoded_by_us(file, *kernels(), 1 + static_cast<std::uint32_t>(random.below(40)));
        EXPECT_EQ(result.empty(), across == 2 && width <= 4) << name;
        EXPECT_TRUE(result.empty() || result == expected) << name;
        EXPECT_TRUE(pixels_of(file) == expected) << name;
      }
    }
  }
}

// Colours of half the height only, or a quarter of the width, are libjpeg's; so is what is not YCbCr.
TEST_P(JpegRows, OtherPicturesAreLeftToLibjpeg) {
  random_source random(6);
  const raster picture = noisy_picture(70, 45, random);
  for (const jpeg_settings &settings :
       {jpeg_settings{.luma_sampling = 1, .luma_sampling_down = 2},
        jpeg_settings{.luma_sampling = 4, .luma_sampling_down = 1}, jpeg_settings{.colors = jpeg_colors::rgb}}) {
    const bytes file = encode_jpeg(picture, settings);
    EXPECT_TRUE(decoded_by_us(file, *kernels(), 8).empty());
    EXPECT_TRUE(pixels_of(file) == decoded_by_libjpeg(file));
  }
}

std::uint8_t cut(int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); }

// Every pair of colours, with luma of all sizes.
TEST_P(JpegRows, Conversion) {
  constexpr std::size_t columns = 256;
  std::vector<std::uint8_t> luma(columns + detail::jpeg_row_padding);
  std::vector<std::uint8_t> blue(luma.size());
  std::vector<std::uint8_t> red(luma.size());
  std::vector<std::uint8_t> rgb(3 * columns);
  for (int first = 0; first < 256; ++first) {
    for (int round = 0; round < 3; ++round) {
      for (std::size_t x = 0; x < columns; ++x) {
        luma[x] = static_cast<std::uint8_t>(x * 7 + static_cast<std::size_t>(first * 31 + round * 85));
        blue[x] = static_cast<std::uint8_t>(first);
        red[x] = static_cast<std::uint8_t>(x);
      }
      kernels()->to_rgb(luma.data(), blue.data(), red.data(), columns, rgb.data());
      for (std::size_t x = 0; x < columns; ++x) {
        const int b = blue[x] - 128;
        const int r = red[x] - 128;
        ASSERT_EQ(rgb[3 * x], cut(luma[x] + ((91881 * r + 32768) >> 16)));
        ASSERT_EQ(rgb[3 * x + 1], cut(luma[x] + ((-22554 * b - 46802 * r + 32768) >> 16)));
        ASSERT_EQ(rgb[3 * x + 2], cut(luma[x] + ((116130 * b + 32768) >> 16)));
      }
    }
  }
}

TEST_P(JpegRows, DoublingAndNothingBehindTheRow) {
  random_source random(7);
  for (std::size_t samples = 1; samples <= 140; ++samples) {
    std::vector<std::uint8_t> near(samples + detail::jpeg_row_padding);
    std::vector<std::uint8_t> far(near.size());
    for (std::size_t i = 0; i < samples; ++i) {
      near[i] = static_cast<std::uint8_t>(random.below(256));
      far[i] = static_cast<std::uint8_t>(random.below(256));
    }
    std::vector<std::uint16_t> sums(samples + 2 + detail::jpeg_row_padding);
    std::vector<std::uint8_t> both(2 * samples + detail::jpeg_row_padding);
    std::vector<std::uint8_t> along(both.size());
    kernels()->double_both(near.data(), far.data(), samples, sums.data(), both.data());
    kernels()->double_columns(near.data(), samples, sums.data(), along.data());
    std::vector<std::uint8_t> rgb(3 * samples + 1, 77);
    kernels()->to_rgb(near.data(), far.data(), near.data(), samples, rgb.data());
    EXPECT_EQ(rgb[3 * samples], 77);
    for (std::size_t i = 0; i < samples; ++i) {
      const auto column = [&](std::size_t k) { return 3 * near[k] + far[k]; };
      const std::size_t left = i == 0 ? 0 : i - 1;
      const std::size_t right = std::min(i + 1, samples - 1);
      ASSERT_EQ(both[2 * i], (3 * column(i) + column(left) + 8) >> 4) << samples;
      ASSERT_EQ(both[2 * i + 1], (3 * column(i) + column(right) + 7) >> 4) << samples;
      ASSERT_EQ(along[2 * i], (3 * near[i] + near[left] + 1) >> 2) << samples;
      ASSERT_EQ(along[2 * i + 1], (3 * near[i] + near[right] + 2) >> 2) << samples;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, JpegRows, testing::ValuesIn(architecture_sets),
                         [](const auto &given) { return std::string(detail::instruction_set_name(given.param)); });

}  // namespace
}  // namespace libmatch::test
