#include "output.h"

#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>

namespace command {

namespace {

std::uint8_t byte_at(std::string_view text, std::size_t place) { return static_cast<std::uint8_t>(text[place]); }

// Bytes of the well-formed UTF-8 character at `place`; 0 where there is none (Unicode 15, table 3-7).
std::size_t character_size(std::string_view text, std::size_t place) {
  const std::uint8_t lead = byte_at(text, place);
  if (lead < 0x80) {
    return 1;
  }
  const std::size_t size = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (size == 0 || text.size() - place < size) {
    return 0;
  }
  const std::uint8_t second = byte_at(text, place + 1);
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
      (lead == 0xF4 && second > 0x8F)) {
    return 0;
  }
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte_at(text, place + i) & 0xC0U) != 0x80) {
      return 0;
    }
  }
  return size;
}

bool is_utf8(std::string_view text) {
  for (std::size_t place = 0; place < text.size();) {
    const std::size_t size = character_size(text, place);
    if (size == 0) {
      return false;
    }
    place += size;
  }
  return true;
}

// Control characters could move a terminal's cursor or rewrite its lines: U+0000 to U+001F, U+007F to U+009F.
bool is_control(std::string_view character) {
  const std::uint8_t first = byte_at(character, 0);
  return first < 0x20 || first == 0x7F || (first == 0xC2 && byte_at(character, 1) < 0xA0);
}

void append_bytes(std::string &out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    out += {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
  }
}

void append_escaped(std::string &out, std::string_view character) {
  switch (character[0]) {
    case '\t':
      out += "\\t";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\\':
      out += "\\\\";
      return;
    default:
      break;
  }
  if (is_control(character)) {
    append_bytes(out, character);
  } else {
    out += character;
  }
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
    throw std::runtime_error("cannot write to standard output: " + std::generic_category().message(errno));
  }
}

}  // namespace

std::string escape(std::string_view name) {
  std::string out;
  out.reserve(name.size());
  for (std::size_t place = 0; place < name.size();) {
    const std::size_t size = character_size(name, place);
    if (size == 0) {
      append_bytes(out, name.substr(place, 1));
    } else {
      append_escaped(out, name.substr(place, size));
    }
    place += size == 0 ? 1 : size;
  }
  return out;
}

std::string to_utf8(std::string_view name) { return is_utf8(name) ? std::string(name) : escape(name); }

void set_path(json &object, std::string_view path) {
  object["path"] = to_utf8(path);
  if (!is_utf8(path)) {
    object["path_bytes"] = to_hex({reinterpret_cast<const std::uint8_t *>(path.data()), path.size()});
  }
}

std::string to_hex(std::span<const std::uint8_t> code) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * code.size());
  for (const std::uint8_t byte : code) {
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

std::string version_text(std::int32_t version) {
  return std::to_string(version / 10000) + '.' + std::to_string(version / 100 % 100) + '.' +
         std::to_string(version % 100);
}

void print_row(std::initializer_list<std::string_view> fields) {
  std::string row;
  for (const std::string_view field : fields) {
    row += field;
    row += '\t';
  }
  row.back() = '\n';
  print(row);
}

void print_json(const json &value) { print(value.dump() + '\n'); }

void flush_output() {
  if (std::fflush(stdout) != 0) {
    throw std::runtime_error("cannot write to standard output: " + std::generic_category().message(errno));
  }
}

void print_message(std::string_view message) {
  // In one piece, so that the lines of commands that share a terminal do not mix.
  const std::string line = "libmatch: " + std::string(message) + '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

std::string file_message(std::string_view path, std::string_view reason) {
  const bool names_path = reason.substr(0, path.size()) == path && reason.substr(path.size(), 2) == ": ";
  return escape(path) + ": " + escape(names_path ? reason.substr(path.size() + 2) : reason);
}

}  // namespace command
