// within_line for machines that count the bits of one word at a time.
#pragma once

#include "distance/kernels.h"

namespace libmatch::detail {
namespace {

inline std::uint32_t within_line(const std::uint32_t *line, const line_code &code, std::uint32_t limit) {
  std::uint64_t low[rows_of_line];
  std::uint16_t high[rows_of_line];
  __builtin_memcpy(low, line, sizeof(low));
  __builtin_memcpy(high, line + 12, sizeof(high));
  std::uint32_t within = 0;
  for (std::uint32_t row = 0; row < rows_of_line; ++row) {
    const auto distance = static_cast<std::uint32_t>(__builtin_popcountll(low[row] ^ code.low) +
                                                     __builtin_popcountll(high[row] ^ code.high));
    within |= (distance <= limit ? 1U : 0U) << row;
  }
  return within;
}

}  // namespace
}  // namespace libmatch::detail
