#include "core/utf8.h"

#include <cstring>

namespace libmatch::detail {

bool utf8_check::accept(std::uint8_t byte) noexcept {
  if (wanted_ != 0) {
    if (byte < lowest_ || byte > highest_) {
      return false;
    }
    --wanted_;
    lowest_ = 0x80;
    highest_ = 0xBF;
    return true;
  }
  if (byte < 0x80) {
    return true;
  }
  if (byte < 0xC2 || byte > 0xF4) {
    return false;
  }
  wanted_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  // Narrower second bytes keep out longer forms than needed, surrogates, and what lies beyond U+10FFFF.
  lowest_ = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
  highest_ = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
  return true;
}

std::size_t utf8_check::feed(std::string_view piece) noexcept {
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  std::size_t i = 0;
  while (i < piece.size()) {
    std::uint64_t eight;
    if (wanted_ == 0 && piece.size() - i >= sizeof eight) {
      std::memcpy(&eight, piece.data() + i, sizeof eight);
      if ((eight & high_bits) == 0) {
        i += sizeof eight;
        continue;
      }
    }
    if (!accept(static_cast<std::uint8_t>(piece[i]))) {
      break;
    }
    ++i;
  }
  return i;
}

bool is_utf8(std::string_view text) noexcept {
  utf8_check check;
  return check.feed(text) == text.size() && check.complete();
}

}  // namespace libmatch::detail
