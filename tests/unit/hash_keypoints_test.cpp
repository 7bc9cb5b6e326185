#include "hash/keypoints.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "hash/digest.h"
#include "hash/frame_signature.h"
#include "support/hex.h"
#include "support/pixels.h"
#include "support/shape_picture.h"
#include "support/synthetic_image.h"

namespace libmatch::detail {

namespace {

gray_plane plane_of(const test::pixels &image, std::uint32_t max_side) {
  plane_builder builder(image.width, image.height, max_side);
  builder.rows(image.height, image.bytes.data(), image.stride_bytes());
  return builder.finish();
}

// Of all that a set holds, byte by byte, so that the order of bytes of the machine does not matter.
std::string digest_of(const keypoint_set &set) {
  std::vector<std::uint8_t> bytes;
  const auto add = [&](std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
  };
  add(set.width, 2);
  add(set.height, 2);
  for (const keypoint &point : set.points) {
    add(point.x, 2);
    add(point.y, 2);
    add(point.scale, 1);
    add(point.angle, 1);
  }
  for (const std::uint64_t word : set.codes) {
    add(word, 8);
  }
  bytes.insert(bytes.end(), set.signature.begin(), set.signature.end());
  bytes.insert(bytes.end(), set.view.pixels.begin(), set.view.pixels.end());
  digester digest(LM_HASH_SHA256);
  digest.update(bytes.data(), bytes.size());
  std::array<std::uint8_t, 32> result{};
  digest.finish(result.data());
  return test::hex_of(result);
}

// Every machine and instruction set must give these.
TEST(Keypoints, TheSameBytesEverywhere) {
  const keypoint_set reference =
      extract_keypoints(plane_of(test::synthetic_image(1, 1000, 700), 512), {200, keypoint_role::reference});
  EXPECT_EQ(reference.points.size(), 200U);
  EXPECT_EQ(digest_of(reference), "7e3c1801eb33ac5d6ad827d438219620a78f50d7ee07ee0d9aa26a40ec3f80f4");
  const keypoint_set query = extract_keypoints(test::shape_picture(2, 640, 480), {1000, keypoint_role::query});
  EXPECT_EQ(query.points.size(), 1000U);
  EXPECT_EQ(digest_of(query), "150ad9f2d9a1a2ea955784c84309bfff9b205b294d5b93cce7745620915812af");
}

TEST(Keypoints, SizesFitTheirBounds) {
  const keypoint_set set = extract_keypoints(test::shape_picture(3, 512, 384), {200, keypoint_role::reference});
  EXPECT_EQ(set.width, 512);
  EXPECT_EQ(set.height, 384);
  EXPECT_EQ(set.codes.size(), set.points.size() * keypoint_code_words);
  EXPECT_EQ(set.signature.size(), frame_signature_size_bytes);
  EXPECT_LE(set.signature.size(), 1536U);
  EXPECT_TRUE(set.view.pixels.empty());
  for (const keypoint &point : set.points) {
    EXPECT_LT(point.x, 512 * 16);
    EXPECT_LT(point.y, 384 * 16);
  }
}

TEST(Keypoints, AreSpreadOverThePicture) {
  const keypoint_set set = extract_keypoints(test::shape_picture(4, 512, 512), {200, keypoint_role::reference});
  std::array<int, 16> cells{};
  for (const keypoint &point : set.points) {
    ++cells[point.y / std::size_t{2048} * 4 + point.x / std::size_t{2048}];
  }
  for (const int cell : cells) {
    EXPECT_GE(cell, 3);
  }
}

TEST(Keypoints, PicturesWithoutCornersHaveNone) {
  for (const auto &[width, height] : {std::pair{1U, 1U}, {1U, 1024U}, {1024U, 1U}, {40U, 40U}, {512U, 512U}}) {
    const gray_plane flat{width, height, std::vector<std::uint8_t>(std::size_t{width} * height, 127)};
    for (const keypoint_role role : {keypoint_role::reference, keypoint_role::query}) {
      const keypoint_set set = extract_keypoints(flat, {1000, role});
      EXPECT_TRUE(set.points.empty());
      EXPECT_TRUE(set.codes.empty());
      EXPECT_EQ(set.signature.size(), role == keypoint_role::reference ? frame_signature_size_bytes : 0);
    }
  }
}

TEST(Keypoints, NoiseOfAnySizeStaysWithinBounds) {
  for (const auto &[width, height] : {std::pair{5U, 5U}, {49U, 48U}, {50U, 300U}, {333U, 61U}, {1024U, 64U}}) {
    test::number_sequence numbers(width);
    gray_plane plane{width, height, std::vector<std::uint8_t>(std::size_t{width} * height)};
    for (std::uint8_t &pixel : plane.pixels) {
      pixel = static_cast<std::uint8_t>(numbers.next() >> 24);
    }
    const keypoint_set set = extract_keypoints(plane, {300, keypoint_role::query});
    EXPECT_LE(set.points.size(), 300U);
    EXPECT_EQ(set.points.empty(), std::min(width, height) < 48) << width << " x " << height;
  }
}

TEST(Keypoints, NoneWhenNoneAreWanted) {
  EXPECT_TRUE(extract_keypoints(test::shape_picture(5, 300, 300), {0, keypoint_role::reference}).points.empty());
}

TEST(Keypoints, MirroringTwiceGivesTheCodeBack) {
  const std::array<std::uint64_t, 4> code{1, 2, 3, 4};
  const std::array<std::uint64_t, 4> mirrored = mirrored_code(code.data());
  EXPECT_EQ(mirrored, (std::array<std::uint64_t, 4>{3, 4, 1, 2}));
  EXPECT_EQ(mirrored_code(mirrored.data()), code);
}

}  // namespace

}  // namespace libmatch::detail
