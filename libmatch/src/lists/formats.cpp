#include "lists/formats.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/progress.h"
#include "lists/exchange_formats.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t start_size_bytes = 4096;

struct format_description {
  lm_list_format format;
  const char *name;
};

constexpr std::array<format_description, 11> formats{{
    {LM_LIST_CSV, "csv"},
    {LM_LIST_TEXT, "text"},
    {LM_LIST_NPY, "npy"},
    {LM_LIST_RAW, "raw"},
    {LM_LIST_NCMEC, "ncmec"},
    {LM_LIST_VICS, "vics"},
    {LM_LIST_STOPNCII, "stopncii"},
    {LM_LIST_TECH_AGAINST_TERRORISM, "tech_against_terrorism"},
    {LM_LIST_NSRL, "nsrl"},
    {LM_LIST_HASHDEEP, "hashdeep"},
    {LM_LIST_VPDQ, "vpdq"},
}};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

lm_list_format recognise_json(std::string_view start) noexcept {
  if (contains(start, "\"hashRecords\"")) {
    return LM_LIST_STOPNCII;
  }
  if (contains(start, "\"hash_digest\"") || contains(start, "\"results\"")) {
    return LM_LIST_TECH_AGAINST_TERRORISM;
  }
  return LM_LIST_VICS;
}

// What a list's own writer puts into its first line.
lm_list_format recognise_lines(std::string_view start) noexcept {
  const std::string_view line = start.substr(0, start.find_first_of("\r\n"));
  const auto commas = std::count(line.begin(), line.end(), ',');
  if (commas == 0 && line.find_first_of(" #") != std::string_view::npos &&
      line.find_first_of(";\t\"") == std::string_view::npos) {
    return LM_LIST_TEXT;
  }
  const bool is_number =
      !line.empty() && line.substr(0, line.find(',')).find_first_not_of("0123456789") == std::string_view::npos;
  if (commas == 3 && (contains(line, "quality,hash") || (is_number && line.find(',') < 16))) {
    return LM_LIST_VPDQ;
  }
  return LM_LIST_CSV;
}

// The bytes that were looked at, then the rest.
list_source behind(std::string start, list_source rest) {
  std::size_t place = 0;
  return [start = std::move(start), rest = std::move(rest), place](char *destination, std::size_t size) mutable {
    if (place == start.size()) {
      return rest(destination, size);
    }
    const std::size_t count = std::min(size, start.size() - place);
    std::copy_n(start.data() + place, count, destination);
    place += count;
    return count;
  };
}

std::string read_start(const list_source &source) {
  std::string start(start_size_bytes, '\0');
  std::size_t held = 0;
  while (held < start.size()) {
    const std::size_t count = source(start.data() + held, start.size() - held);
    if (count == 0) {
      break;
    }
    held += count;
  }
  start.resize(held);
  return start;
}

// A database has no bytes to count; its callback can still cancel.
class cancellable_sink final : public record_sink {
 public:
  cancellable_sink(record_sink &sink, progress_meter &meter) : sink_(sink), meter_(meter) {}
  void add(const list_record &record) override {
    meter_.add(0);
    sink_.add(record);
  }

 private:
  record_sink &sink_;
  progress_meter &meter_;
};

// Of regular files; a pipe that is opened twice would lose what it holds. What is not there, reading finds.
std::uint64_t total_size(const std::vector<std::string> &paths) {
  std::uint64_t total = 0;
  for (const std::string &path : paths) {
    std::error_code unknown;
    const std::uintmax_t size =
        std::filesystem::is_regular_file(path, unknown) ? std::filesystem::file_size(path, unknown) : 0;
    total += unknown ? 0 : size;
  }
  return total;
}

}  // namespace

const char *list_format_name(lm_list_format format) noexcept {
  for (const format_description &description : formats) {
    if (description.format == format) {
      return description.name;
    }
  }
  return nullptr;
}

lm_list_format list_format_of_name(std::string_view name) {
  std::string names;
  for (const format_description &description : formats) {
    if (name == description.name) {
      return description.format;
    }
    names += (names.empty() ? "" : ", ") + std::string(description.name);
  }
  fail(LM_ERROR_INVALID_ARGUMENT, "format: ", name, " is not one of ", names);
}

