// What the eight true codes of an image must be, however they are computed: those of the image really turned.
#include <gtest/gtest.h>

#include "support/pdq_versions.h"
#include "support/pixels.h"
#include "support/synthetic_image.h"

namespace libmatch::test {

namespace {

class PdqOrientations : public testing::TestWithParam<pdq_version> {
 protected:
  void SetUp() override { LIBMATCH_SKIP_IF_IT_CANNOT_RUN(GetParam()); }
};

// The one turn that does what `first` and then `second` do.
int turn_after_turn(int first, int second) {
  pixels tiny(3, 2, LM_PIXEL_GRAY8);
  tiny.bytes = {1, 2, 3, 4, 5, 6};
  const pixels both = turned(turned(tiny, first), second);
  for (int orientation = 0; orientation < 8; ++orientation) {
    const pixels once = turned(tiny, orientation);
    if (once.width == both.width && once.bytes == both.bytes) {
      return orientation;
    }
  }
  return -1;
}

TEST_P(PdqOrientations, TrueCodesAreThoseOfTheTurnedImage) {
  const pixels image = synthetic_image(5, 333, 250);
  const detail::pdq_result result = GetParam().hash(image.view(), LM_ORIENTATIONS_TRUE);
  for (int orientation = 0; orientation < 8; ++orientation) {
    const detail::pdq_result of_turned = GetParam().hash(turned(image, orientation).view(), LM_ORIENTATIONS_PLAIN);
    EXPECT_EQ(of_turned.codes[LM_ORIENTATION_PLAIN], result.codes[static_cast<std::size_t>(orientation)])
        << "orientation " << orientation;
  }
}

TEST_P(PdqOrientations, TurningTheImagePermutesItsTrueCodes) {
  const pixels image = noise(6, 137, 71, LM_PIXEL_RGB8, 5);
  const detail::pdq_result result = GetParam().hash(image.view(), LM_ORIENTATIONS_TRUE);
  for (int first = 0; first < 8; ++first) {
    const detail::pdq_result of_turned = GetParam().hash(turned(image, first).view(), LM_ORIENTATIONS_TRUE);
    for (int second = 0; second < 8; ++second) {
      const int both = turn_after_turn(first, second);
      ASSERT_GE(both, 0);
      EXPECT_EQ(of_turned.codes[static_cast<std::size_t>(second)], result.codes[static_cast<std::size_t>(both)])
          << "orientation " << first << ", then " << second;
    }
  }
}

TEST_P(PdqOrientations, ThePlainCodeDoesNotDependOnWhatElseIsAskedFor) {
  const pixels image = synthetic_image(7, 200, 301);
  const detail::pdq_result plain = GetParam().hash(image.view(), LM_ORIENTATIONS_PLAIN);
  for (const lm_orientations orientations :
       {LM_ORIENTATIONS_DERIVED, LM_ORIENTATIONS_SAMPLED, LM_ORIENTATIONS_TRUE}) {
    const detail::pdq_result result = GetParam().hash(image.view(), orientations);
    EXPECT_EQ(result.codes[LM_ORIENTATION_PLAIN], plain.codes[LM_ORIENTATION_PLAIN]);
    EXPECT_EQ(result.quality, plain.quality);
  }
}

INSTANTIATE_TEST_SUITE_P(Definition, PdqOrientations, testing::Values(pdq_definition_version),
                         testing::PrintToStringParamName());
INSTANTIATE_TEST_SUITE_P(Fast, PdqOrientations, testing::ValuesIn(pdq_fast_versions),
                         testing::PrintToStringParamName());

}  // namespace

}  // namespace libmatch::test
