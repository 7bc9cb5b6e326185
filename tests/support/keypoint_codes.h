// Many keypoint codes, spread as those of pictures: for benchmarks. The same for a seed on every machine.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/aligned_vector.h"
#include "hash/keypoints.h"
#include "support/drawn_picture.h"
#include "support/random_codes.h"

namespace libmatch::test {

// The codes of pictures of 512 x 512 pixels, each put together from 64 drawn ones: 200 points of each at most.
inline std::vector<std::uint64_t> codes_of_drawn_pictures(std::size_t pictures, std::uint64_t seed) {
  constexpr std::uint32_t tiles = 8;
  constexpr std::uint32_t tile_side = drawn_picture::side / 2;
  std::vector<std::uint64_t> codes;
  for (std::size_t i = 0; i < pictures; ++i) {
    detail::gray_plane plane{tiles * tile_side, tiles * tile_side, {}};
    plane.pixels.resize(std::size_t{plane.width} * plane.height);
    for (std::uint32_t tile = 0; tile < tiles * tiles; ++tile) {
      drawn_picture picture(seed + i * tiles * tiles + tile);
      picture.draw();
      const auto pixels = picture.halved();
      for (std::uint32_t y = 0; y < tile_side; ++y) {
        const std::size_t row = (std::size_t{tile / tiles} * tile_side + y) * plane.width;
        std::copy_n(&pixels[std::size_t{y} * tile_side], tile_side,
                    &plane.pixels[row + std::size_t{tile % tiles} * tile_side]);
      }
    }
    const detail::keypoint_set set = detail::extract_keypoints(plane, {});
    codes.insert(codes.end(), set.codes.begin(), set.codes.end());
  }
  return codes;
}

// n codes: those given, over and over, each with 40 bits drawn at random and flipped, so that none is near another
// for having the same origin, and places that go together in the given ones still do.
inline detail::aligned_vector<std::uint64_t> bulk_codes(const std::vector<std::uint64_t> &given, std::size_t n,
                                                        std::uint64_t seed) {
  constexpr std::size_t words = detail::keypoint_code_words;
  constexpr int draws = 40;
  random_source random(seed);
  detail::aligned_vector<std::uint64_t> codes(n * words);
  for (std::size_t i = 0; i < n; ++i) {
    std::copy_n(&given[i * words % given.size()], words, &codes[i * words]);
    for (int draw = 0; draw < draws; draw += 8) {
      for (std::uint64_t bits = random.next(), k = 0; k < 8; ++k, bits >>= 8) {
        codes[i * words + (bits >> 6 & 3U)] ^= std::uint64_t{1} << (bits & 63U);
      }
    }
  }
  return codes;
}

}  // namespace libmatch::test
