// The definition of each distance. Every kernel must agree with it, bit for bit; tests compare them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace libmatch::detail {

// Hamming distance: the number of bits in which two codes of `words` 64-bit words differ.
inline std::uint32_t hamming_distance(const std::uint64_t *a, const std::uint64_t *b, std::uint32_t words) {
  std::uint32_t distance = 0;
  for (std::uint32_t w = 0; w < words; ++w) {
    distance += static_cast<std::uint32_t>(std::popcount(a[w] ^ b[w]));
  }
  return distance;
}

// Squared Euclidean distance of two vectors of unsigned bytes, stored as `words` 64-bit words. Bytes that are zero in
// both add nothing.
inline std::uint32_t squared_distance(const std::uint64_t *a, const std::uint64_t *b, std::uint32_t words) {
  const auto *left = reinterpret_cast<const unsigned char *>(a);
  const auto *right = reinterpret_cast<const unsigned char *>(b);
  std::uint32_t distance = 0;
  for (std::size_t i = 0; i < words * sizeof(std::uint64_t); ++i) {
    const int difference = left[i] - right[i];
    distance += static_cast<std::uint32_t>(difference * difference);
  }
  return distance;
}

}  // namespace libmatch::detail