lm_list_format recognise_list(std::string_view start) noexcept {
  if (start.substr(0, 16) == std::string_view("SQLite format 3\0", 16)) {
    return LM_LIST_NSRL;
  }
  if (start.substr(0, 6) == "\x93NUMPY") {
    return LM_LIST_NPY;
  }
  if (start.substr(0, 3) == "\xEF\xBB\xBF") {
    start.remove_prefix(3);
  }
  if (start.substr(0, 14) == "%%%% HASHDEEP-") {
    return LM_LIST_HASHDEEP;
  }
  const std::size_t first = start.find_first_not_of(" \t\r\n");
  switch (first == std::string_view::npos ? '\0' : start[first]) {
    case '<':
      return LM_LIST_NCMEC;
    case '{':
    case '[':
      return recognise_json(start);
    default:
      return recognise_lines(start);
  }
}

void read_list(const list_source &source, const std::string &name, lm_list_format format,
               const plain_options &options, record_sink &sink, list_summary &summary) {
  summary.format = list_format_name(format);
  switch (format) {
    case LM_LIST_TEXT:
      return read_text(source, name, options, sink, summary);
    case LM_LIST_NPY:
      return read_npy(source, name, options, sink, summary);
    case LM_LIST_RAW:
      return read_raw(source, name, options, sink, summary);
    case LM_LIST_NCMEC:
      return read_ncmec(source, name, sink, summary);
    case LM_LIST_VICS:
      return read_vics(source, name, sink, summary);
    case LM_LIST_STOPNCII:
      return read_stopncii(source, name, sink, summary);
    case LM_LIST_TECH_AGAINST_TERRORISM:
      return read_tech_against_terrorism(source, name, sink, summary);
    case LM_LIST_HASHDEEP:
      return read_hashdeep(source, name, sink, summary);
    case LM_LIST_VPDQ:
      return read_vpdq(source, name, sink, summary);
    case LM_LIST_NSRL:
      fail(LM_ERROR_UNSUPPORTED, name, ": an SQLite database is read by its path");
    default:
      return read_csv(source, name, options, sink, summary);
  }
}

list_summary read_list_files(const std::vector<std::string> &paths, lm_list_format format,
                             const plain_options &options, record_sink &sink, const lm_progress *progress) {
  list_summary summary;
  progress_meter meter(progress, total_size(paths));
  for (const std::string &path : paths) {
    const file_descriptor file = file_descriptor::open_stream(path);
    const list_source bytes = [&](char *destination, std::size_t size) {
      const std::size_t count = file.read(destination, size);
      meter.add(count);
      return count;
    };
    std::string start = read_start(bytes);
    const lm_list_format found = format == LM_LIST_AUTOMATIC ? recognise_list(start) : format;
    if (found == LM_LIST_NSRL) {
      summary.format = list_format_name(found);
      cancellable_sink cancellable(sink, meter);
      read_nsrl(path, cancellable, summary);
    } else {
      read_list(behind(std::move(start), bytes), path, found, options, sink, summary);
    }
  }
  return summary;
}

list_summary read_list_pages(std::span<const std::span<const char>> pages, lm_list_format format,
                             const plain_options &options, record_sink &sink, const lm_progress *progress) {
  list_summary summary;
  std::uint64_t total = 0;
  for (const std::span<const char> page : pages) {
    total += page.size();
  }
  progress_meter meter(progress, total);
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const std::string_view text(pages[i].data(), pages[i].size());
    const lm_list_format found =
        format == LM_LIST_AUTOMATIC ? recognise_list(text.substr(0, start_size_bytes)) : format;
    const list_source bytes = [&meter, inner = source_of(pages[i])](char *destination, std::size_t size) {
      const std::size_t count = inner(destination, size);
      meter.add(count);
      return count;
    };
    read_list(bytes, "page " + std::to_string(i + 1), found, options, sink, summary);
  }
  return summary;
}

}  // namespace libmatch::detail
