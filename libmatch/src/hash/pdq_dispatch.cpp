#include "hash/pdq_dispatch.h"

namespace libmatch::detail {

const pdq_kernels &pdq_kernels_for(instruction_set set, std::size_t longest_side) {
#if defined(LIBMATCH_X86)
  // Division by way of a reciprocal is exact for windows up to a limit only.
  const bool has_exact_reciprocals = longest_side <= pdq_reciprocal_limit * 128;
  if ((set == instruction_set::avx512 || set == instruction_set::avx512bw) && has_exact_reciprocals) {
    return pdq_kernels_avx512;
  }
  if (set != instruction_set::scalar) {
    return pdq_kernels_avx2;
  }
#elif defined(LIBMATCH_NEON)
  if (set == instruction_set::neon && longest_side <= pdq_reciprocal_limit * 128) {
    return pdq_kernels_neon;
  }
#else
  static_cast<void>(set);
  static_cast<void>(longest_side);
#endif
  return pdq_kernels_scalar;
}

pdq_coefficients coefficients_of(const pdq_samples &samples, const pdq_kernels &kernels) {
  pdq_coefficients result;
  kernels.transform(samples.data(), cosines().data(), transposed_cosines().data(), result.data());
  return result;
}

}  // namespace libmatch::detail
