// Vectors of bytes for tests: the same ones for a seed on every machine.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "support/random_codes.h"

namespace libmatch::test {

// Some bytes are the extreme ones, and some vectors consist of nothing else.
inline std::vector<std::uint64_t> random_vectors(std::size_t n, std::uint32_t words, std::uint64_t seed) {
  random_source random(seed);
  std::vector<std::uint64_t> rows = random_rows(n, words, seed + 1);
  const std::size_t size = std::size_t{words} * 8;
  std::vector<unsigned char> bytes(n * size);
  if (bytes.empty()) {
    return rows;
  }
  std::memcpy(bytes.data(), rows.data(), bytes.size());
  for (std::size_t i = 0; i < n; ++i) {
    unsigned char *vector = bytes.data() + i * size;
    const std::size_t kind = random.below(8);
    if (kind < 2) {
      std::fill_n(vector, size, static_cast<unsigned char>(kind * 255));
    }
    for (std::size_t b = 0; b < size / 4; ++b) {
      vector[random.below(size)] = random.below(2) == 0 ? 0 : 255;
    }
  }
  std::memcpy(rows.data(), bytes.data(), bytes.size());
  return rows;
}

// Half of the queries are random; the others are rows with some bytes changed by 1 or 2.
inline std::vector<std::uint64_t> near_vectors(const std::vector<std::uint64_t> &rows, std::uint32_t words,
                                               std::size_t n, std::uint64_t seed) {
  random_source random(seed);
  std::vector<std::uint64_t> queries = random_vectors(n, words, seed + 1);
  for (std::size_t q = 1; q < n && !rows.empty(); q += 2) {
    auto *query = reinterpret_cast<unsigned char *>(&queries[q * words]);
    std::memcpy(query, &rows[random.below(rows.size() / words) * words], std::size_t{words} * 8);
    for (std::size_t i = random.below(12); i > 0; --i) {
      unsigned char &byte = query[random.below(std::size_t{words} * 8)];
      const auto change = static_cast<unsigned char>(1 + random.below(2));
      byte = static_cast<unsigned char>(byte < 128 ? byte + change : byte - change);
    }
  }
  return queries;
}

}  // namespace libmatch::test
