#include <string_view>

#include "lists/entry_builder.h"
#include "lists/lines.h"
#include "lists/plain_formats.h"

namespace libmatch::detail {

namespace {

// The first word of a text; the text is left with the rest.
std::string_view take_word(std::string_view &text) {
  text = trim(text);
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text = trim(text.substr(word.size()));
  return word;
}

bool is_code(std::string_view word) {
  for (const char c : word) {
    if (!is_hexadecimal(c)) {
      return false;
    }
  }
  return word.size() >= 16;
}

}  // namespace

void read_text(const list_source &source, const std::string &name, const plain_options &options, record_sink &sink,
               list_summary &summary) {
  line_reader lines(source, name);
  std::vector<std::uint8_t> code;
  while (lines.next()) {
    std::string_view rest = lines.line();
    std::string_view word = take_word(rest);
    if (word.empty() || word[0] == '#') {
      continue;
    }
    const hash_description *kind = describe(options.kind == LM_HASH_BY_WIDTH ? LM_HASH_CODE : options.kind);
    if (!is_code(word)) {
      kind = kind_of_name(word);
      if (kind == nullptr && equal_without_case(word, "code")) {
        kind = describe(LM_HASH_CODE);
      }
      if (kind == nullptr) {
        lines.fail("kind", "neither a kind nor a code");
      }
      word = take_word(rest);
    } else if (options.kind == LM_HASH_BY_WIDTH && word.size() == 64) {
      kind = describe(LM_HASH_PDQ256);
    }
    lines.check("code", read_code(word, *kind, code));
    list_record record;
    record.hash = kind->hash;
    record.bits = static_cast<std::uint32_t>(code.size() * 8);
    record.code = code.data();
    lines.check("label", label_problem(rest));
    record.label = rest;
    sink.add(record);
    ++summary.records;
  }
}

}  // namespace libmatch::detail
