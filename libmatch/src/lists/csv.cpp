#include "lists/csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "core/hashes.h"
#include "core/progress.h"
#include "core/utf8.h"
#include "lists/csv_records.h"

namespace libmatch::detail {

namespace {

enum column : std::size_t { kind_column, code_column, id_column, label_column, column_count };
constexpr std::array<const char *, column_count> column_names{"kind", "code", "id", "label"};

// Which field of a record holds a column.
constexpr std::size_t no_field = static_cast<std::size_t>(-1);
using layout = std::array<std::size_t, column_count>;

constexpr std::size_t pdq256_digits = 64;

std::string_view trim(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool equal_without_case(std::string_view text, std::string_view lower) noexcept {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

// A column's name as a message can show it: short, in ASCII, in quotes.
std::string printable(std::string_view name) {
  constexpr std::size_t size_max = 40;
  std::string text(name.substr(0, size_max));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return '"' + text + (name.size() > size_max ? "...\"" : "\"");
}

// Values of hexadecimal digits; 255 for every other byte.
constexpr std::array<std::uint8_t, 256> digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(255);
  for (std::uint8_t i = 0; i < 16; ++i) {
    values[static_cast<std::uint8_t>("0123456789abcdef"[i])] = i;
    values[static_cast<std::uint8_t>("0123456789ABCDEF"[i])] = i;
  }
  return values;
}();

std::uint8_t digit_value(char c) noexcept { return digit_values[static_cast<std::uint8_t>(c)]; }

class csv_list_reader {
 public:
  csv_list_reader(csv_source source, const std::string &name, lm_hash unnamed_kind)
      : records_(std::move(source), name), unnamed_kind_(unnamed_kind) {}

  hash_list read() {
    if (!records_.next()) {
      return std::move(list_);
    }
    read_header();
    if (!has_header_) {
      read_entry();
    }
    while (records_.next()) {
      read_entry();
    }
    return std::move(list_);
  }

 private:
  void read_header();
  std::size_t find_column(std::string_view name) const;
  void read_entry();
  void check_field_count() const;
  std::string_view field(column c) const;
  const hash_description &read_kind(std::size_t digits) const;
  std::int64_t read_id() const;
  std::string_view read_label() const;
  void check_width(const hash_description &kind, std::size_t digits) const;
  void read_code(std::string_view digits, std::uint8_t *code) const;
  const char *header_hint() const;

  template <typename... Parts>
  [[noreturn]] void fail_line(const Parts &...parts) const {
    fail(LM_ERROR_FORMAT, records_.name(), ": line ", records_.line(), ", ", parts...);
  }
  template <typename... Parts>
  [[noreturn]] void fail_field(column c, const Parts &...parts) const {
    fail_line("field ", column_names[c], ": ", parts...);
  }

  csv_records records_;
  lm_hash unnamed_kind_;  // of records that name none
  hash_list list_;
  bool has_header_ = false;
  layout layout_{no_field, 0, 1, 2};  // without a header
  std::size_t header_size_ = 0;
  bool is_first_record_ = true;
};

// The first record is a header if one of its fields is `code`, which no code can be.
void csv_list_reader::read_header() {
  const std::vector<std::string_view> &names = records_.fields();
  has_header_ = std::any_of(names.begin(), names.end(), [](std::string_view name) {
    return equal_without_case(trim(name), column_names[code_column]);
  });
  if (!has_header_) {
    return;
  }
  header_size_ = names.size();
  layout_.fill(no_field);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t found = find_column(trim(names[i]));
    if (found == column_count) {
      fail_line("field ", i + 1, ": unknown column ", printable(trim(names[i])), "; known are kind, code, id, label");
    }
    if (layout_[found] != no_field) {
      fail_line("field ", i + 1, ": the column ", column_names[found], " is named twice");
    }
    layout_[found] = i;
  }
}

std::size_t csv_list_reader::find_column(std::string_view name) const {
  const auto found = std::find_if(column_names.begin(), column_names.end(),
                                  [&](const char *column) { return equal_without_case(name, column); });
  return static_cast<std::size_t>(found - column_names.begin());
}

void csv_list_reader::read_entry() {
  check_field_count();
  const std::string_view digits = field(code_column);
  const hash_description &kind = read_kind(digits.size());
  check_width(kind, digits.size());
  const std::int64_t id = read_id();
  const auto bits = static_cast<std::uint32_t>(digits.size() * 4);
  read_code(digits, list_.add(kind.hash, bits, id, read_label()));
  is_first_record_ = false;
}

void csv_list_reader::check_field_count() const {
  const std::size_t count = records_.fields().size();
  if (has_header_ && count != header_size_) {
    fail_line(count, count == 1 ? " field" : " fields", " where the header has ", header_size_);
  }
  if (!has_header_ && count > 3) {
    fail_line(count, " fields where a list without a header has up to 3: code, id, label");
  }
}

// Empty where the record has no such field.
std::string_view csv_list_reader::field(column c) const {
  const std::vector<std::string_view> &fields = records_.fields();
  const std::string_view text = layout_[c] < fields.size() ? fields[layout_[c]] : std::string_view();
  return c == label_column ? text : trim(text);
}

const hash_description &csv_list_reader::read_kind(std::size_t digits) const {
  const std::string_view name = field(kind_column);
  if (name.empty() && unnamed_kind_ != LM_HASH_BY_WIDTH) {
    return *describe(unnamed_kind_);
  }
  if (name.empty()) {
    return *describe(digits == pdq256_digits ? LM_HASH_PDQ256 : LM_HASH_CODE);
  }
  for (const hash_description &kind : all_hashes()) {
    if (equal_without_case(name, kind.name)) {
      return kind;
    }
  }
  std::string names;
  for (const hash_description &kind : all_hashes()) {
    names += (names.empty() ? "" : ", ") + std::string(kind.name);
  }
  fail_field(kind_column, "not one of ", names);
}

void csv_list_reader::check_width(const hash_description &kind, std::size_t digits) const {
  if (digits == 0) {
    fail_field(code_column, "empty");
  }
  if (!has_width(kind, digits * 4)) {
    fail_field(code_column, digits, " digits where ", kind.name, " has ", widths(kind, 4), header_hint());
  }
}

void csv_list_reader::read_code(std::string_view digits, std::uint8_t *code) const {
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const std::uint8_t high = digit_value(digits[i]);
    const std::uint8_t low = digit_value(digits[i + 1]);
    if ((high | low) > 15) {
      fail_field(code_column, "character ", high > 15 ? i + 1 : i + 2, " is no hexadecimal digit", header_hint());
    }
    code[i / 2] = static_cast<std::uint8_t>(high << 4U | low);
  }
}

// For a first record that may have been meant as a header: a code would have digits only.
const char *csv_list_reader::header_hint() const {
  const std::string_view code = field(code_column);
  const bool is_word = std::any_of(code.begin(), code.end(), [](char c) { return digit_value(c) > 15; });
  return !has_header_ && is_first_record_ && is_word ? " (a header must name a column code)" : "";
}

std::int64_t csv_list_reader::read_id() const {
  const std::string_view text = field(id_column);
  if (text.empty()) {
    return -1;
  }
  std::int64_t id = -1;
  const auto [rest, result] = std::from_chars(text.data(), text.data() + text.size(), id);
  // from_chars takes a minus sign, and "-0" with it.
  if (result != std::errc() || rest != text.data() + text.size() || text[0] == '-') {
    fail_field(id_column, "no number from 0 to 9223372036854775807");
  }
  return id;
}

std::string_view csv_list_reader::read_label() const {
  const std::string_view label = field(label_column);
  if (label.find('\0') != std::string_view::npos) {
    fail_field(label_column, "holds a zero byte");
  }
  if (!is_utf8(label)) {
    fail_field(label_column, "not UTF-8");
  }
  return label;
}

}  // namespace

hash_list read_csv(std::span<const char> text, const std::string &name, lm_hash kind) {
  std::size_t place = 0;
  const auto source = [&](char *destination, std::size_t size) {
    const std::size_t count = std::min(size, text.size() - place);
    std::copy_n(text.data() + place, count, destination);
    place += count;
    return count;
  };
  return csv_list_reader(source, name, kind).read();
}

hash_list read_csv_file(const std::string &path, lm_hash kind, const lm_progress *progress) {
  const file_descriptor file = file_descriptor::open_stream(path);
  progress_meter meter(progress, file.size());
  const auto source = [&](char *destination, std::size_t size) {
    const std::size_t count = file.read(destination, size);
    meter.add(count);
    return count;
  };
  return csv_list_reader(source, path, kind).read();
}

}  // namespace libmatch::detail
