#include "image/heif.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "image/byte_order.h"
#include "support/collected_images.h"

namespace libmatch::test {
namespace {

bytes first(const bytes &file, std::size_t size) {
  return {file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)};
}

// The files are made by libheif; where it is not installed, or has no encoder, there is nothing to decode.
class Heif : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (encode_heif({flat(16, 16, {1, 2, 3})}, {.av1 = GetParam()}).empty()) {
      GTEST_SKIP() << "libheif with an encoder for " << (GetParam() ? "AV1" : "HEVC") << " is not installed";
    }
  }
  bytes encode(const std::vector<raster> &pictures, int orientation = 1) const {
    return encode_heif(pictures, {.av1 = GetParam(), .orientation = orientation});
  }
  std::string format() const { return GetParam() ? "avif" : "heic"; }
};

void expect_near(const bytes &pixels, const bytes &expected) {
  ASSERT_EQ(pixels.size(), expected.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    ASSERT_NEAR(pixels[i], expected[i], 6) << i;
  }
}

TEST_P(Heif, Pixels) {
  const bytes file = encode({flat(64, 48, {200, 100, 50})});
  expect_near(pixels_of(file), flat(64, 48, {200, 100, 50}).samples);
  const detail::decoded_image image = detail::decode(file, default_options);
  EXPECT_EQ(image.format, format());
  EXPECT_EQ(image.width, 64U);
  EXPECT_EQ(image.height, 48U);
  EXPECT_EQ(image.frames, 1U);
}

TEST_P(Heif, AlphaIsLaidOverWhite) {
  expect_near(pixels_of(encode({flat(64, 64, {100, 0, 255, 127})})), flat(64, 64, {178, 128, 255}).samples);
}

TEST_P(Heif, EveryImageCountsThePrimaryFirst) {
  const bytes file = encode({flat(64, 48, {200, 100, 50}), flat(32, 64, {10, 20, 30}), flat(16, 16, {90, 90, 90})});
  const decoded_file decoded = images_of(file);
  EXPECT_EQ(decoded.failure.reason, "");
  ASSERT_EQ(decoded.images.size(), 3U);
  EXPECT_EQ(decoded.info.frames, 3U);
  expect_near(decoded.images[0].rgb, flat(64, 48, {200, 100, 50}).samples);
  expect_near(decoded.images[1].rgb, flat(32, 64, {10, 20, 30}).samples);
  expect_near(decoded.images[2].rgb, flat(16, 16, {90, 90, 90}).samples);
  detail::decode_options options = default_options;
  options.max_frames = 2;
  EXPECT_EQ(images_of(file, options).failure.reason,
            "after 2 images: " + format() + ": more frames than the limit of 2");
}

// The upper half is dark; turned by a quarter clockwise (6) the right half is.
TEST_P(Heif, ItIsTurnedOnce) {
  raster picture = flat(64, 64, {220, 220, 220});
  std::fill_n(picture.samples.begin(), 64 * 32 * 3, std::uint8_t{20});
  const bytes file = encode({picture}, 6);
  if (file.empty()) {
    GTEST_SKIP() << "this libheif cannot write an orientation";
  }
  const detail::decoded_image image = detail::decode(file, default_options);
  EXPECT_EQ(image.exif_orientation, 1);
  const auto at = [&](std::size_t x, std::size_t y) { return image.rgb[(y * 64 + x) * 3]; };
  EXPECT_NEAR(at(5, 5), 220, 6);
  EXPECT_NEAR(at(5, 58), 220, 6);
  EXPECT_NEAR(at(58, 5), 20, 6);
  EXPECT_NEAR(at(58, 58), 20, 6);
}

TEST_P(Heif, PixelsAreLimited) {
  const bytes file = encode({flat(64, 48, {200, 100, 50})});
  detail::decode_options options = default_options;
  options.max_pixels = 64 * 48;
  EXPECT_EQ(refusal_of(file, options).scan, LM_SCAN_OK);
  --options.max_pixels;
  EXPECT_EQ(refusal_of(file, options).scan, LM_SCAN_LIMIT);
  EXPECT_EQ(refusal_of(file, options).reason, format() + ": 64 x 48 pixels are over the limit of 3071");
}

// The size in `ispe` is what is checked before the decoding.
TEST_P(Heif, AHeaderThatClaimsTooMuchIsRefused) {
  bytes file = encode({flat(64, 48, {200, 100, 50})});
  const std::string_view name = "ispe";
  auto at = file.begin();
  while ((at = std::search(at, file.end(), name.begin(), name.end())) != file.end()) {
    std::copy_n(bytes{0, 0, 0x70, 0, 0, 0, 0x70, 0}.begin(), 8, at + 8);
    ++at;
  }
  EXPECT_EQ(refusal_of(file).scan, LM_SCAN_LIMIT);
}

TEST_P(Heif, CutOffIsNoPicture) {
  const bytes file = encode({slopes(64, 48, 3)});
  for (std::size_t size = 12; size + 1 < file.size(); size += size < 700 ? 1 : 37) {
    const refusal answer = refusal_of(first(file, size));
    ASSERT_NE(answer.scan, LM_SCAN_OK) << size;
    ASSERT_EQ(answer.reason.substr(0, 6), format() + ": ") << size;
  }
}

// The length of its one extent ends the box of item locations.
TEST_P(Heif, AnItemWithoutBytesIsNamed) {
  bytes file = encode({flat(16, 16, {1, 2, 3})});
  const std::string_view type = "iloc";
  const auto box = std::search(file.begin(), file.end(), type.begin(), type.end()) - 4;
  ASSERT_LT(box, file.end() - 8);
  const auto size = static_cast<std::ptrdiff_t>(detail::read_u32_be(&*box));
  std::fill(box + size - 4, box + size, std::uint8_t{0});
  const std::string reason = images_of(file).failure.reason;
  EXPECT_EQ(reason.substr(0, 5), format() + ":");
  if (GetParam()) {
    EXPECT_EQ(reason, "avif: item 1 has no bytes");
  }
}

INSTANTIATE_TEST_SUITE_P(Codecs, Heif, testing::Bool(),
                         [](const auto &codec) { return codec.param ? std::string("Av1") : std::string("Hevc"); });

TEST(HeifLibrary, WithoutItTheFileSaysWhy) {
  const detail::heif_library missing = detail::open_heif_library("libheif-that-nobody-has.so.1");
  EXPECT_EQ(missing.missing, "libheif is not installed");
  using namespace std::string_view_literals;
  const std::pair<std::string_view, const char *> brands[] = {{"heic", "heic: libheif is not installed"},
                                                              {"hevx", "heic: libheif is not installed"},
                                                              {"avif", "avif: libheif is not installed"},
                                                              {"mif1", "heif: libheif is not installed"}};
  for (const auto &[brand, reason] : brands) {
    bytes file{0, 0, 0, 24, 'f', 't', 'y', 'p'};
    file.insert(file.end(), brand.begin(), brand.end());
    collecting_sink sink;
    detail::image_writer writer(default_options, sink);
    try {
      detail::decode_heif_by(missing, file, writer);
      FAIL() << brand;
    } catch (const detail::scan_failure &failure) {
      EXPECT_EQ(failure.scan(), LM_SCAN_UNSUPPORTED);
      EXPECT_STREQ(failure.what(), reason);
    }
  }
}

TEST(HeifLibrary, AnotherLibraryOfThatNameIsNotBelieved) {
  EXPECT_EQ(detail::open_heif_library("libz.so.1").missing, "the libheif that is installed is too old");
}

}  // namespace
}  // namespace libmatch::test
