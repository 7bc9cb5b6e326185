// A sink that keeps what it is given and holds the decoder to its promises.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/decoding.h"

namespace libmatch::test {

struct collected_image {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t frame = 0;
  std::uint32_t calls = 0;  // of rows()
  bool ended = false;
  bytes rgb;
};

class collecting_sink : public detail::image_sink {
 public:
  std::vector<collected_image> images;
  std::size_t wanted = SIZE_MAX;  // end() is false from this image on

  void begin(const detail::image_header &header) override {
    EXPECT_TRUE(images.empty() || images.back().ended);
    EXPECT_TRUE(images.size() < wanted);
    images.push_back({.width = header.width, .height = header.height, .frame = header.frame, .rgb = {}});
  }

  void rows(std::uint32_t y, std::uint32_t count, const std::uint8_t *rgb, std::size_t stride_bytes) override {
    collected_image &image = images.back();
    const std::size_t row_size_bytes = std::size_t{image.width} * 3;
    EXPECT_FALSE(image.ended);
    EXPECT_EQ(y * row_size_bytes, image.rgb.size());
    EXPECT_GE(stride_bytes, row_size_bytes);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint8_t *const row = rgb + i * stride_bytes;
      image.rgb.insert(image.rgb.end(), row, row + row_size_bytes);
    }
    ++image.calls;
  }

  bool end() override {
    images.back().ended = true;
    EXPECT_EQ(images.back().rgb.size(), std::size_t{images.back().width} * images.back().height * 3);
    return images.size() < wanted;
  }
};

// Every image of a file, and how the decoding ended.
struct decoded_file {
  std::vector<collected_image> images;
  detail::file_info info;
  refusal failure;
};

inline decoded_file images_of(const bytes &file, detail::decode_options options = default_options,
                              std::uint32_t max_images = UINT32_MAX) {
  options.max_images = max_images;
  collecting_sink sink;
  decoded_file result;
  try {
    result.info = detail::decode_images(file, options, sink);
  } catch (const detail::scan_failure &failure) {
    result.failure = {failure.scan(), failure.what()};
  }
  result.images = std::move(sink.images);
  return result;
}

}  // namespace libmatch::test
