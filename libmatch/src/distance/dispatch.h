#pragma once

#include "core/cpu_features.h"
#include "distance/kernels.h"

namespace libmatch::detail {

// The kernels for an instruction set that can_run(); the scalar ones otherwise.
const distance_kernels &kernels_for(instruction_set set) noexcept;

}  // namespace libmatch::detail
