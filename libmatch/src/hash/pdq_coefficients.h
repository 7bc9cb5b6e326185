// The second half of PDQ, from 16 x 16 frequencies to bits: shared by the definition and the fast version.
#pragma once

#include <array>
#include <cstddef>

#include "hash/pdq.h"

namespace libmatch::detail {

inline constexpr std::size_t pdq_side = 64;         // the image is averaged down to 64 x 64 samples
inline constexpr std::size_t pdq_frequencies = 16;  // per axis, the lowest but without the constant one

using pdq_samples = std::array<float, pdq_side * pdq_side>;  // by row and column
using pdq_coefficients =
    std::array<float, pdq_frequencies * pdq_frequencies>;  // by vertical and horizontal frequency

// The rows of the discrete cosine transform: frequency i + 1 at sample j stands at [i * 64 + j].
using pdq_cosines = std::array<float, pdq_frequencies * pdq_side>;
const pdq_cosines &cosines();
// The same at [j * 16 + i].
const pdq_cosines &transposed_cosines();

// The lower median: the 128th smallest of the 256.
float lower_median(pdq_coefficients values);

// A bit for each coefficient that is greater than the median. Bit k = 16 * vertical + horizontal frequency is bit
// k % 8 of byte 31 - k / 8, so that the highest frequencies come first in hexadecimal.
pdq_code code_of(const pdq_coefficients &coefficients);

// What the coefficients of the image would be, turned so, if averaging down were symmetric (it nearly is): turning
// an image only moves its frequencies and changes the sign of the odd ones along every mirrored axis.
pdq_coefficients turned(const pdq_coefficients &coefficients, int orientation);
// The vertical frequencies become the horizontal ones.
pdq_coefficients transposed(const pdq_coefficients &coefficients);

}  // namespace libmatch::detail
