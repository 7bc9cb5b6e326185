// A text line by line, read in blocks: memory does not grow with the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/error.h"
#include "lists/source.h"

namespace libmatch::detail {

inline constexpr std::size_t max_line_bytes = std::size_t{1} << 20;

class line_reader {
 public:
  // name: of the text, for messages. A byte order mark is skipped.
  line_reader(list_source source, std::string name);

  // Goes to the next line; false at the end. LM_ERROR_FORMAT for a line longer than 1 MiB.
  bool next();
  // The line, without what ends it. Lives until the next call of next().
  std::string_view line() const noexcept { return line_; }

  // LM_ERROR_FORMAT "name: line 7, field MD5: reason".
  template <typename... Parts>
  [[noreturn]] void fail(std::string_view field, const Parts &...parts) const {
    libmatch::detail::fail(LM_ERROR_FORMAT, name_, ": line ", number_, ", field ", field, ": ", parts...);
  }
  void check(std::string_view field, const std::string &problem) const {
    if (!problem.empty()) {
      fail(field, problem);
    }
  }

 private:
  void fill();

  list_source source_;
  std::string name_;
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // what is not read yet, in buffer_
  bool source_ended_ = false;
  std::uint64_t number_ = 0;
  std::string_view line_;
};

}  // namespace libmatch::detail
