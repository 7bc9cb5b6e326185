// The images of one file: which are kept, what their borders frame, and what a damaged one leaves.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hash/pdq.h"
#include "scan/pixels.h"
#include "scan/scan.h"
#include "support/encoded_images.h"
#include "support/synthetic_image.h"

namespace libmatch::detail {
namespace {

using namespace libmatch::test;

constexpr std::uint32_t width = 160;
constexpr std::uint32_t height = 120;

raster picture(std::uint32_t seed) {
  pixels image = synthetic_image(seed, width, height);
  raster result{width, height, 3, {}};
  for (std::uint32_t y = 0; y < height; ++y) {
    result.samples.insert(result.samples.end(), image.at(0, y), image.at(0, y) + std::size_t{width} * 3);
  }
  return result;
}

// The picture in the middle of a black frame of 12 pixels, the size of a whole one.
raster framed_picture(std::uint32_t seed) {
  constexpr std::uint32_t border = 12;
  raster result = flat(width, height, {0, 0, 0});
  pixels inner = synthetic_image(seed, width - 2 * border, height - 2 * border);
  for (std::uint32_t y = 0; y < height - 2 * border; ++y) {
    const auto place = result.samples.begin() + ((y + border) * width + border) * 3;
    std::copy(inner.at(0, y), inner.at(0, y) + std::size_t{width - 2 * border} * 3, place);
  }
  return result;
}

bytes animation(const std::vector<raster> &pictures) {
  std::vector<apng_frame> frames;
  for (const raster &each : pictures) {
    apng_frame frame;
    frame.picture = each;
    frames.push_back(frame);
  }
  return encode_apng(width, height, frames);
}

scan_result scan(const bytes &file, std::uint32_t max_images = 64, bool trims = true) {
  scan_request request;
  request.options = LM_HASH_OPTIONS_INIT;
  request.options.orientations = LM_ORIENTATIONS_SAMPLED;
  request.options.trim_borders = trims ? 1 : 0;
  request.options.max_images = max_images;
  request.pixels = true;
  return scan_file({nullptr, {file.data(), file.size()}}, request, *make_direct_scanner(open_backend("scalar")));
}

std::vector<std::uint32_t> frames_of(const scan_result &result) {
  std::vector<std::uint32_t> frames;
  for (const scanned_image &image : result.images) {
    frames.push_back(image.frame);
  }
  return frames;
}

using frames = std::vector<std::uint32_t>;

TEST(ScanImages, DistinctOnesAreKept) {
  const scan_result result = scan(animation({picture(1), picture(1), picture(2), picture(1), picture(3)}));
  EXPECT_EQ(result.scan, LM_SCAN_OK) << result.reason;
  EXPECT_EQ(frames_of(result), (frames{0, 2, 4}));
  for (const scanned_image &image : result.images) {
    EXPECT_FALSE(image.trimmed);
    EXPECT_EQ(image.codes.size(), 8 * pdq_code_size_bytes);
    EXPECT_EQ(image.part.width, width);
    EXPECT_EQ(image.part.height, height);
  }
}

TEST(ScanImages, TheLimitIsThatOfDistinctOnes) {
  const bytes file = animation({picture(1), picture(1), picture(2), picture(1), picture(3)});
  EXPECT_EQ(scan(file, 3).scan, LM_SCAN_OK);
  const scan_result two = scan(file, 2);
  EXPECT_EQ(two.scan, LM_SCAN_LIMIT);
  EXPECT_EQ(two.reason, "more distinct images than the limit of 2");
  EXPECT_EQ(frames_of(two), (frames{0, 2}));
  const scan_result first = scan(file, 0);
  EXPECT_EQ(first.scan, LM_SCAN_OK) << "nothing but the first was asked for";
  EXPECT_EQ(frames_of(first), (frames{0}));
}

TEST(ScanImages, WhatABorderFramesFollowsItsImage) {
  const scan_result result = scan(animation({picture(1), framed_picture(2), picture(3), framed_picture(4)}));
  EXPECT_EQ(result.scan, LM_SCAN_OK) << result.reason;
  EXPECT_EQ(frames_of(result), (frames{0, 1, 1, 2, 3, 3}));
  for (const std::size_t place : {std::size_t{2}, std::size_t{5}}) {
    const scanned_image &image = result.images[place];
    EXPECT_TRUE(image.trimmed);
    EXPECT_EQ(image.part.x, 12U);
    EXPECT_EQ(image.part.y, 12U);
    EXPECT_EQ(image.part.width, width - 24);
    EXPECT_EQ(image.part.height, height - 24);
    const pixels inner = synthetic_image(place == 2 ? 2 : 4, width - 24, height - 24);
    const pdq_result expected = pdq_definition(inner.view(), LM_ORIENTATIONS_SAMPLED);
    EXPECT_TRUE(std::equal(expected.codes[0].begin(), expected.codes[0].end(), image.codes.begin()));
    EXPECT_EQ(image.quality, expected.quality);
  }
  EXPECT_EQ(frames_of(scan(animation({picture(1), framed_picture(2)}), 64, false)), (frames{0, 1}));
}

TEST(ScanImages, ThoseBeforeADamagedOneStay) {
  bytes file = animation({framed_picture(1), picture(2), picture(3)});
  file.resize(file.size() - 2000);
  const scan_result result = scan(file);
  EXPECT_EQ(result.scan, LM_SCAN_DAMAGED);
  EXPECT_NE(result.reason, "");
  EXPECT_EQ(frames_of(result), (frames{0, 0, 1}));
  EXPECT_TRUE(result.images[1].trimmed);
}

TEST(ScanImages, KeypointsAreThoseThatWereAskedFor) {
  scan_request request;
  request.options = LM_HASH_OPTIONS_INIT;
  request.options.keypoints = 20;
  request.pixels = true;
  const bytes file = animation({picture(1), picture(2)});
  const auto device = open_backend("scalar");
  const scan_result reference =
      scan_file({nullptr, {file.data(), file.size()}}, request, *make_direct_scanner(device));
  ASSERT_EQ(reference.images.size(), 2U);
  EXPECT_LE(reference.images[0].keypoints.points.size(), 20U);
  EXPECT_FALSE(reference.images[0].keypoints.signature.empty());
  EXPECT_TRUE(reference.images[0].keypoints.view.pixels.empty());
  request.role = keypoint_role::query;
  const scan_result query = scan_file({nullptr, {file.data(), file.size()}}, request, *make_direct_scanner(device));
  EXPECT_FALSE(query.images[0].keypoints.view.pixels.empty());
}

TEST(ScanImages, OtherHashesHaveEveryDistinctImageToo) {
  const std::vector<raster> pictures{picture(1), picture(1), picture(2), picture(3)};
  const bytes file = animation(pictures);
  const auto device = open_backend("scalar");
  scan_request request;
  request.options = LM_HASH_OPTIONS_INIT;
  request.options.hash = LM_HASH_PHASH64;
  request.pixels = true;
  const scan_result all = scan_file({nullptr, {file.data(), file.size()}}, request, *make_direct_scanner(device));
  EXPECT_EQ(all.scan, LM_SCAN_OK) << all.reason;
  EXPECT_EQ(frames_of(all), (frames{0, 2, 3}));
  for (const scanned_image &image : all.images) {
    const lm_image pixels{pictures[image.frame].samples.data(), width, height, std::size_t{width} * 3, LM_PIXEL_RGB8};
    const hashed_pixels expected = hash_pixels(pixels, request.options, *device);
    EXPECT_EQ(image.codes, expected.codes);
    EXPECT_EQ(image.quality, expected.quality);
    EXPECT_TRUE(image.keypoints.points.empty());
  }
  request.options.max_images = 2;
  const scan_result two = scan_file({nullptr, {file.data(), file.size()}}, request, *make_direct_scanner(device));
  EXPECT_EQ(two.scan, LM_SCAN_LIMIT);
  EXPECT_EQ(frames_of(two), (frames{0, 2}));
}

// The hash refuses an image, not the file: those before it stay.
TEST(ScanImages, ThoseBeforeOneThatCannotBeHashedStay) {
  tiff_page small;
  small.width = 40;
  small.height = 30;
  tiff_page line;
  line.width = 65536;
  line.height = 1;
  for (tiff_page *page : {&small, &line}) {
    page->samples.assign(std::size_t{page->width} * page->height * 3, 100);
  }
  const bytes file = encode_tiff({small, line});
  scan_request request;
  request.options = LM_HASH_OPTIONS_INIT;
  request.options.hash = LM_HASH_DHASH64;
  request.pixels = true;
  const scan_result result =
      scan_file({nullptr, {file.data(), file.size()}}, request, *make_direct_scanner(open_backend("scalar")));
  EXPECT_EQ(result.scan, LM_SCAN_LIMIT);
  EXPECT_EQ(result.reason, "a side of 65536 pixels is over the 65535 that this hash takes");
  EXPECT_EQ(frames_of(result), (frames{0}));
}

}  // namespace
}  // namespace libmatch::detail
