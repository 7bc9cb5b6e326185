// Bytes as hexadecimal digits, as codes and digests are printed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace libmatch::test {

inline std::string hex_of(const std::uint8_t *data, std::size_t size) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += digits[data[i] >> 4];
    text += digits[data[i] & 15];
  }
  return text;
}

template <typename Bytes>
std::string hex_of(const Bytes &data) {
  return hex_of(data.data(), data.size());
}

}  // namespace libmatch::test
