// The shared object of the CUDA backend, opened at run time: the library itself depends on nothing of NVIDIA's.
#pragma once

#include <cstdint>
#include <string>

#include "cuda/backend_table.h"

namespace libmatch::detail {

// The table, opened once for the process and never closed. LM_ERROR_UNSUPPORTED says what is missing: the driver, the
// backend in this build, its shared object, or the one of this version.
const cuda::backend_table &cuda_table();

// How many devices cuda_table() has; 0 where it has none, or there is none.
std::int32_t cuda_device_count() noexcept;

}  // namespace libmatch::detail
