#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/hashes.h"
#include "lists/csv_records.h"
#include "lists/plain_formats.h"
#include "lists/values.h"

namespace libmatch::detail {

namespace {

enum column : std::size_t {
  kind_column,
  code_column,
  id_column,
  label_column,
  list_id_column,
  time_column,
  withdrawn_column,
  column_count
};
constexpr std::array<const char *, column_count> column_names{"kind",    "code", "id",       "label",
                                                              "list_id", "time", "withdrawn"};
constexpr const char *known_columns = "kind, code, id, label, list_id, time, withdrawn";

constexpr std::size_t no_field = static_cast<std::size_t>(-1);
constexpr std::size_t pdq256_digits = 64;

std::size_t find_column(std::string_view name) {
  const auto found = std::find_if(column_names.begin(), column_names.end(),
                                  [&](const char *column) { return equal_without_case(name, column); });
  return static_cast<std::size_t>(found - column_names.begin());
}

// Of plain_options::columns: a column, or a kind whose codes have a column of their own, and what the header calls
// it.
struct mapped_column {
  std::string name;
  std::size_t column;            // column_count for a kind
  const hash_description *kind;  // null for a column
};

std::vector<mapped_column> read_mapping(std::string_view text) {
  std::vector<mapped_column> mapping;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      fail(LM_ERROR_INVALID_ARGUMENT, "columns: ", printable(part), " is not column=name in the header");
    }
    const std::string_view left = trim(part.substr(0, equals));
    const std::size_t column = find_column(left);
    const hash_description *kind = column == column_count ? kind_of_name(left) : nullptr;
    if (column == column_count && kind == nullptr) {
      fail(LM_ERROR_INVALID_ARGUMENT, "columns: ", printable(left), " is neither a kind nor one of ", known_columns);
    }
    mapping.push_back({std::string(trim(part.substr(equals + 1))), column, kind});
  }
  return mapping;
}

class csv_list_reader {
 public:
  csv_list_reader(const list_source &source, const std::string &name, const plain_options &options, record_sink &sink,
                  list_summary &summary)
      : records_(source, name),
        unnamed_kind_(options.kind),
        mapping_(read_mapping(options.columns)),
        sink_(sink),
        summary_(summary) {}

  void read() {
    if (!records_.next()) {
      return;
    }
    if (mapping_.empty()) {
      read_header();
    } else {
      read_mapped_header();
    }
    if (!has_header_) {
      read_entry();
    }
    while (records_.next()) {
      read_entry();
    }
  }

 private:
  void read_header();
  void read_mapped_header();
  void read_entry();
  void read_columns_of_kinds(list_record &record);
  void add(list_record &record);
  void check_field_count() const;
  std::string_view field(column c) const;
  std::string_view field_at(std::size_t i) const;
  const hash_description &read_kind(std::size_t digits) const;
  std::int64_t read_id() const;
  std::int64_t read_change() const;
  bool read_withdrawn() const;
  std::string_view read_text_field(column c) const;
  void read_code(std::string_view text, const hash_description &kind);
  const char *header_hint() const;

  template <typename... Parts>
  [[noreturn]] void fail_line(const Parts &...parts) const {
    fail(LM_ERROR_FORMAT, records_.name(), ": line ", records_.line(), ", ", parts...);
  }
  template <typename... Parts>
  [[noreturn]] void fail_field(std::string_view name, const Parts &...parts) const {
    fail_line("field ", name, ": ", parts...);
  }

  struct kind_column_of {
    const hash_description *kind;
    std::size_t field;
    std::string name;
  };

  csv_records records_;
  lm_hash unnamed_kind_;  // of records that name none
  std::vector<mapped_column> mapping_;
  record_sink &sink_;
  list_summary &summary_;
  bool has_header_ = false;
  // Which field of a record holds a column; without a header these.
  std::array<std::size_t, column_count> layout_{no_field, 0, 1, 2, no_field, no_field, no_field};
  std::vector<kind_column_of> kind_columns_;
  std::size_t header_size_ = 0;
  bool is_first_record_ = true;
  std::vector<std::uint8_t> code_;
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
      fail_line("field ", i + 1, ": unknown column ", printable(trim(names[i])), "; known are ", known_columns);
    }
    if (layout_[found] != no_field) {
      fail_line("field ", i + 1, ": the column ", column_names[found], " is named twice");
    }
    layout_[found] = i;
  }
}

