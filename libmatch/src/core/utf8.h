// Unicode text as bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace libmatch::detail {

// Whether text that comes in pieces, cut anywhere, is well-formed UTF-8 (Unicode 15, table 3-7): no overlong form, no
// surrogate, nothing over U+10FFFF.
class utf8_check {
 public:
  // How many bytes of the piece are well-formed: all of them, or up to the first that must not stand where it does.
  // Once less than the whole piece is returned, the check is spent.
  std::size_t feed(std::string_view piece) noexcept;
  // Whether the text may end here: no character is cut off.
  bool complete() const noexcept { return wanted_ == 0; }

 private:
  bool accept(std::uint8_t byte) noexcept;

  std::uint8_t wanted_ = 0;  // continuation bytes still to come
  std::uint8_t lowest_ = 0x80;
  std::uint8_t highest_ = 0xBF;  // what the next of them may be
};

// The same of text in one piece.
bool is_utf8(std::string_view text) noexcept;

}  // namespace libmatch::detail
