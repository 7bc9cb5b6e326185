// PDQ against its reference on images that integer arithmetic makes.
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "golden/pdq_synthetic_vectors.h"
#include "hash/digest.h"
#include "support/hex.h"
#include "support/pdq_versions.h"
#include "support/synthetic_image.h"

namespace libmatch::test {

namespace {

std::string size_of(const pdq_vector &vector) {
  return std::to_string(vector.width) + "x" + std::to_string(vector.height);
}

TEST(PdqSynthetic, ImagesAreThoseThatTheReferenceSaw) {
  for (const pdq_vector &vector : pdq_synthetic_vectors) {
    const pixels image = synthetic_image(vector.seed, vector.width, vector.height);
    detail::digester sha256(LM_HASH_SHA256);
    sha256.update(image.bytes.data(), image.bytes.size());
    std::uint8_t digest[detail::max_digest_size_bytes];
    sha256.finish(digest);
    EXPECT_EQ(hex_of(digest, 32), vector.rgb_sha256) << size_of(vector);
  }
}

class PdqSyntheticVersion : public testing::TestWithParam<pdq_version> {};

TEST_P(PdqSyntheticVersion, EqualsTheReference) {
  LIBMATCH_SKIP_IF_IT_CANNOT_RUN(GetParam());
  for (const pdq_vector &vector : pdq_synthetic_vectors) {
    const pixels image = synthetic_image(vector.seed, vector.width, vector.height);
    const detail::pdq_result result = GetParam().hash(image.view(), LM_ORIENTATIONS_DERIVED);
    EXPECT_EQ(result.quality, vector.quality) << size_of(vector);
    for (std::size_t orientation = 0; orientation < 8; ++orientation) {
      EXPECT_EQ(hex_of(result.codes[orientation]), vector.codes[orientation])
          << size_of(vector) << ", orientation " << orientation;
    }
    const detail::pdq_result plain = GetParam().hash(image.view(), LM_ORIENTATIONS_PLAIN);
    EXPECT_EQ(plain.quality, vector.quality) << size_of(vector);
    EXPECT_EQ(hex_of(plain.codes[LM_ORIENTATION_PLAIN]), vector.codes[LM_ORIENTATION_PLAIN]) << size_of(vector);
    EXPECT_EQ(plain.codes[LM_ORIENTATION_ROTATE90], detail::pdq_code{}) << "only the plain code was asked for";
  }
}

INSTANTIATE_TEST_SUITE_P(Definition, PdqSyntheticVersion, testing::Values(pdq_definition_version),
                         testing::PrintToStringParamName());
INSTANTIATE_TEST_SUITE_P(Fast, PdqSyntheticVersion, testing::ValuesIn(pdq_fast_versions),
                         testing::PrintToStringParamName());

}  // namespace

}  // namespace libmatch::test
