// within_line for machines that count the bits of one word at a time.
#pragma once

#include "distance/kernels.h"

namespace libmatch::detail {
namespace {

inline std::uint32_t within_line(const std::uint32_t *line, std::uint64_t low, std::uint32_t high,
                                 std::uint32_t limit) {
  std::uint64_t low_of_rows[rows_of_line];
  std::uint16_t high_of_rows[rows_of_line];
  __builtin_memcpy(low_of_rows, line, sizeof(low_of_rows));
  __builtin_memcpy(high_of_rows, line + 12, sizeof(high_of_rows));
  std::uint32_t within = 0;
  for (std::uint32_t row = 0; row < rows_of_line; ++row) {
    const auto distance = static_cast<std::uint32_t>(__builtin_popcountll(low_of_rows[row] ^ low) +
                                                     __builtin_popcount((high_of_rows[row] ^ high) & 0xffffU));
    within |= (distance <= limit ? 1U : 0U) << row;
  }
  return within;
}

}  // namespace
}  // namespace libmatch::detail
