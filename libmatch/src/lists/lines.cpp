#include "lists/lines.h"

#include <cstring>
#include <utility>

namespace libmatch::detail {

namespace {
constexpr std::size_t buffer_size_bytes = 2 * max_line_bytes;
}

line_reader::line_reader(list_source source, std::string name)
    : source_(std::move(source)), name_(std::move(name)), buffer_(new char[buffer_size_bytes]) {
  fill();
  if (std::string_view(buffer_.get(), end_).substr(0, 3) == "\xEF\xBB\xBF") {
    begin_ = 3;
  }
}

// Afterwards the buffer holds a line of the largest size and what ends it, or all the rest.
void line_reader::fill() {
  if (source_ended_ || end_ - begin_ > max_line_bytes) {
    return;
  }
  std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  while (end_ < buffer_size_bytes) {
    const std::size_t count = source_(buffer_.get() + end_, buffer_size_bytes - end_);
    if (count == 0) {
      source_ended_ = true;
      break;
    }
    end_ += count;
  }
}

bool line_reader::next() {
  fill();
  if (begin_ == end_) {
    return false;
  }
  ++number_;
  const std::string_view rest(buffer_.get() + begin_, end_ - begin_);
  const std::size_t size = rest.find('\n');
  if (size == std::string_view::npos ? rest.size() > max_line_bytes : size > max_line_bytes) {
    fail("the line", "longer than 1 MiB");
  }
  line_ = rest.substr(0, size);
  begin_ += line_.size() + (size == std::string_view::npos ? 0 : 1);
  if (!line_.empty() && line_.back() == '\r') {
    line_.remove_suffix(1);
  }
  return true;
}

}  // namespace libmatch::detail
