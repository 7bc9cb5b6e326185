// A line a frame: frame, quality, hash, timestamp.
#include <array>
#include <charconv>
#include <limits>
#include <string_view>
#include <utility>

#include "lists/entry_builder.h"
#include "lists/exchange_formats.h"
#include "lists/lines.h"

namespace libmatch::detail {

namespace {

// Meta's rule: frames of less say nothing about the video.
constexpr int least_quality = 50;

enum field : std::size_t { frame_field, quality_field, hash_field, timestamp_field, field_count };
constexpr std::array<const char *, field_count> field_names{"frame", "quality", "hash", "timestamp"};

std::array<std::string_view, field_count> split(const line_reader &lines) {
  std::array<std::string_view, field_count> fields;
  std::string_view text = lines.line();
  for (std::size_t i = 0; i < field_count; ++i) {
    const std::size_t comma = text.find(',');
    if ((comma == std::string_view::npos) != (i + 1 == field_count)) {
      lines.fail(field_names[i], "a frame has four fields: frame, quality, hash, timestamp");
    }
    fields[i] = trim(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return fields;
}

int read_number(const line_reader &lines, const std::array<std::string_view, field_count> &fields, field which,
                int most) {
  int value = 0;
  const std::string_view text = fields[which];
  const auto [rest, result] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result != std::errc() || rest != text.data() + text.size() || value < 0 || value > most) {
    lines.fail(field_names[which], "no number from 0 to ", most);
  }
  return value;
}

}  // namespace

void read_vpdq(const list_source &source, const std::string &name, record_sink &sink, list_summary &summary) {
  line_reader lines(source, name);
  entry_builder entry(sink, summary);
  bool first = true;
  while (lines.next()) {
    if (lines.line().empty()) {
      continue;
    }
    const std::array<std::string_view, field_count> fields = split(lines);
    if (std::exchange(first, false) && equal_without_case(fields[hash_field], "hash")) {
      continue;
    }
    read_number(lines, fields, frame_field, std::numeric_limits<int>::max());
    const int quality = read_number(lines, fields, quality_field, 100);
    entry.begin();
    lines.check("frame", entry.set_list_id(fields[frame_field]));
    lines.check("timestamp", entry.set_label(fields[timestamp_field]));
    lines.check("hash", entry.add_code(*describe(LM_HASH_PDQ256), fields[hash_field]));
    if (quality < least_quality) {
      ++summary.degenerate;
    } else {
      entry.end();
    }
  }
}

}  // namespace libmatch::detail
