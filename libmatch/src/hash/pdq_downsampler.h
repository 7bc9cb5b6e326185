// The first half of PDQ, fast: an image of any size to the averages of 64 x 64 places.
#pragma once

#include "hash/pdq_coefficients.h"
#include "hash/pdq_kernels.h"

namespace libmatch::detail {

// Bit for bit what the definition's averaged_down(turned(luma_of(image))) gives; both sides are at least 5.
//
// Works through the image once, 32 rows at a time, and keeps what the sliding windows still need: about
// 4 * width * (height / 128 + 34) + 2 * height + width bytes (0.9 MB for 4000 x 3000), for strips less high than the
// window never more than 4 * width * (height + 2) and the rest.
pdq_samples averaged_down(const pdq_view &view, const pdq_kernels &kernels);

}  // namespace libmatch::detail
