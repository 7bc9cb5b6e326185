// decode_images: what is handed to a sink, and in which pieces.
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

#include "support/collected_images.h"

namespace libmatch::test {
namespace {

TEST(ImageSink, GetsThePixelsThatDecodeGives) {
  for (const named_file &file : every_variety()) {
    const decoded_file decoded = images_of(file.content, default_options, 1);
    ASSERT_EQ(decoded.images.size(), 1U) << file.name << decoded.failure.reason;
    EXPECT_TRUE(decoded.images[0].ended) << file.name;
    EXPECT_EQ(decoded.images[0].frame, 0U) << file.name;
    EXPECT_EQ(decoded.images[0].rgb, pixels_of(file.content)) << file.name;
    const detail::decoded_image whole = detail::decode(file.content, default_options);
    EXPECT_EQ(decoded.images[0].width, whole.width) << file.name;
    EXPECT_STREQ(decoded.info.format, whole.format) << file.name;
    EXPECT_EQ(decoded.info.frames, whole.frames) << file.name;
    EXPECT_EQ(decoded.info.exif_orientation, whole.exif_orientation) << file.name;
  }
}

TEST(ImageSink, RowsComeInBands) {
  const raster picture = slopes(31, 150, 3);
  for (const bytes &file : {encode_jpeg(picture), encode_jpeg(picture, {.progressive = true}), encode_png(picture)}) {
    const decoded_file decoded = images_of(file);
    ASSERT_EQ(decoded.images.size(), 1U);
    EXPECT_EQ(decoded.images[0].calls, 3U);  // 64, 64 and 22 rows
    EXPECT_EQ(decoded.images[0].rgb, pixels_of(file));
  }
}

TEST(ImageSink, ATurnedImageComesWhole) {
  const bytes file = encode_jpeg(slopes(31, 150, 3), {.exif = exif_block(6)});
  const decoded_file decoded = images_of(file);
  ASSERT_EQ(decoded.images.size(), 1U);
  EXPECT_EQ(decoded.images[0].width, 150U);
  EXPECT_EQ(decoded.images[0].calls, 1U);
  detail::decode_options options = default_options;
  options.apply_exif_orientation = false;
  const decoded_file stored = images_of(file, options);
  EXPECT_EQ(stored.images.at(0).width, 31U);
  EXPECT_EQ(stored.images[0].calls, 3U);
  EXPECT_EQ(stored.info.exif_orientation, 6);
}

TEST(ImageSink, AnImageThatFailsOnItsWayHasNoEnd) {
  const bytes file = encode_jpeg(slopes(64, 640, 3));
  const bytes half(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(file.size() / 2));
  const decoded_file decoded = images_of(half);
  EXPECT_EQ(decoded.failure.scan, LM_SCAN_DAMAGED);
  ASSERT_EQ(decoded.images.size(), 1U);
  EXPECT_FALSE(decoded.images[0].ended);
  EXPECT_GE(decoded.images[0].calls, 1U);
}

TEST(ImageSink, WhatItThrowsArrives) {
  struct thrower : collecting_sink {
    void rows(std::uint32_t, std::uint32_t, const std::uint8_t *, std::size_t) override {
      throw std::runtime_error("full");
    }
  };
  for (const named_file &file : every_variety()) {
    thrower sink;
    EXPECT_THROW(detail::decode_images(file.content, default_options, sink), std::runtime_error) << file.name;
  }
}

// A sink that takes its time: the clock runs while it does.
struct slow_sink : collecting_sink {
  void rows(std::uint32_t y, std::uint32_t count, const std::uint8_t *rgb, std::size_t stride_bytes) override {
    collecting_sink::rows(y, count, rgb, stride_bytes);
    const auto start = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - start < pause) {
    }
  }
  std::chrono::milliseconds pause{3};
};

TEST(ImageSink, TimeIsLimited) {
  detail::decode_options options = default_options;
  options.max_milliseconds = 500;  // a machine under load decodes the first band within it
  const bytes file = encode_jpeg(slopes(64, 200, 3));
  slow_sink sink;
  sink.pause = std::chrono::milliseconds(600);
  try {
    detail::decode_images(file, options, sink);
    FAIL() << "it took as long as it liked";
  } catch (const detail::scan_failure &failure) {
    EXPECT_EQ(failure.scan(), LM_SCAN_LIMIT);
    EXPECT_STREQ(failure.what(), "took longer than 500 ms");
  }
  ASSERT_EQ(sink.images.size(), 1U);
  EXPECT_EQ(sink.images[0].calls, 1U);
  EXPECT_FALSE(sink.images[0].ended);
  options.max_milliseconds = 0;
  slow_sink patient;
  detail::decode_images(file, options, patient);
  EXPECT_TRUE(patient.images.at(0).ended);
}

}  // namespace
}  // namespace libmatch::test
