// The hot loops of pdq() for AVX2.
#include "hash/pdq_kernels_body.h"

namespace libmatch::detail {

extern const pdq_kernels pdq_kernels_avx2 = LIBMATCH_PDQ_KERNELS;

}  // namespace libmatch::detail
