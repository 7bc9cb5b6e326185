#include "lists/values.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "core/utf8.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t photodna_bytes = 144;

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

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Digits and nothing else, as many as `count`, at `place`; moves behind them.
std::optional<int> read_digits(std::string_view text, std::size_t &place, std::size_t count) noexcept {
  if (text.size() < place + count) {
    return {};
  }
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const char c = text[place + i];
    if (c < '0' || c > '9') {
      return {};
    }
    value = value * 10 + (c - '0');
  }
  place += count;
  return value;
}

bool read_sign(std::string_view text, std::size_t &place, std::string_view signs) noexcept {
  if (place >= text.size() || signs.find(text[place]) == std::string_view::npos) {
    return false;
  }
  ++place;
  return true;
}

std::optional<std::int64_t> read_integer(std::string_view text) noexcept {
  std::int64_t value = 0;
  const auto [rest, result] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result != std::errc() || rest != text.data() + text.size() || value < 0) {
    return {};
  }
  return value;
}

// "+01:30" or "-0130" in seconds; "Z" and nothing are none.
std::optional<std::int64_t> read_offset(std::string_view text) noexcept {
  if (text.empty() || text == "Z" || text == "z") {
    return 0;
  }
  std::size_t place = 1;
  const std::optional<int> hours = read_digits(text, place, 2);
  read_sign(text, place, ":");
  const std::optional<int> minutes = read_digits(text, place, 2);
  if ((text[0] != '+' && text[0] != '-') || !hours || !minutes || place != text.size()) {
    return {};
  }
  const std::int64_t seconds = (std::int64_t{*hours} * 60 + *minutes) * 60;
  return text[0] == '-' ? -seconds : seconds;
}

std::optional<std::int64_t> read_date(std::string_view text, std::size_t &place) noexcept {
  const std::optional<int> year = read_digits(text, place, 4);
  const bool first = read_sign(text, place, "-");
  const std::optional<int> month = read_digits(text, place, 2);
  const bool second = read_sign(text, place, "-");
  const std::optional<int> day = read_digits(text, place, 2);
  if (!year || !first || !month || !second || !day) {
    return {};
  }
  const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) {
    return {};
  }
  return std::chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86400};
}

std::optional<std::int64_t> read_iso_time(std::string_view text) noexcept {
  std::size_t place = 0;
  const std::optional<std::int64_t> date = read_date(text, place);
  if (!date || place == text.size()) {
    return date;
  }
  const bool separated = read_sign(text, place, "Tt ");
  const std::optional<int> hour = read_digits(text, place, 2);
  const bool first = read_sign(text, place, ":");
  const std::optional<int> minute = read_digits(text, place, 2);
  const bool second_sign = read_sign(text, place, ":");
  const std::optional<int> second = read_digits(text, place, 2);
  if (!separated || !hour || !first || !minute || !second_sign || !second || *hour > 23 || *minute > 59 ||
      *second > 60) {
    return {};
  }
  if (read_sign(text, place, ".,")) {
    place = std::min(text.find_first_not_of("0123456789", place), text.size());
  }
  const std::optional<std::int64_t> offset = read_offset(text.substr(place));
  if (!offset) {
    return {};
  }
  return *date + *hour * std::int64_t{3600} + *minute * std::int64_t{60} + *second - *offset;
}

// Of nothing: what a list holds where its maker hashed a file that could not be read.
constexpr std::array<std::string_view, 3> digests_of_nothing{
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
};

bool equals_digits(const std::uint8_t *code, std::size_t size, std::string_view digits) noexcept {
  if (digits.size() != size * 2) {
    return false;
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (code[i] != (digit_value(digits[2 * i]) << 4U | digit_value(digits[2 * i + 1]))) {
      return false;
    }
  }
  return true;
}

std::string read_base64(std::string_view text, std::vector<std::uint8_t> &code) {
  code.resize(text.size() / 4 * 3);
  const int size = EVP_DecodeBlock(code.data(), reinterpret_cast<const unsigned char *>(text.data()),
                                   static_cast<int>(text.size()));
  // Padding stands for bytes that are not there.
  if (size != static_cast<int>(photodna_bytes) || text.back() == '=') {
    return "no base64 of 144 bytes";
  }
  return {};
}

std::string read_numbers(std::string_view text, std::vector<std::uint8_t> &code) {
  code.clear();
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::optional<std::int64_t> value = read_integer(trim(text.substr(0, comma)));
    if (!value || *value > 255) {
      return "value " + std::to_string(code.size() + 1) + " is no number from 0 to 255";
    }
    if (code.size() == photodna_bytes) {
      return "more than 144 values";
    }
    code.push_back(static_cast<std::uint8_t>(*value));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  if (code.size() != photodna_bytes) {
    return std::to_string(code.size()) + " values where PhotoDNA has 144";
  }
  return {};
}

}  // namespace

