// A set that remembers millions of texts in constant memory, and takes a few for others.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/checksum.h"

namespace libmatch::detail {

// One bit a hash: of ten million texts, about one in thirteen that were not added seems to be there. 16 MiB from the
// first addition on.
class hash_set {
 public:
  // Returns whether it may have been there.
  bool add(std::uint64_t hash) {
    if (bits_.empty()) {
      bits_.resize(std::size_t{1} << (width - 6));
    }
    std::uint64_t &word = bits_[hash >> (64 - width + 6)];
    const std::uint64_t bit = std::uint64_t{1} << ((hash >> (64 - width)) & 63);
    const bool was_there = (word & bit) != 0;
    word |= bit;
    return was_there;
  }
  bool may_hold(std::uint64_t hash) const noexcept {
    return !bits_.empty() && (bits_[hash >> (64 - width + 6)] >> ((hash >> (64 - width)) & 63) & 1U) != 0;
  }

 private:
  static constexpr unsigned width = 27;
  std::vector<std::uint64_t> bits_;
};

}  // namespace libmatch::detail
