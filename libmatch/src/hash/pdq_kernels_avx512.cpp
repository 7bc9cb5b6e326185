// The hot loops of pdq() for AVX-512 F, BW, DQ and VL.
#include "hash/pdq_kernels_body.h"

namespace libmatch::detail {

extern const pdq_kernels pdq_kernels_avx512 = LIBMATCH_PDQ_KERNELS;

}  // namespace libmatch::detail
