#include "core/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace libmatch::detail {

namespace {

// The bytes that may follow a lead byte: how many, and the range of the first of them. The others are 80..BF.
struct continuation {
  std::size_t count;
  std::uint8_t low;
  std::uint8_t high;
};

// Unicode 15, table 3-7. count 0 for what is no lead byte of a longer sequence.
continuation after(std::uint8_t lead) noexcept {
  if (lead >= 0xC2 && lead <= 0xDF) {
    return {1, 0x80, 0xBF};
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    return {2, static_cast<std::uint8_t>(lead == 0xE0 ? 0xA0 : 0x80),
            static_cast<std::uint8_t>(lead == 0xED ? 0x9F : 0xBF)};
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    return {3, static_cast<std::uint8_t>(lead == 0xF0 ? 0x90 : 0x80),
            static_cast<std::uint8_t>(lead == 0xF4 ? 0x8F : 0xBF)};
  }
  return {0, 0, 0};
}

// Bytes of `text` from `place` on that are ASCII for certain: whole words of them.
std::size_t skip_ascii_words(std::string_view text, std::size_t place) noexcept {
  std::uint64_t word = 0;
  while (text.size() - place >= sizeof word) {
    std::memcpy(&word, text.data() + place, sizeof word);
    if ((word & 0x8080808080808080U) != 0) {
      break;
    }
    place += sizeof word;
  }
  return place;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  std::size_t place = 0;
  while ((place = skip_ascii_words(text, place)) < text.size()) {
    if (byte(place) < 0x80) {
      ++place;
      continue;
    }
    const continuation rest = after(byte(place));
    if (rest.count == 0 || text.size() - place <= rest.count || byte(place + 1) < rest.low ||
        byte(place + 1) > rest.high) {
      return false;
    }
    for (std::size_t i = 2; i <= rest.count; ++i) {
      if ((byte(place + i) & 0xC0U) != 0x80) {
        return false;
      }
    }
    place += rest.count + 1;
  }
  return true;
}

}  // namespace libmatch::detail
