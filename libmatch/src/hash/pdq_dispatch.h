// The kernels of PDQ that an image gets.
#pragma once

#include <cstddef>

#include "core/cpu_features.h"
#include "hash/pdq_coefficients.h"
#include "hash/pdq_kernels.h"

namespace libmatch::detail {

const pdq_kernels &pdq_kernels_for(instruction_set set, std::size_t longest_side);

pdq_coefficients coefficients_of(const pdq_samples &samples, const pdq_kernels &kernels);

}  // namespace libmatch::detail