std::string_view trim(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool equal_without_case(std::string_view text, std::string_view lower_text) noexcept {
  return std::equal(text.begin(), text.end(), lower_text.begin(), lower_text.end(),
                    [](char a, char b) { return lower(a) == b; });
}

std::string printable(std::string_view name) {
  constexpr std::size_t size_max = 40;
  std::string text(name.substr(0, size_max));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return '"' + text + (name.size() > size_max ? "...\"" : "\"");
}

bool is_hexadecimal(char c) noexcept { return digit_value(c) < 16; }

const hash_description *kind_of_name(std::string_view name) noexcept {
  std::array<char, 24> plain{};
  std::size_t size = 0;
  for (const char c : name) {
    const char small = lower(c);
    if ((small >= 'a' && small <= 'z') || (small >= '0' && small <= '9')) {
      if (size == plain.size()) {
        return nullptr;
      }
      plain[size++] = small;
    }
  }
  const std::string_view text(plain.data(), size);
  struct alias {
    std::string_view name;
    lm_hash hash;
  };
  static constexpr std::array<alias, 7> aliases{{{"pdq", LM_HASH_PDQ256},
                                                 {"imagepdq", LM_HASH_PDQ256},
                                                 {"photodna", LM_HASH_VECTOR8},
                                                 {"pdna", LM_HASH_VECTOR8},
                                                 {"imagephotodna", LM_HASH_VECTOR8},
                                                 {"imagemd5", LM_HASH_MD5},
                                                 {"videomd5", LM_HASH_MD5}}};
  for (const alias &candidate : aliases) {
    if (text == candidate.name) {
      return describe(candidate.hash);
    }
  }
  for (const hash_description &kind : all_hashes()) {
    if (text == kind.name && kind.hash != LM_HASH_CODE && kind.hash != LM_HASH_VECTOR8) {
      return &kind;
    }
  }
  return nullptr;
}

std::string read_hexadecimal(std::string_view text, const hash_description &kind, std::vector<std::uint8_t> &code) {
  if (text.empty()) {
    return "empty";
  }
  if (!has_width(kind, text.size() * 4)) {
    return std::to_string(text.size()) + " digits where " + kind.name + " has " + widths(kind, 4);
  }
  code.resize(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::uint8_t high = digit_value(text[i]);
    const std::uint8_t low = digit_value(text[i + 1]);
    if ((high | low) > 15) {
      return "character " + std::to_string(high > 15 ? i + 1 : i + 2) + " is no hexadecimal digit";
    }
    code[i / 2] = static_cast<std::uint8_t>(high << 4U | low);
  }
  return {};
}

std::string read_vector(std::string_view text, std::vector<std::uint8_t> &code) {
  if (text.size() == photodna_bytes / 3 * 4 && text.find(',') == std::string_view::npos) {
    return read_base64(text, code);
  }
  if (text.size() == photodna_bytes * 2 && text.find(',') == std::string_view::npos) {
    return read_hexadecimal(text, *describe(LM_HASH_VECTOR8), code);
  }
  if (text.find(',') != std::string_view::npos) {
    return read_numbers(text, code);
  }
  return std::to_string(text.size()) + " characters where PhotoDNA has 192 in base64 or 288 hexadecimal digits";
}

std::string read_code(std::string_view text, const hash_description &kind, std::vector<std::uint8_t> &code) {
  return kind.hash == LM_HASH_VECTOR8 ? read_vector(text, code) : read_hexadecimal(text, kind, code);
}

std::optional<std::int64_t> read_time(std::string_view text) noexcept {
  constexpr std::string_view before = "/Date(";
  if (text.substr(0, before.size()) == before) {
    const std::size_t end = text.find_first_not_of("0123456789", before.size());
    const std::optional<std::int64_t> milliseconds = read_integer(text.substr(before.size(), end - before.size()));
    return milliseconds ? std::optional(*milliseconds / 1000) : std::nullopt;
  }
  const std::size_t point = text.find('.');
  if (const std::optional<std::int64_t> seconds = read_integer(text.substr(0, point));
      seconds && (point == std::string_view::npos ||
                  text.find_first_not_of("0123456789", point + 1) == std::string_view::npos)) {
    return seconds;
  }
  return read_iso_time(text);
}

std::string write_time(std::int64_t seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::string label_problem(std::string_view text) {
  if (text.size() > max_label_bytes) {
    return "longer than 65535 bytes";
  }
  if (text.find('\0') != std::string_view::npos) {
    return "holds a zero byte";
  }
  return is_utf8(text) ? "" : "not UTF-8";
}

bool is_degenerate(const hash_description &kind, const std::uint8_t *code, std::size_t size) noexcept {
  if (std::all_of(code, code + size, [&](std::uint8_t byte) { return byte == code[0]; })) {
    return true;
  }
  return kind.is_digest && std::any_of(digests_of_nothing.begin(), digests_of_nothing.end(),
                                       [&](std::string_view digits) { return equals_digits(code, size, digits); });
}

}  // namespace libmatch::detail