// Every name of the mapping must be there: a list whose columns were renamed must not be read as one without codes.
void csv_list_reader::read_mapped_header() {
  const std::vector<std::string_view> &names = records_.fields();
  has_header_ = true;
  header_size_ = names.size();
  layout_.fill(no_field);
  for (const mapped_column &wanted : mapping_) {
    const auto found =
        std::find_if(names.begin(), names.end(), [&](std::string_view name) { return trim(name) == wanted.name; });
    if (found == names.end()) {
      fail_line("the header has no column ", printable(wanted.name));
    }
    const auto i = static_cast<std::size_t>(found - names.begin());
    if (wanted.kind != nullptr) {
      kind_columns_.push_back({wanted.kind, i, wanted.name});
    } else {
      layout_[wanted.column] = i;
    }
  }
  if (layout_[code_column] == no_field && kind_columns_.empty()) {
    fail(LM_ERROR_INVALID_ARGUMENT, "columns: no column of codes is named");
  }
}

void csv_list_reader::read_entry() {
  check_field_count();
  list_record record;
  record.withdrawn = read_withdrawn();
  record.list_id = read_text_field(list_id_column);
  const std::string_view text = field(code_column);
  const bool names_its_entry_only =
      kind_columns_.empty() && text.empty() && record.withdrawn && !record.list_id.empty();
  if (!text.empty() || (kind_columns_.empty() && !names_its_entry_only)) {
    const hash_description &kind = read_kind(text.size());
    read_code(text, kind);
    record.hash = kind.hash;
  }
  record.id = read_id();
  record.label = read_text_field(label_column);
  record.time = read_change();
  if (names_its_entry_only) {
    code_.clear();
  }
  if (!text.empty() || names_its_entry_only) {
    add(record);
  }
  read_columns_of_kinds(record);
  is_first_record_ = false;
}

void csv_list_reader::read_columns_of_kinds(list_record &record) {
  for (const kind_column_of &column : kind_columns_) {
    const std::string_view text = trim(field_at(column.field));
    if (text.empty()) {
      continue;
    }
    const std::string problem = detail::read_code(text, *column.kind, code_);
    if (!problem.empty()) {
      fail_field(column.name, problem);
    }
    record.hash = column.kind->hash;
    add(record);
  }
}

void csv_list_reader::add(list_record &record) {
  record.bits = static_cast<std::uint32_t>(code_.size() * 8);
  record.code = code_.empty() ? nullptr : code_.data();
  ++summary_.records;
  summary_.withdrawals += record.withdrawn ? 1 : 0;
  sink_.add(record);
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

std::string_view csv_list_reader::field_at(std::size_t i) const {
  const std::vector<std::string_view> &fields = records_.fields();
  return i < fields.size() ? fields[i] : std::string_view();
}

// Empty where the record has no such field.
std::string_view csv_list_reader::field(column c) const {
  const std::string_view text = field_at(layout_[c]);
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
  if (const hash_description *kind = kind_of_name(name); kind != nullptr) {
    return *kind;
  }
  std::string names;
  for (const hash_description &kind : all_hashes()) {
    names += (names.empty() ? "" : ", ") + std::string(kind.name);
  }
  fail_field(column_names[kind_column], "not one of ", names);
}

void csv_list_reader::read_code(std::string_view text, const hash_description &kind) {
  const std::string problem = read_hexadecimal(text, kind, code_);
  if (!problem.empty()) {
    fail_field(column_names[code_column], problem, header_hint());
  }
}

// For a first record that may have been meant as a header: a code would have digits only.
const char *csv_list_reader::header_hint() const {
  const std::string_view code = field(code_column);
  const bool is_word = !std::all_of(code.begin(), code.end(), is_hexadecimal);
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
    fail_field(column_names[id_column], "no number from 0 to 9223372036854775807");
  }
  return id;
}

std::int64_t csv_list_reader::read_change() const {
  const std::string_view text = field(time_column);
  if (text.empty()) {
    return -1;
  }
  const std::optional<std::int64_t> time = read_time(text);
  if (!time) {
    fail_field(column_names[time_column], "no time");
  }
  return *time;
}

bool csv_list_reader::read_withdrawn() const {
  const std::string_view text = field(withdrawn_column);
  if (text.empty() || text == "0" || equal_without_case(text, "false") || equal_without_case(text, "no")) {
    return false;
  }
  if (text == "1" || equal_without_case(text, "true") || equal_without_case(text, "yes")) {
    return true;
  }
  fail_field(column_names[withdrawn_column], "none of 0, 1, false, true, no, yes");
}

std::string_view csv_list_reader::read_text_field(column c) const {
  const std::string_view text = field(c);
  const std::string problem = label_problem(text);
  if (!problem.empty()) {
    fail_field(column_names[c], problem);
  }
  return text;
}

}  // namespace

void read_csv(const list_source &source, const std::string &name, const plain_options &options, record_sink &sink,
              list_summary &summary) {
  csv_list_reader(source, name, options, sink, summary).read();
}

}  // namespace libmatch::detail
