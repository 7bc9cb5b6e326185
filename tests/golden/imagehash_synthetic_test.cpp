// aHash, dHash and pHash against python imagehash on images that integer arithmetic makes.
#include <gtest/gtest.h>

#include "golden/imagehash_synthetic_vectors.h"
#include "hash/imagehash.h"
#include "support/hex.h"
#include "support/synthetic_image.h"

namespace libmatch::test {

namespace {

TEST(ImagehashSynthetic, EqualsPythonImagehash) {
  for (const imagehash_vector &vector : imagehash_vectors) {
    const pixels image = synthetic_image(vector.seed, vector.width, vector.height);
    for (std::size_t i = 0; i < vector.codes.size(); ++i) {
      const auto hash = static_cast<lm_hash>(LM_HASH_AHASH64 + static_cast<lm_hash>(i));
      const std::vector<std::uint8_t> code = detail::imagehash_code(hash, image.view());
      EXPECT_EQ(hex_of(code.data(), code.size()), vector.codes[i])
          << vector.width << "x" << vector.height << ", hash " << hash;
    }
  }
}

}  // namespace

}  // namespace libmatch::test
