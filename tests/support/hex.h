// Bytes as hexadecimal digits, as codes and digests are printed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace libmatch::test {

inline std::string hex_of(const std::uint8_t *bytes, std::size_t size) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

template <typename Bytes>
std::string hex_of(const Bytes &bytes) {
  return hex_of(bytes.data(), bytes.size());
}

}  // namespace libmatch::test
