#include "distance/dispatch.h"

namespace libmatch::detail {

const distance_kernels &kernels_for(instruction_set set) noexcept {
#if defined(LIBMATCH_SIMD)
  if (set == instruction_set::avx512 && can_run(set)) {
    return avx512_kernels;
  }
  if (set == instruction_set::avx2 && can_run(set)) {
    return avx2_kernels;
  }
#else
  static_cast<void>(set);
#endif
  return scalar_kernels;
}

const vector_kernels &vector_kernels_for(instruction_set set) noexcept {
#if defined(LIBMATCH_SIMD)
  if (set == instruction_set::avx512 && can_run(set)) {
    return host_cpu_features().avx512vnni ? avx512_vnni_vector_kernels : avx512_vector_kernels;
  }
  if (set == instruction_set::avx2 && can_run(set)) {
    return avx2_vector_kernels;
  }
#else
  static_cast<void>(set);
#endif
  return scalar_vector_kernels;
}

}  // namespace libmatch::detail
