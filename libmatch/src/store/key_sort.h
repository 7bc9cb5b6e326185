// Sorting by 64-bit keys, which adding entries in bulk spends most of its time on.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace libmatch::detail {

// By key, pairs of one key in the order in which they stand: a radix sort by bytes, least significant first. Keys are
// hashes, so that no byte can be left out.
template <typename Value>
void sort_by_key(std::vector<std::pair<std::uint64_t, Value>> &pairs) {
  constexpr std::size_t worth_it = 2048;  // pairs, from which the passes cost less than comparisons
  if (pairs.size() < worth_it) {
    std::stable_sort(pairs.begin(), pairs.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    return;
  }
  constexpr unsigned bytes = 8;
  std::array<std::array<std::size_t, 256>, bytes> counts{};
  for (const auto &pair : pairs) {
    for (unsigned byte = 0; byte < bytes; ++byte) {
      ++counts[byte][pair.first >> (8 * byte) & 255U];
    }
  }
  std::vector<std::pair<std::uint64_t, Value>> other(pairs.size());
  for (unsigned byte = 0; byte < bytes; ++byte) {
    std::size_t place = 0;
    for (std::size_t &count : counts[byte]) {
      place += std::exchange(count, place);
    }
    for (const auto &pair : pairs) {
      other[counts[byte][pair.first >> (8 * byte) & 255U]++] = pair;
    }
    pairs.swap(other);
  }
}

}  // namespace libmatch::detail
