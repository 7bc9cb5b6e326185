// Whether tables that were read from a file are what would have been built: all that they hold is looked at, since a
// search believes it.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "search/line_buckets.h"
#include "search/line_writer.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t code_words = 4;  // lines are for codes of 256 bits

// One table, beside the rows that it is said to hold: what table_builder makes of them, line by line.
class line_check {
 public:
  line_check(const bucket_layout &layout, const std::uint64_t *rows, std::uint32_t t)
      : layout_(layout),
        rows_(rows),
        t_(t),
        words_(layout.table_words(t)),
        held_(layout.table_rows(t)),
        next_free_(static_cast<std::uint32_t>(layout.buckets())) {}

  bucket_fault find_fault() {
    std::uint32_t largest = 0;
    std::size_t all = 0;
    for (std::uint32_t line = 0; line < layout_.buckets(); ++line) {
      std::uint32_t in_bucket = 0;
      std::uint32_t number = line;
      for (bool goes_on = true; goes_on;) {
        if (const bucket_fault fault = check_line(line, number, in_bucket);
            fault.where != bucket_fault::array::none) {
          return fault;
        }
        in_bucket += header_of(number) & 7U;
        number = header_of(number) >> 3;
        goes_on = number != 0;
      }
      largest = std::max(largest, in_bucket);
      all += in_bucket;
    }
    if (all != layout_.size) {
      return at_word(0, words_of_line - 1, "of a table without all rows");
    }
    for (std::size_t word = std::size_t{next_free_} * words_of_line; word < layout_.words_of_table(); ++word) {
      if (words_[word] != 0) {
        return at_word(0, word, "not zero behind the last line");
      }
    }
    for (std::size_t place = std::size_t{next_free_} * rows_of_line; place < layout_.rows_of_table(); ++place) {
      if (held_[place] != 0) {
        return at_row(place, "not zero behind the last line");
      }
    }
    return largest == layout_.table_starts(t_)[0]
               ? bucket_fault{}
               : bucket_fault{bucket_fault::array::starts, t_, "not the size of the table's largest bucket"};
  }

 private:
  const std::uint64_t *code_of(std::uint32_t row) const noexcept { return rows_ + row * code_words; }
  std::uint32_t header_of(std::uint32_t number) const noexcept {
    return words_[std::size_t{number} * words_of_line + words_of_line - 1];
  }

  // Line `number` of the bucket of line `line`, whose lines before it hold so many rows. Counts the lines in use.
  bucket_fault check_line(std::uint32_t line, std::uint32_t number, std::uint32_t before) {
    const std::uint32_t n = header_of(number) & 7U;
    const std::uint32_t next = header_of(number) >> 3;
    const std::size_t first_word = std::size_t{number} * words_of_line;
    const bool possible = n <= rows_of_line && (next == 0 ? before == 0 || n > 0 : n == rows_of_line) &&
                          (next == 0 || (next == next_free_ && next < layout_.lines));
    if (!possible) {
      return at_word(first_word, words_of_line - 1, "not a number of rows and the line that follows");
    }
    next_free_ += next != 0 ? 1 : 0;
    std::uint32_t expected[words_of_line] = {};
    std::uint32_t expected_rows[rows_of_line] = {};
    line_writer writer(expected, expected_rows, 0);
    writer.set_header(n, next);
    const std::uint32_t *held = held_ + std::size_t{number} * rows_of_line;
    for (std::uint32_t place = 0; place < n; ++place) {
      const std::uint32_t row = held[place];
      const bool in_order = (before == 0 && place == 0) || last_row_ < row;
      if (!in_order || row >= layout_.size || line_of_bucket(layout_.bucket_of(code_of(row), t_)) != line) {
        return at_row(std::size_t{number} * rows_of_line + place, "not a row of its bucket, in order");
      }
      last_row_ = row;
      writer.set_row(place, row, inline_bits(layout_, t_, code_of(row)));
    }
    for (std::uint32_t place = n; place < rows_of_line; ++place) {
      if (held[place] != 0) {
        return at_row(std::size_t{number} * rows_of_line + place, "not zero where no row is");
      }
    }
    const auto wrong = std::mismatch(expected, expected + words_of_line, words_ + first_word).first - expected;
    return wrong == words_of_line ? bucket_fault{}
                                  : at_word(first_word, static_cast<std::size_t>(wrong), "not the bits of its rows");
  }

  bucket_fault at_row(std::size_t place, const char *what) const noexcept {
    return {bucket_fault::array::rows, t_ * layout_.rows_of_table() + place, what};
  }
  bucket_fault at_word(std::size_t first, std::size_t word, const char *what) const noexcept {
    return {bucket_fault::array::words, t_ * layout_.words_of_table() + first + word, what};
  }

  const bucket_layout &layout_;
  const std::uint64_t *rows_;
  const std::uint32_t t_;
  const std::uint32_t *words_;
  const std::uint32_t *held_;
  std::uint32_t next_free_;
  std::uint32_t last_row_ = 0;
};

}  // namespace

bucket_fault find_line_fault(const bucket_layout &layout, const std::uint64_t *rows, std::uint32_t t) {
  return line_check(layout, rows, t).find_fault();
}

}  // namespace libmatch::detail
