#include "hash/pdq_coefficients.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "hash/orientation.h"

namespace libmatch::detail {

const pdq_cosines &cosines() {
  static const pdq_cosines table = [] {
    pdq_cosines result{};
    const auto scale = static_cast<double>(static_cast<float>(std::sqrt(2.0 / pdq_side)));
    for (std::size_t i = 0; i < pdq_frequencies; ++i) {
      for (std::size_t j = 0; j < pdq_side; ++j) {
        const auto phase = static_cast<double>((i + 1) * (2 * j + 1));
        result[i * pdq_side + j] = static_cast<float>(scale * std::cos(std::numbers::pi / (2.0 * pdq_side) * phase));
      }
    }
    return result;
  }();
  return table;
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

float lower_median(pdq_coefficients values) {
  const auto median = values.begin() + values.size() / 2 - 1;
  std::nth_element(values.begin(), median, values.end());
  return *median;
}

pdq_code code_of(const pdq_coefficients &coefficients) {
  const float median = lower_median(coefficients);
  pdq_code code{};
  for (std::size_t k = 0; k < coefficients.size(); ++k) {
    const unsigned bit = coefficients[k] > median ? 1U : 0U;
    std::uint8_t &byte = code[code.size() - 1 - k / 8];
    byte = static_cast<std::uint8_t>(byte | (bit << (k % 8)));
  }
  return code;
}

pdq_coefficients transposed(const pdq_coefficients &coefficients) {
  pdq_coefficients result{};
  for (std::size_t i = 0; i < pdq_frequencies; ++i) {
    for (std::size_t j = 0; j < pdq_frequencies; ++j) {
      result[i * pdq_frequencies + j] = coefficients[j * pdq_frequencies + i];
    }
  }
  return result;
}

pdq_coefficients turned(const pdq_coefficients &coefficients, int orientation) {
  const turn way = turn_of(orientation);
  pdq_coefficients result{};
  for (std::size_t i = 0; i < pdq_frequencies; ++i) {
    for (std::size_t j = 0; j < pdq_frequencies; ++j) {
      const float value = coefficients[way.transposed ? j * pdq_frequencies + i : i * pdq_frequencies + j];
      // Index 0 is frequency 1, so the odd frequencies stand at the even indices.
      const bool vertical_sign = way.reversed_vertically && i % 2 == 0;
      const bool horizontal_sign = way.reversed_horizontally && j % 2 == 0;
      result[i * pdq_frequencies + j] = vertical_sign != horizontal_sign ? -value : value;
    }
  }
  return result;
}

}  // namespace libmatch::detail
