#include "hash/pdq.h"

#include <algorithm>

#include "hash/pdq_dispatch.h"
#include "hash/pdq_downsampler.h"
#include "hash/pdq_stream.h"

namespace libmatch::detail {

namespace {

// The true ones are as good, and of a small image as cheap.
lm_orientations exact_if_small(const lm_image &image, lm_orientations orientations) {
  return orientations == LM_ORIENTATIONS_SAMPLED && !can_be_sampled(image.width, image.height) ? LM_ORIENTATIONS_TRUE
                                                                                               : orientations;
}

pdq_result codes_at_once(const lm_image &image, lm_orientations orientations, instruction_set set) {
  pdq_stream stream({image.width, image.height, image.format}, orientations, set);
  stream.rows(image.pixels, image.height, image.stride_bytes);
  return stream.finish();
}

}  // namespace

pdq_result pdq(const lm_image &image, lm_orientations orientations, instruction_set set) {
  if (exact_if_small(image, orientations) != LM_ORIENTATIONS_TRUE) {
    return codes_at_once(image, orientations, set);
  }
  pdq_result result = codes_at_once(image, LM_ORIENTATIONS_PLAIN, set);
  if (image.width < pdq_min_side || image.height < pdq_min_side) {
    return result;
  }
  const pdq_kernels &kernels = pdq_kernels_for(set, std::max(image.width, image.height));
  for (int orientation = 1; orientation < 8; ++orientation) {
    const pdq_samples samples = averaged_down(view_of(image, orientation), kernels);
    result.codes[static_cast<std::size_t>(orientation)] = code_of(coefficients_of(samples, kernels));
  }
  return result;
}

}  // namespace libmatch::detail
