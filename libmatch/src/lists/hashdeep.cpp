// hashdeep's output: "%%%% HASHDEEP-1.0", "%%%% size,md5,sha256,filename", comments, and a line a file.
#include <algorithm>
#include <string_view>
#include <vector>

#include "lists/entry_builder.h"
#include "lists/exchange_formats.h"
#include "lists/lines.h"

namespace libmatch::detail {

namespace {

constexpr std::string_view mark = "%%%% ";

std::vector<std::string> read_columns(line_reader &lines) {
  if (!lines.next() || lines.line().substr(0, 14) != "%%%% HASHDEEP-") {
    lines.fail("the document", "does not begin with %%%% HASHDEEP-");
  }
  if (!lines.next() || lines.line().substr(0, mark.size()) != mark) {
    lines.fail("the columns", "no second line of %%%%");
  }
  std::vector<std::string> columns;
  std::string_view text = lines.line().substr(mark.size());
  for (;;) {
    const std::size_t comma = text.find(',');
    columns.emplace_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) {
      break;
    }
    text.remove_prefix(comma + 1);
  }
  if (columns.back() != "filename") {
    lines.fail("the columns", "the last is not filename");
  }
  return columns;
}

}  // namespace

void read_hashdeep(const list_source &source, const std::string &name, record_sink &sink, list_summary &summary) {
  line_reader lines(source, name);
  const std::vector<std::string> columns = read_columns(lines);
  entry_builder entry(sink, summary);
  while (lines.next()) {
    std::string_view text = lines.line();
    if (text.empty() || text[0] == '#') {
      continue;
    }
    entry.begin();
    for (std::size_t i = 0; i + 1 < columns.size(); ++i) {
      const std::size_t comma = text.find(',');
      if (comma == std::string_view::npos) {
        lines.fail(columns[i], "the line ends here");
      }
      const std::string_view value = trim(text.substr(0, comma));
      if (columns[i] != "size" && !value.empty()) {
        lines.check(columns[i], entry.add_named_code(columns[i], value));
      }
      text.remove_prefix(comma + 1);
    }
    // A name may hold commas, and any bytes.
    const std::string problem = entry.set_label(text);
    lines.check("filename", problem);
    entry.end();
  }
}

}  // namespace libmatch::detail
