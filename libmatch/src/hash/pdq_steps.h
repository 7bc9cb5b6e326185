// The steps of PDQ as pdq_definition takes them, one by one, for the tests of each.
#pragma once

#include <cstddef>
#include <vector>

#include "hash/pdq_coefficients.h"
#include "libmatch/libmatch.h"

namespace libmatch::detail {

// One float a pixel, row by row.
struct luma_plane {
  std::size_t width = 0;
  std::size_t height = 0;
  std::vector<float> values;
};

luma_plane luma_of(const lm_image &image);
// orientation: an LM_ORIENTATION_... value.
luma_plane turned(const luma_plane &plane, int orientation);

// Sliding average over n values that stand `stride` apart; 1 <= window <= n.
void box_filter(const float *input, float *output, std::size_t n, std::size_t stride, std::size_t window);

// Averages of 64 x 64 places, both sides being at least 5.
pdq_samples averaged_down(luma_plane plane);
int quality_of(const pdq_samples &samples);
pdq_coefficients transformed(const pdq_samples &samples);

}  // namespace libmatch::detail
