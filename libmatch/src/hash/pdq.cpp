#include "hash/pdq.h"

#include <algorithm>

#include "hash/pdq_coefficients.h"
#include "hash/pdq_downsampler.h"
#include "hash/pdq_kernels.h"

namespace libmatch::detail {

namespace {

const pdq_kernels &kernels_for(instruction_set set, const lm_image &image) {
#if defined(LIBMATCH_X86)
  // Division by way of a reciprocal is exact for windows up to a limit only.
  const std::size_t longest = std::max(image.width, image.height);
  if ((set == instruction_set::avx512 || set == instruction_set::avx512bw) && longest <= pdq_reciprocal_limit * 128) {
    return pdq_kernels_avx512;
  }
  if (set != instruction_set::scalar) {
    return pdq_kernels_avx2;
  }
#else
  static_cast<void>(set);
  static_cast<void>(image);
#endif
  return pdq_kernels_scalar;
}

pdq_coefficients coefficients_of(const pdq_samples &samples, const pdq_kernels &kernels) {
  pdq_coefficients result;
  kernels.transform(samples.data(), cosines().data(), transposed_cosines().data(), result.data());
  return result;
}

}  // namespace

pdq_result pdq(const lm_image &image, lm_orientations orientations, instruction_set set) {
  pdq_result result;
  if (image.width < 5 || image.height < 5) {
    return result;
  }
  const pdq_kernels &kernels = kernels_for(set, image);
  const pdq_samples samples = averaged_down(view_of(image, LM_ORIENTATION_PLAIN), kernels);
  const pdq_coefficients coefficients = coefficients_of(samples, kernels);
  result.quality = static_cast<std::uint8_t>(std::min(kernels.gradient(samples.data()) / 90, 100));
  result.codes[LM_ORIENTATION_PLAIN] = code_of(coefficients);
  if (orientations == LM_ORIENTATIONS_PLAIN) {
    return result;
  }
  for (int orientation = 1; orientation < 8; ++orientation) {
    const pdq_coefficients oriented =
        orientations == LM_ORIENTATIONS_DERIVED
            ? turned(coefficients, orientation)
            : coefficients_of(averaged_down(view_of(image, orientation), kernels), kernels);
    result.codes[static_cast<std::size_t>(orientation)] = code_of(oriented);
  }
  return result;
}

}  // namespace libmatch::detail
