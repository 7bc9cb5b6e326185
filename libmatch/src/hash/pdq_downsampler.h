// The first half of PDQ, fast: an image of any size to the averages of 64 x 64 places.
#pragma once

#include <cstddef>

#include "hash/pdq_coefficients.h"
#include "hash/pdq_kernels.h"

namespace libmatch::detail {

// orientation: an LM_ORIENTATION_... value.
pdq_view view_of(const lm_image &image, int orientation);

// Bit for bit what the definition's averaged_down(turned(luma_of(image))) gives; both sides are at least 5.
//
// Reads the image once, 32 rows at a time, and keeps what the sliding windows still need: about
// 4 * width * (height / 128 + 35) + 3 * height bytes, 1 MB for 4000 x 3000; never more than 4 * width * (height + 3)
// and the small rest, which strips of few rows come near. Throws std::bad_alloc.
pdq_samples averaged_down(const pdq_view &view, const pdq_kernels &kernels);

// count >= 1.
pdq_divisor divisor_by(std::size_t count);

}  // namespace libmatch::detail
