#include "image/jpeg_rows.h"

#include "core/cpu_features.h"

namespace libmatch::detail {

const jpeg_row_kernels *jpeg_row_kernels_for(instruction_set set) noexcept {
#if defined(LIBMATCH_X86)
  switch (set) {
    case instruction_set::avx512:
    case instruction_set::avx512bw:
      return &jpeg_row_kernels_avx512;
    case instruction_set::avx2:
      return &jpeg_row_kernels_avx2;
    default:
      return nullptr;
  }
#else
  static_cast<void>(set);
  return nullptr;
#endif
}

const jpeg_row_kernels *best_jpeg_row_kernels() noexcept {
  for (const instruction_set set : instruction_sets_best_first) {
    if (can_run(set)) {
      return jpeg_row_kernels_for(set);
    }
  }
  return nullptr;
}

}  // namespace libmatch::detail
