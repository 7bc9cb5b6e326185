#include "scan/pixels.h"

#include <gtest/gtest.h>

#include "core/hashes.h"
#include "support/hex.h"
#include "support/synthetic_image.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

std::string hex(const hashed_pixels &hashed) { return hex_of(hashed.codes.data(), hashed.codes.size()); }

}  // namespace

TEST(HashPixels, EveryHashOfImagesIsComputed) {
  const pixels image = synthetic_image(1259, 200, 300);
  const auto device = open_backend("scalar");
  for (const hash_description &description : all_hashes()) {
    if (!description.is_of_pixels) {
      continue;
    }
    lm_hash_options options = LM_HASH_OPTIONS_INIT;
    options.hash = description.hash;
    EXPECT_EQ(hash_of(options).hash, description.hash);
    EXPECT_EQ(hash_of(options).bits, description.bits);
    const hashed_pixels hashed = hash_pixels(image.view(), options, *device);
    EXPECT_EQ(hashed.codes.size(), description.bits / 8) << description.name;
    EXPECT_EQ(hashed.quality, 100) << description.name;
    EXPECT_GT(description.usual_distance, 0U) << description.name;
  }
  lm_hash_options options = LM_HASH_OPTIONS_INIT;
  options.hash = LM_HASH_PHASH64;
  EXPECT_EQ(hex(hash_pixels(image.view(), options, *device)), "e6f8708580a4dd77");
  options.hash = LM_HASH_DHASH64;
  EXPECT_EQ(hex(hash_pixels(image.view(), options, *device)), "0f0f0f0f0f0f0f0f");
}

TEST(HashPixels, OnlyPdqHasEightCodes) {
  const pixels image = synthetic_image(1259, 200, 300);
  lm_hash_options options = LM_HASH_OPTIONS_INIT;
  options.orientations = LM_ORIENTATIONS_DERIVED;
  const hashed_pixels hashed = hash_pixels(image.view(), options, *open_backend("scalar"));
  EXPECT_EQ(hashed.codes.size(), 8 * pdq_code_size_bytes);
  EXPECT_EQ(hex(hashed).substr(0, 64), "28d5c9811375b6a20017b6a26428a6a22a2a77f7ecff7eb2003f7ef220077eaf");
  EXPECT_EQ(hex(hashed).substr(64, 64), "5520bd8817f5c3a200b5e88a35d597b3d575579335fd578300a1579415ff1794");
}
