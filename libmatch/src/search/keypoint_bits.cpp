#include "search/keypoint_bits.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <numeric>

#include "core/keypoint_codes.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t code_bits = std::size_t{keypoint_codes::words} * 64;
// Enough to tell an uneven bit from chance: the standard deviation of a share is 0.4 %.
constexpr std::size_t most_samples = 16384;

// Bits of a sample of codes, each bit of all of them side by side.
class bit_sample {
 public:
  bit_sample(const std::uint64_t *rows, std::size_t n_codes)
      : size_(std::min(n_codes, most_samples)), words_((size_ + 63) / 64), columns_(code_bits * words_) {
    for (std::size_t i = 0; i < size_; ++i) {
      const std::uint64_t *code = rows + i * n_codes / size_ * keypoint_codes::words;
      for (std::size_t bit = 0; bit < code_bits; ++bit) {
        columns_[bit * words_ + i / 64] |= (code[bit / 64] >> (bit % 64) & 1U) << (i % 64);
      }
    }
  }

  // How often both are set; one bit twice: how often it is set.
  std::int64_t both(std::size_t a, std::size_t b) const noexcept {
    std::int64_t count = 0;
    for (std::size_t w = 0; w < words_; ++w) {
      count += std::popcount(columns_[a * words_ + w] & columns_[b * words_ + w]);
    }
    return count;
  }
  std::int64_t size() const noexcept { return static_cast<std::int64_t>(size_); }

 private:
  std::size_t size_;
  std::size_t words_;
  std::vector<std::uint64_t> columns_;
};

// The square of the covariance of two bits, in a scale that leaves room for sums: at most size² / 16.
std::int64_t dependence(const bit_sample &sample, std::size_t a, std::size_t b,
                        const std::vector<std::int64_t> &set) {
  const std::int64_t covariance = (sample.size() * sample.both(a, b) - set[a] * set[b]) / sample.size();
  return covariance * covariance;
}

}  // namespace

std::vector<std::uint8_t> choose_key_bits(const std::uint64_t *rows, std::size_t n_codes, std::uint32_t tables,
                                          std::uint32_t width) {
  const bit_sample sample(rows, n_codes);
  std::vector<std::int64_t> set(code_bits);
  for (std::size_t bit = 0; bit < code_bits; ++bit) {
    set[bit] = sample.both(bit, bit);
  }
  std::vector<std::size_t> order(code_bits);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::abs(2 * set[a] - sample.size()) < std::abs(2 * set[b] - sample.size());
  });
  order.resize(std::size_t{tables} * width);
  std::vector<std::vector<std::size_t>> chosen(tables);
  for (const std::size_t bit : order) {
    std::size_t best = 0;
    std::int64_t least = -1;
    for (std::size_t t = 0; t < tables; ++t) {
      if (chosen[t].size() == width) {
        continue;
      }
      std::int64_t sum = 0;
      for (const std::size_t other : chosen[t]) {
        sum += dependence(sample, bit, other, set);
      }
      if (least < 0 || sum < least) {
        best = t;
        least = sum;
      }
    }
    chosen[best].push_back(bit);
  }
  std::vector<std::uint8_t> places;
  places.reserve(order.size());
  for (std::vector<std::size_t> &bits : chosen) {
    std::sort(bits.begin(), bits.end());
    places.insert(places.end(), bits.begin(), bits.end());
  }
  return places;
}

}  // namespace libmatch::detail
