#include "support/code_rates.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <vector>

#include "index/bit_order.h"

namespace libmatch::test {

namespace {

constexpr std::size_t code_bytes = 32;
constexpr std::uint32_t words = 4;
constexpr std::uint32_t substring_bits = 16;
constexpr std::uint32_t substrings = words * 64 / substring_bits;
constexpr int max_distance = 31;
using row = std::array<std::uint64_t, words>;

// Bit k of PDQ at place k.
std::vector<row> natural_rows(std::span<const std::uint8_t> codes) {
  std::vector<row> rows(codes.size() / code_bytes);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t k = 0; k < 8 * code_bytes; ++k) {
      const std::uint64_t bit = codes[i * code_bytes + code_bytes - 1 - k / 8] >> (k % 8) & 1U;
      rows[i][k / 64] |= bit << (k % 64);
    }
  }
  return rows;
}

std::vector<row> permuted_rows(std::span<const std::uint8_t> codes) {
  std::vector<row> rows(codes.size() / code_bytes);
  detail::pack_rows(codes.data(), rows.size(), LM_HASH_PDQ256, 8 * code_bytes, rows.front().data());
  return rows;
}

std::uint64_t substring(std::uint64_t word, std::uint32_t s) { return word >> (substring_bits * s) & 0xffffU; }

std::size_t largest_bucket(const std::vector<row> &rows) {
  std::size_t largest = 0;
  std::vector<std::size_t> sizes(std::size_t{1} << substring_bits);
  for (std::uint32_t s = 0; s < substrings; ++s) {
    std::fill(sizes.begin(), sizes.end(), 0);
    for (const row &code : rows) {
      largest = std::max(largest, ++sizes[substring(code[s / 4], s % 4)]);
    }
  }
  return largest;
}

// Sums over pairs.
class pair_counts {
 public:
  explicit pair_counts(int related) : related_(related) {}

  void add(const row &a, const row &b) {
    const row differing{a[0] ^ b[0], a[1] ^ b[1], a[2] ^ b[2], a[3] ^ b[3]};
    int distance = 0;
    for (const std::uint64_t word : differing) {
      distance += std::popcount(word);
    }
    if (distance <= related_) {
      return;
    }
    const int on_prefix = std::popcount(differing[0]) + std::popcount(differing[1] & 0xffffffffU);
    survivors_ += on_prefix <= max_distance ? 1U : 0U;
    for (const std::uint64_t word : differing) {
      for (std::uint32_t s = 0; s < 64 / substring_bits; ++s) {
        candidates_ += std::popcount(substring(word, s)) <= 1 ? 1U : 0U;
      }
    }
    near_ += distance <= max_distance ? 1U : 0U;
    sum_ += static_cast<std::uint64_t>(distance);
    squares_ += static_cast<std::uint64_t>(distance) * static_cast<std::uint64_t>(distance);
    ++pairs_;
  }

  order_rates rates(std::size_t largest) const {
    constexpr double random = substrings * (substring_bits + 1.0) / (1U << substring_bits);
    return {part(survivors_), part(candidates_) / random, largest};
  }
  std::size_t pairs() const { return pairs_; }
  double mean() const { return part(sum_); }
  double deviation() const { return std::sqrt(part(squares_) - mean() * mean()); }
  double near() const { return part(near_); }

 private:
  double part(std::uint64_t n) const { return static_cast<double>(n) / static_cast<double>(pairs_); }

  int related_;
  std::uint64_t pairs_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t squares_ = 0;
  std::uint64_t near_ = 0;
  std::uint64_t survivors_ = 0;
  std::uint64_t candidates_ = 0;
};

// Of all rows, or of max_rows that stand evenly among them.
pair_counts count_pairs(const std::vector<row> &rows, std::size_t max_rows, int related) {
  const std::size_t n = std::min(rows.size(), max_rows);
  std::vector<row> chosen;
  for (std::size_t i = 0; i < n; ++i) {
    chosen.push_back(rows[i * rows.size() / n]);
  }
  pair_counts counts(related);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      counts.add(chosen[i], chosen[j]);
    }
  }
  return counts;
}

}  // namespace

code_rates measure_rates(std::span<const std::uint8_t> codes, std::size_t max_codes, int related) {
  const std::vector<row> natural = natural_rows(codes);
  const std::vector<row> permuted = permuted_rows(codes);
  const pair_counts of_natural = count_pairs(natural, max_codes, related);
  const pair_counts of_permuted = count_pairs(permuted, max_codes, related);
  return {of_natural.pairs(),
          of_natural.mean(),
          of_natural.deviation(),
          of_natural.near(),
          of_natural.rates(largest_bucket(natural)),
          of_permuted.rates(largest_bucket(permuted))};
}

}  // namespace libmatch::test
