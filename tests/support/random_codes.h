// Codes for tests: the same ones for a seed on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace libmatch::test {

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators).
class random_source {
 public:
  explicit random_source(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }

 private:
  std::uint64_t state_;
};

inline std::vector<std::uint64_t> random_rows(std::size_t n, std::uint32_t words, std::uint64_t seed) {
  random_source random(seed);
  std::vector<std::uint64_t> rows(n * words);
  for (std::uint64_t &word : rows) {
    word = random.next();
  }
  return rows;
}

// Flips `count` different bits of a code.
inline void flip_bits(std::uint64_t *code, std::uint32_t words, std::size_t count, random_source &random) {
  std::vector<bool> flipped(std::size_t{words} * 64);
  while (count > 0) {
    const std::size_t bit = random.below(flipped.size());
    if (!flipped[bit]) {
      flipped[bit] = true;
      code[bit / 64] ^= std::uint64_t{1} << (bit % 64);
      --count;
    }
  }
}

// Half of the queries are random; the other half are rows with up to max_flips bits flipped.
inline std::vector<std::uint64_t> planted_queries(const std::vector<std::uint64_t> &rows, std::uint32_t words,
                                                  std::size_t n, std::size_t max_flips, std::uint64_t seed) {
  random_source random(seed);
  std::vector<std::uint64_t> queries = random_rows(n, words, seed + 1);
  for (std::size_t q = 1; q < n && !rows.empty(); q += 2) {
    const std::size_t row = random.below(rows.size() / words);
    for (std::uint32_t w = 0; w < words; ++w) {
      queries[q * words + w] = rows[row * words + w];
    }
    flip_bits(&queries[q * words], words, random.below(max_flips + 1), random);
  }
  return queries;
}

}  // namespace libmatch::test
