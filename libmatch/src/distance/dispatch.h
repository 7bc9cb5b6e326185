#pragma once

#include "core/cpu_features.h"
#include "distance/kernels.h"
#include "distance/vector_kernels.h"

namespace libmatch::detail {

// The kernels for an instruction set that can_run(); the scalar ones otherwise.
const distance_kernels &kernels_for(instruction_set set) noexcept;
// The kernels of the best instruction set of this machine, for what comes out the same whatever makes it.
const distance_kernels &fastest_kernels() noexcept;
// The same for vectors of bytes; AVX-512 VNNI comes with both sets of AVX-512 where the processor has it.
const vector_kernels &vector_kernels_for(instruction_set set) noexcept;

}  // namespace libmatch::detail
