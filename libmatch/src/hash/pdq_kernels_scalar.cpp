// The hot loops of pdq() for the compiler's baseline.
#include "hash/pdq_kernels_body.h"

namespace libmatch::detail {

extern const pdq_kernels pdq_kernels_scalar = LIBMATCH_PDQ_KERNELS;

}  // namespace libmatch::detail
