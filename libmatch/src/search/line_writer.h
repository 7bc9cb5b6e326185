// A line of search/line_buckets.h that is written: when tables are built, and to compare with those that were read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "distance/kernels.h"
#include "search/line_buckets.h"

namespace libmatch::detail {

class line_writer {
 public:
  line_writer(std::uint32_t *words, std::uint32_t *rows, std::uint32_t number)
      : words_(words + std::size_t{number} * words_of_line), rows_(rows + std::size_t{number} * rows_of_line) {}

  void set_header(std::uint32_t n_rows, std::uint32_t next) noexcept {
    words_[words_of_line - 1] = next << 3 | n_rows;
  }
  void set_row(std::uint32_t place, std::uint32_t row, const line_code &code) noexcept {
    char *line = reinterpret_cast<char *>(words_);
    const auto high = static_cast<std::uint16_t>(code.high);
    std::memcpy(line + place * sizeof code.low, &code.low, sizeof code.low);
    std::memcpy(line + rows_of_line * sizeof code.low + place * sizeof high, &high, sizeof high);
    rows_[place] = row;
  }

 private:
  std::uint32_t *words_;
  std::uint32_t *rows_;
};

}  // namespace libmatch::detail
