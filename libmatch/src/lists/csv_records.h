// The records of comma-separated values (RFC 4180), read in blocks: memory does not grow with the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lists/source.h"

namespace libmatch::detail {

// A longer record is refused, so that one quote that is never closed does not take the rest of the file for a field.
inline constexpr std::size_t max_csv_record_size_bytes = 1U << 20;

class csv_records {
 public:
  // name: of the text, for messages. Fields are told apart by commas, or by semicolons or tabs where the first line
  // has these and no comma.
  csv_records(list_source source, std::string name);

  // Goes to the next record that is not an empty line; false at the end. LM_ERROR_FORMAT, with line and field, for a
  // quote inside a field that is not quoted, text behind a closing quote, a quote never closed, a carriage return
  // that ends no line, and a record that is too long.
  bool next();

  // Of the record that next() went to: the line on which it begins, from 1, and its fields with the quotes undone.
  // They live until the next call of next().
  std::uint64_t line() const noexcept { return record_line_; }
  const std::vector<std::string_view> &fields() const noexcept { return fields_; }
  const std::string &name() const noexcept { return name_; }

 private:
  void fill();
  void choose_delimiter();
  bool is_special(char c) const noexcept;
  bool skip_empty_lines();
  void read_quoted_field();
  void read_plain_field();
  bool end_field();
  void undo_doubled_quotes(char *begin, const char *end);
  [[noreturn]] void fail_field(const char *reason) const;

  list_source source_;
  std::string name_;
  std::unique_ptr<char[]> buffer_;
  char *begin_ = nullptr;  // what is not read yet, in buffer_
  char *end_ = nullptr;
  char *record_end_ = nullptr;  // the furthest that the present record may reach
  bool source_ended_ = false;
  char delimiter_ = ',';
  std::uint64_t line_ = 1;  // of *begin_
  std::uint64_t record_line_ = 0;
  std::vector<std::string_view> fields_;
};

}  // namespace libmatch::detail
