#include "hash/pdq.h"

#include <algorithm>
#include <utility>

#include "hash/luma.h"
#include "hash/orientation.h"
#include "hash/pdq_coefficients.h"
#include "hash/pdq_downsampler.h"
#include "hash/pdq_kernels.h"

namespace libmatch::detail {

namespace {

const pdq_kernels &kernels_for(instruction_set set, const lm_image &image) {
#if defined(LIBMATCH_SIMD)
  // Division by way of a reciprocal is exact for windows up to a limit only.
  const std::size_t longest = std::max(image.width, image.height);
  if (set == instruction_set::avx512 && longest <= pdq_reciprocal_limit * 128) {
    return pdq_kernels_avx512;
  }
  if (set != instruction_set::scalar) {
    return pdq_kernels_avx2;
  }
#else
  static_cast<void>(set);
  static_cast<void>(image);
#endif
  return pdq_kernels_scalar;
}

pdq_view view_of(const lm_image &image, int orientation) {
  const turn way = turn_of(orientation);
  pdq_view view{image.pixels,
                static_cast<std::ptrdiff_t>(pixel_size_bytes(image.format)),
                static_cast<std::ptrdiff_t>(image.stride_bytes),
                image.width,
                image.height,
                image.format};
  if (way.transposed) {
    std::swap(view.column_step, view.row_step);
    std::swap(view.width, view.height);
  }
  if (way.reversed_horizontally) {
    view.first += static_cast<std::ptrdiff_t>(view.width - 1) * view.column_step;
    view.column_step = -view.column_step;
  }
  if (way.reversed_vertically) {
    view.first += static_cast<std::ptrdiff_t>(view.height - 1) * view.row_step;
    view.row_step = -view.row_step;
  }
  return view;
}

const pdq_cosines &transposed_cosines() {
  static const pdq_cosines table = [] {
    pdq_cosines result{};
    for (std::size_t i = 0; i < pdq_frequencies; ++i) {
      for (std::size_t j = 0; j < pdq_side; ++j) {
        result[j * pdq_frequencies + i] = cosines()[i * pdq_side + j];
      }
    }
    return result;
  }();
  return table;
}

pdq_coefficients coefficients_of(const pdq_samples &samples, const pdq_kernels &kernels) {
  pdq_coefficients result;
  kernels.transform(samples.data(), cosines().data(), transposed_cosines().data(), result.data());
  return result;
}

}  // namespace

pdq_result pdq(const lm_image &image, lm_orientations orientations, instruction_set set) {
  pdq_result result;
  if (image.width < 5 || image.height < 5) {
    return result;
  }
  const pdq_kernels &kernels = kernels_for(set, image);
  const pdq_samples samples = averaged_down(view_of(image, LM_ORIENTATION_PLAIN), kernels);
  const pdq_coefficients coefficients = coefficients_of(samples, kernels);
  result.quality = static_cast<std::uint8_t>(std::min(kernels.gradient(samples.data()) / 90, 100));
  result.codes[LM_ORIENTATION_PLAIN] = code_of(coefficients);
  if (orientations == LM_ORIENTATIONS_PLAIN) {
    return result;
  }
  for (int orientation = 1; orientation < 8; ++orientation) {
    const pdq_coefficients oriented =
        orientations == LM_ORIENTATIONS_DERIVED
            ? turned(coefficients, orientation)
            : coefficients_of(averaged_down(view_of(image, orientation), kernels), kernels);
    result.codes[static_cast<std::size_t>(orientation)] = code_of(oriented);
  }
  return result;
}

}  // namespace libmatch::detail
