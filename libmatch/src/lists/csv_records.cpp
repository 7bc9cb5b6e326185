#include "lists/csv_records.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t buffer_size_bytes = 4 * max_csv_record_size_bytes;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

csv_records::csv_records(list_source source, std::string name)
    : source_(std::move(source)), name_(std::move(name)), buffer_(new char[buffer_size_bytes]) {
  begin_ = end_ = buffer_.get();
  fill();
  if (std::string_view(begin_, static_cast<std::size_t>(end_ - begin_)).substr(0, 3) == byte_order_mark) {
    begin_ += byte_order_mark.size();
  }
  choose_delimiter();
}

void csv_records::choose_delimiter() {
  const std::string_view text(begin_, static_cast<std::size_t>(end_ - begin_));
  const std::string_view line = text.substr(0, text.find('\n'));
  if (line.find(',') == std::string_view::npos) {
    const std::size_t found = line.find_first_of(";\t");
    delimiter_ = found == std::string_view::npos ? ',' : line[found];
  }
}

// What ends a plain field, or must not stand in one.
bool csv_records::is_special(char c) const noexcept { return c == delimiter_ || c == '\n' || c == '\r' || c == '"'; }

// Afterwards the buffer holds a whole record of the largest size, or all the rest.
void csv_records::fill() {
  std::size_t held = static_cast<std::size_t>(end_ - begin_);
  // One byte more than the largest record: what ends it.
  if (source_ended_ || held > max_csv_record_size_bytes) {
    return;
  }
  std::memmove(buffer_.get(), begin_, held);
  while (held < buffer_size_bytes) {
    const std::size_t count = source_(buffer_.get() + held, buffer_size_bytes - held);
    if (count == 0) {
      source_ended_ = true;
      break;
    }
    held += count;
  }
  begin_ = buffer_.get();
  end_ = begin_ + held;
}

bool csv_records::skip_empty_lines() {
  for (;;) {
    fill();
    if (begin_ == end_) {
      return false;
    }
    if (*begin_ == '\n') {
      begin_ += 1;
    } else if (*begin_ == '\r' && end_ - begin_ >= 2 && begin_[1] == '\n') {
      begin_ += 2;
    } else {
      return true;
    }
    ++line_;
  }
}

bool csv_records::next() {
  fields_.clear();
  if (!skip_empty_lines()) {
    return false;
  }
  record_line_ = line_;
  record_end_ = begin_ + std::min(static_cast<std::size_t>(end_ - begin_), max_csv_record_size_bytes);
  do {
    if (begin_ != record_end_ && *begin_ == '"') {
      read_quoted_field();
    } else {
      read_plain_field();
    }
  } while (end_field());
  return true;
}

void csv_records::read_plain_field() {
  char *field_end = std::find_if(begin_, record_end_, [this](char c) { return is_special(c); });
  fields_.emplace_back(begin_, static_cast<std::size_t>(field_end - begin_));
  begin_ = field_end;
}

void csv_records::read_quoted_field() {
  char *const text = begin_ + 1;
  bool has_doubled_quotes = false;
  char *quote = text;
  for (;;) {
    const auto left = static_cast<std::size_t>(record_end_ - quote);
    quote = left != 0 ? static_cast<char *>(std::memchr(quote, '"', left)) : nullptr;
    if (quote == nullptr) {
      fields_.emplace_back();
      fail_field(record_end_ == end_ ? "a quote is never closed"
                                     : "a quote is not closed within the largest record, 1 MiB");
    }
    if (quote + 1 == record_end_ || quote[1] != '"') {
      break;
    }
    has_doubled_quotes = true;
    quote += 2;
  }
  line_ += static_cast<std::uint64_t>(std::count(text, quote, '\n'));
  if (has_doubled_quotes) {
    undo_doubled_quotes(text, quote);
  } else {
    fields_.emplace_back(text, static_cast<std::size_t>(quote - text));
  }
  begin_ = quote + 1;
}

// In place: the text only gets shorter.
void csv_records::undo_doubled_quotes(char *begin, const char *end) {
  char *out = begin;
  for (const char *in = begin; in != end; ++in) {
    *out++ = *in;
    if (*in == '"') {
      ++in;
    }
  }
  fields_.emplace_back(begin, static_cast<std::size_t>(out - begin));
}

// Reads what stands behind a field; whether that is another one.
bool csv_records::end_field() {
  if (begin_ == end_) {
    return false;
  }
  if (begin_ == record_end_) {
    fail_field("the record is longer than 1 MiB");
  }
  if (*begin_ == delimiter_) {
    ++begin_;
    return true;
  }
  switch (*begin_) {
    case '\n':
      begin_ += 1;
      break;
    case '\r':
      if (end_ - begin_ < 2 || begin_[1] != '\n') {
        fail_field("a carriage return that ends no line");
      }
      begin_ += 2;
      break;
    case '"':
      fail_field("a quote inside a field that does not begin with one");
    default:
      fail_field("text behind the closing quote");
  }
  ++line_;
  return false;
}

void csv_records::fail_field(const char *reason) const {
  fail(LM_ERROR_FORMAT, name_, ": line ", record_line_, ", field ", fields_.size(), ": ", reason);
}

}  // namespace libmatch::detail
