// How far sampled orientations may be from the true ones: what docs/decisions/006-tier-one.md says of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "support/pdq_versions.h"
#include "support/pixels.h"
#include "support/synthetic_image.h"

namespace libmatch::test {

namespace {

struct difference {
  int largest = 0;
  double sum = 0;
  int codes = 0;

  double mean() const { return sum / codes; }
};

// Bits of the seven orientations beside the plain one, which is the same.
void add(const pdq_version &version, const pixels &image, difference &result) {
  const detail::pdq_result exact = version.hash(image.view(), LM_ORIENTATIONS_TRUE);
  const detail::pdq_result sampled = version.hash(image.view(), LM_ORIENTATIONS_SAMPLED);
  EXPECT_EQ(sampled.codes[LM_ORIENTATION_PLAIN], exact.codes[LM_ORIENTATION_PLAIN]);
  EXPECT_EQ(sampled.quality, exact.quality);
  for (std::size_t orientation = 1; orientation < 8; ++orientation) {
    int bits = 0;
    for (std::size_t i = 0; i < detail::pdq_code_size_bytes; ++i) {
      bits += std::popcount(static_cast<unsigned>(exact.codes[orientation][i] ^ sampled.codes[orientation][i]));
    }
    result.largest = std::max(result.largest, bits);
    result.sum += bits;
    ++result.codes;
  }
}

constexpr pdq_version version{"scalar", false, detail::instruction_set::scalar};

TEST(PdqSampled, NearlyTheTrueOnes) {
  difference of_pictures;
  difference of_noise;
  number_sequence numbers(11);
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    const auto side = [&] { return 257 + numbers.next() % 900; };
    const std::uint32_t width = seed % 3 == 0 ? 20 + numbers.next() % 109 : side();
    const std::uint32_t height = seed % 5 == 0 ? 20 + numbers.next() % 109 : side();
    add(version, synthetic_image(seed, width, height), of_pictures);
    add(version, noise(seed, width, height, LM_PIXEL_RGB8), of_noise);
  }
  EXPECT_LE(of_pictures.largest, 4);
  EXPECT_LE(of_pictures.mean(), 0.1);
  EXPECT_LE(of_noise.largest, 4);
  EXPECT_LE(of_noise.mean(), 0.1);
}

TEST(PdqSampled, TheTrueOnesWhereASideHasAWindowOfTwo) {
  difference all;
  for (const std::uint32_t side : {129U, 200U, 256U}) {
    add(version, noise(side, side, side, LM_PIXEL_RGB8), all);
    add(version, noise(side, side, 300, LM_PIXEL_GRAY8), all);
    add(version, noise(side, 90, side, LM_PIXEL_RGBA8, 3), all);
  }
  EXPECT_EQ(all.largest, 0);
}

}  // namespace

}  // namespace libmatch::test
