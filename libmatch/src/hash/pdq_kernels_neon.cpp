// The hot loops of pdq() for NEON.
#define LIBMATCH_PDQ_NEON
#include "hash/pdq_kernels_body.h"

namespace libmatch::detail {

extern const pdq_kernels pdq_kernels_neon = LIBMATCH_PDQ_KERNELS;

}  // namespace libmatch::detail
