// Rows of JPEG pictures for AVX2.
#include "image/jpeg_rows_body.h"

namespace libmatch::detail {

extern const jpeg_row_kernels jpeg_row_kernels_avx2 = LIBMATCH_JPEG_ROW_KERNELS;

}  // namespace libmatch::detail
