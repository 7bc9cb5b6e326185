#include "distance/dispatch.h"

#include <algorithm>

namespace libmatch::detail {

const distance_kernels &kernels_for(instruction_set set) noexcept {
  if (!can_run(set)) {
    return scalar_kernels;
  }
  switch (set) {
#if defined(LIBMATCH_X86)
    case instruction_set::avx512:
      return avx512_kernels;
    case instruction_set::avx512bw:
      return avx512bw_kernels;
    case instruction_set::avx2:
      return avx2_kernels;
#elif defined(LIBMATCH_NEON)
    case instruction_set::neon:
      return neon_kernels;
#endif
    default:
      return scalar_kernels;
  }
}

const distance_kernels &fastest_kernels() noexcept {
  return kernels_for(*std::find_if(instruction_sets_best_first.begin(), instruction_sets_best_first.end(), can_run));
}

const vector_kernels &vector_kernels_for(instruction_set set) noexcept {
  if (!can_run(set)) {
    return scalar_vector_kernels;
  }
  switch (set) {
#if defined(LIBMATCH_X86)
    case instruction_set::avx512:
    case instruction_set::avx512bw:
      return host_cpu_features().avx512vnni ? avx512_vnni_vector_kernels : avx512bw_vector_kernels;
    case instruction_set::avx2:
      return avx2_vector_kernels;
#elif defined(LIBMATCH_NEON)
    case instruction_set::neon:
      return neon_vector_kernels;
#endif
    default:
      return scalar_vector_kernels;
  }
}

}  // namespace libmatch::detail
