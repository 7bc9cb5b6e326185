#include "hash/pdq_stream.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/error.h"
#include "hash/luma.h"
#include "hash/orientation.h"
#include "hash/pdq_coefficients.h"
#include "hash/pdq_dispatch.h"

namespace libmatch::detail {

namespace {

// Of the other seven orientations, from the plane that was filtered as the image is.
void add_sampled(const pdq_downsampler &downsampler, const pdq_coefficients &plain, const pdq_kernels &kernels,
                 pdq_result &result) {
  const auto sampled = [&](bool bottom_up, bool right_to_left) {
    return coefficients_of(downsampler.samples(bottom_up, right_to_left), kernels);
  };
  const std::array<pdq_coefficients, 4> by_direction{plain, sampled(false, true), sampled(true, false),
                                                     sampled(true, true)};
  for (int orientation = 1; orientation < 8; ++orientation) {
    const turn way = turn_of(orientation);
    const bool bottom_up = way.transposed ? way.reversed_horizontally : way.reversed_vertically;
    const bool right_to_left = way.transposed ? way.reversed_vertically : way.reversed_horizontally;
    const pdq_coefficients &coefficients = by_direction[(bottom_up ? 2U : 0U) + (right_to_left ? 1U : 0U)];
    result.codes[static_cast<std::size_t>(orientation)] =
        code_of(way.transposed ? transposed(coefficients) : coefficients);
  }
}

}  // namespace

pdq_stream::pdq_stream(const pdq_shape &shape, lm_orientations orientations, instruction_set set)
    : shape_(shape),
      orientations_(orientations),
      set_(set),
      kernels_(pdq_kernels_for(set, std::max(shape.width, shape.height))),
      rows_left_(shape.height) {
  if (orientations == LM_ORIENTATIONS_TRUE) {
    fail(LM_ERROR_INTERNAL, "the true orientations of an image take all of it at once");
  }
  if (shape.width >= pdq_min_side && shape.height >= pdq_min_side && !copies_all()) {
    const pdq_places places =
        orientations == LM_ORIENTATIONS_SAMPLED ? pdq_places::plain_and_mirrored : pdq_places::plain;
    downsampler_.emplace(shape.width, shape.height, places, kernels_);
  }
}

void pdq_stream::rows(const std::uint8_t *pixels, std::size_t count, std::size_t stride_bytes) {
  if (count > rows_left_) {
    fail(LM_ERROR_INTERNAL, count, " rows for an image that has ", rows_left_, " left");
  }
  rows_left_ -= count;
  for (std::size_t i = 0; copies_all() && i < count; ++i) {
    copy_row(pixels + i * stride_bytes);
  }
  if (!downsampler_) {
    return;
  }
  while (count > 0) {
    const std::size_t band_rows = downsampler_->next_band_rows();
    std::size_t taken = band_rows;
    if (copied_rows_ == 0 && count >= band_rows) {
      add_band(pixels, stride_bytes);
    } else {
      taken = std::min(count, band_rows - copied_rows_);
      for (std::size_t i = 0; i < taken; ++i) {
        copy_row(pixels + i * stride_bytes);
      }
      if (copied_rows_ == band_rows) {
        copied_rows_ = 0;
        add_band(copied_.data(), shape_.width * pixel_size_bytes(shape_.format));
      }
    }
    count -= taken;
    pixels += count > 0 ? taken * stride_bytes : 0;
  }
}

bool pdq_stream::copies_all() const {
  return orientations_ == LM_ORIENTATIONS_SAMPLED && !can_be_sampled(shape_.width, shape_.height);
}

void pdq_stream::copy_row(const std::uint8_t *pixels) {
  const std::size_t row_bytes = shape_.width * pixel_size_bytes(shape_.format);
  const std::size_t most = copies_all() ? shape_.height : std::min<std::size_t>(pdq_band_rows, shape_.height);
  copied_.resize(row_bytes * most);
  std::memcpy(copied_.data() + copied_rows_ * row_bytes, pixels, row_bytes);
  ++copied_rows_;
}

void pdq_stream::add_band(const std::uint8_t *pixels, std::size_t stride_bytes) {
  const lm_image band{pixels, shape_.width, pdq_band_rows, stride_bytes, shape_.format};
  downsampler_->add_band(view_of(band, LM_ORIENTATION_PLAIN));
}

pdq_result pdq_stream::finish() const {
  if (rows_left_ > 0) {
    fail(LM_ERROR_INTERNAL, "an image that misses ", rows_left_, " rows has no code");
  }
  if (copies_all()) {
    const std::size_t row_bytes = shape_.width * pixel_size_bytes(shape_.format);
    return pdq({copied_.data(), shape_.width, shape_.height, row_bytes, shape_.format}, LM_ORIENTATIONS_TRUE, set_);
  }
  pdq_result result;
  if (!downsampler_) {
    return result;
  }
  const pdq_samples samples = downsampler_->samples(false, false);
  const pdq_coefficients coefficients = coefficients_of(samples, kernels_);
  result.quality = static_cast<std::uint8_t>(std::min(kernels_.gradient(samples.data()) / 90, 100));
  result.codes[LM_ORIENTATION_PLAIN] = code_of(coefficients);
  if (orientations_ == LM_ORIENTATIONS_SAMPLED) {
    add_sampled(*downsampler_, coefficients, kernels_, result);
  } else if (orientations_ == LM_ORIENTATIONS_DERIVED) {
    for (int orientation = 1; orientation < 8; ++orientation) {
      result.codes[static_cast<std::size_t>(orientation)] = code_of(turned(coefficients, orientation));
    }
  }
  return result;
}

}  // namespace libmatch::detail
