#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>
#include <vector>

#include "hash/luma.h"
#include "hash/orientation.h"
#include "hash/pdq.h"
#include "hash/pdq_coefficients.h"
#include "hash/pdq_steps.h"

namespace libmatch::detail {

luma_plane luma_of(const lm_image &image) {
  luma_plane plane{image.width, image.height, {}};
  plane.values.reserve(plane.width * plane.height);
  for (std::size_t y = 0; y < plane.height; ++y) {
    const std::uint8_t *pixel = image.pixels + y * image.stride_bytes;
    for (std::size_t x = 0; x < plane.width; ++x, pixel += pixel_size_bytes(image.format)) {
      if (image.format == LM_PIXEL_GRAY8) {
        plane.values.push_back(luma(pixel[0], pixel[0], pixel[0]));
      } else if (image.format == LM_PIXEL_RGB8) {
        plane.values.push_back(luma(pixel[0], pixel[1], pixel[2]));
      } else {
        const std::uint8_t alpha = pixel[3];
        plane.values.push_back(
            luma(over_white(pixel[0], alpha), over_white(pixel[1], alpha), over_white(pixel[2], alpha)));
      }
    }
  }
  return plane;
}

luma_plane turned(const luma_plane &plane, int orientation) {
  const bool transposed = orientation == LM_ORIENTATION_ROTATE90 || orientation == LM_ORIENTATION_ROTATE270 ||
                          orientation == LM_ORIENTATION_FLIP_PLUS1 || orientation == LM_ORIENTATION_FLIP_MINUS1;
  luma_plane result{plane.width, plane.height, {}};
  if (transposed) {
    std::swap(result.width, result.height);
  }
  const std::size_t right = plane.width - 1;
  const std::size_t bottom = plane.height - 1;
  const auto value = [&](std::size_t x, std::size_t y) { return plane.values[y * plane.width + x]; };
  const auto source = [&](std::size_t x, std::size_t y) {
    switch (orientation) {
      case LM_ORIENTATION_ROTATE90:
        return value(right - y, x);
      case LM_ORIENTATION_ROTATE180:
        return value(right - x, bottom - y);
      case LM_ORIENTATION_ROTATE270:
        return value(y, bottom - x);
      case LM_ORIENTATION_FLIP_X:
        return value(x, bottom - y);
      case LM_ORIENTATION_FLIP_Y:
        return value(right - x, y);
      case LM_ORIENTATION_FLIP_PLUS1:
        return value(y, x);
      case LM_ORIENTATION_FLIP_MINUS1:
        return value(right - y, bottom - x);
      default:
        return value(x, y);
    }
  };
  result.values.reserve(plane.values.size());
  for (std::size_t y = 0; y < result.height; ++y) {
    for (std::size_t x = 0; x < result.width; ++x) {
      result.values.push_back(source(x, y));
    }
  }
  return result;
}

// The window holds fewer values at both ends, and is off the centre where it is even. The order of the additions
// is part of the hash: (sum + right) - left rounds even where the window is 1.
void box_filter(const float *input, float *output, std::size_t n, std::size_t stride, std::size_t window) {
  const std::size_t half = (window + 2) / 2;
  float sum = 0;
  std::size_t left = 0;
  std::size_t right = 0;
  while (right < half - 1) {
    sum += input[right++ * stride];
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (right < n) {
      sum += input[right++ * stride];
    }
    if (i + half > window) {
      sum -= input[left++ * stride];
    }
    output[i * stride] = sum / static_cast<float>(right - left);
  }
}

namespace {

luma_plane filtered(luma_plane plane) {
  const std::size_t width = plane.width;
  const std::size_t height = plane.height;
  const std::size_t row_window = (width + 127) / 128;
  const std::size_t column_window = (height + 127) / 128;
  std::vector<float> &values = plane.values;
  std::vector<float> along_rows(values.size());
  for (int repetition = 0; repetition < 2; ++repetition) {
    for (std::size_t y = 0; y < height; ++y) {
      box_filter(&values[y * width], &along_rows[y * width], width, 1, row_window);
    }
    for (std::size_t x = 0; x < width; ++x) {
      box_filter(&along_rows[x], &values[x], height, width, column_window);
    }
  }
  return plane;
}

pdq_samples sampled(const luma_plane &plane) {
  pdq_samples samples{};
  for (std::size_t i = 0; i < pdq_side; ++i) {
    const auto y = static_cast<std::size_t>((static_cast<double>(i) + 0.5) * static_cast<double>(plane.height) / 64);
    for (std::size_t j = 0; j < pdq_side; ++j) {
      const auto x = static_cast<std::size_t>((static_cast<double>(j) + 0.5) * static_cast<double>(plane.width) / 64);
      samples[i * pdq_side + j] = plane.values[y * plane.width + x];
    }
  }
  return samples;
}

}  // namespace

pdq_samples averaged_down(luma_plane plane) { return sampled(filtered(std::move(plane))); }

int quality_of(const pdq_samples &samples) {
  const auto difference = [&](std::size_t a, std::size_t b) {
    return std::abs(static_cast<int>((samples[a] - samples[b]) * 100 / 255));
  };
  int sum = 0;
  for (std::size_t i = 0; i < pdq_side; ++i) {
    for (std::size_t j = 0; j + 1 < pdq_side; ++j) {
      sum += difference(i * pdq_side + j, i * pdq_side + j + 1);
      sum += difference(j * pdq_side + i, (j + 1) * pdq_side + i);
    }
  }
  return std::min(sum / 90, 100);
}

// cosines x samples x transposed cosines.
pdq_coefficients transformed(const pdq_samples &samples) {
  const pdq_cosines &d = cosines();
  std::array<float, pdq_frequencies * pdq_side> halfway{};
  for (std::size_t i = 0; i < pdq_frequencies; ++i) {
    for (std::size_t j = 0; j < pdq_side; ++j) {
      for (std::size_t k = 0; k < pdq_side; ++k) {
        halfway[i * pdq_side + j] += d[i * pdq_side + k] * samples[k * pdq_side + j];
      }
    }
  }
  pdq_coefficients result{};
  for (std::size_t i = 0; i < pdq_frequencies; ++i) {
    for (std::size_t j = 0; j < pdq_frequencies; ++j) {
      for (std::size_t k = 0; k < pdq_side; ++k) {
        result[i * pdq_frequencies + j] += halfway[i * pdq_side + k] * d[j * pdq_side + k];
      }
    }
  }
  return result;
}

namespace {

// Filtered twice, an even window has moved the plane by a whole sample. Turning it afterwards moves it the other way
// where an axis runs backwards; so there the plane is moved by two. No sample stands at the
// edge that is repeated, where the window is not 2.
luma_plane turned_after_filtering(const luma_plane &plane, int orientation) {
  const turn way = turn_of(orientation);
  luma_plane result = turned(plane, orientation);
  const auto shift_of = [](std::size_t length, bool reversed) -> std::size_t {
    return reversed && (length + 127) / 128 % 2 == 0 ? 2 : 0;
  };
  const std::size_t down = shift_of(result.height, way.reversed_vertically);
  const std::size_t right = shift_of(result.width, way.reversed_horizontally);
  const std::vector<float> values = result.values;
  for (std::size_t y = 0; y < result.height; ++y) {
    for (std::size_t x = 0; x < result.width; ++x) {
      const std::size_t from_y = std::min(y + down, result.height - 1);
      const std::size_t from_x = std::min(x + right, result.width - 1);
      result.values[y * result.width + x] = values[from_y * result.width + from_x];
    }
  }
  return result;
}

pdq_samples transposed_samples(const pdq_samples &samples) {
  pdq_samples result{};
  for (std::size_t i = 0; i < pdq_side; ++i) {
    for (std::size_t j = 0; j < pdq_side; ++j) {
      result[i * pdq_side + j] = samples[j * pdq_side + i];
    }
  }
  return result;
}

// Where rows and columns change places, sums are taken as they are before: their order tells in the last bit.
pdq_coefficients coefficients_after_filtering(const luma_plane &averaged, int orientation) {
  const pdq_samples samples = sampled(turned_after_filtering(averaged, orientation));
  return turn_of(orientation).transposed ? transposed(transformed(transposed_samples(samples)))
                                         : transformed(samples);
}

}  // namespace

pdq_result pdq_definition(const lm_image &image, lm_orientations orientations) {
  pdq_result result;
  if (image.width < pdq_min_side || image.height < pdq_min_side) {
    return result;
  }
  const luma_plane plane = luma_of(image);
  const luma_plane averaged = filtered(plane);
  const pdq_samples samples = sampled(averaged);
  const pdq_coefficients coefficients = transformed(samples);
  result.quality = static_cast<std::uint8_t>(quality_of(samples));
  result.codes[LM_ORIENTATION_PLAIN] = code_of(coefficients);
  if (orientations == LM_ORIENTATIONS_PLAIN) {
    return result;
  }
  const bool has_window_of_two = (image.width + 127) / 128 == 2 || (image.height + 127) / 128 == 2;
  for (int orientation = 1; orientation < 8; ++orientation) {
    const pdq_coefficients oriented = orientations == LM_ORIENTATIONS_DERIVED ? turned(coefficients, orientation)
                                      : orientations == LM_ORIENTATIONS_SAMPLED && !has_window_of_two
                                          ? coefficients_after_filtering(averaged, orientation)
                                          : transformed(averaged_down(turned(plane, orientation)));
    result.codes[static_cast<std::size_t>(orientation)] = code_of(oriented);
  }
  return result;
}

}  // namespace libmatch::detail
