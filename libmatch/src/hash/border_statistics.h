// Sums of luma along every row and column of an image, from which its borders are told.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/aligned_vector.h"
#include "core/cpu_features.h"
#include "hash/border_rule.h"
#include "hash/pdq_kernels.h"
#include "hash/pdq_stream.h"

namespace libmatch::detail {

// Of pixels' luma, cut to whole numbers.
struct luma_sums {
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
  std::uint64_t squares = 0;
};

// Each line is summed in 8 parts, so that lines can be looked at between other lines: of what was trimmed, only
// whole parts count. Of a row each part gives its first half, in multiples of 16 pixels, and columns are summed over
// at least 128 of the rows, evenly spaced: that is enough to tell.
class border_statistics {
 public:
  static constexpr std::size_t parts = border_rule::parts;

  // Sides of 32 to 2^20 pixels.
  border_statistics(const pdq_shape &shape, instruction_set set);

  void rows(const std::uint8_t *pixels, std::size_t count, std::size_t stride_bytes);

  // Row y between columns `begin` and `end`; column x between rows `begin` and `end`. At least a third of the side.
  luma_sums of_row(std::size_t y, std::size_t begin, std::size_t end) const;
  luma_sums of_column(std::size_t x, std::size_t begin, std::size_t end) const;

 private:
  // How many pixels of a part of a row are summed, from its first on.
  std::size_t summed_columns(std::size_t part) const;

  // Half of an eighth of 2^20 pixels, the longest side, and 16 more: their squares are below 2^32.
  struct part_sums {
    std::uint32_t sum;
    std::uint32_t squares;
  };

  pdq_shape shape_;
  const pdq_kernels &kernels_;
  std::size_t row_step_;  // columns are summed over every row_step_-th row
  std::size_t next_row_ = 0;
  std::array<std::size_t, parts + 1> part_columns_;  // where the parts of a row begin
  std::array<std::size_t, parts + 1> part_rows_;
  std::array<std::size_t, parts> rows_summed_{};  // in each part of the columns
  aligned_vector<std::uint8_t> luma_;             // of one row
  std::vector<part_sums> row_sums_;               // by row and part
  aligned_vector<std::uint32_t> column_sums_;     // by part and column
  aligned_vector<std::uint32_t> column_squares_;
};

}  // namespace libmatch::detail
