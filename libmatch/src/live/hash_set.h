// A set that remembers millions of texts in constant memory, and takes a few for others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace libmatch::detail {

// Two bits a hash, of which the upper half counts: of texts that were not added, about one in 3,000 seems to be there
// with a million, one in 50 with ten million. 16 MiB from the first addition on.
class hash_set {
 public:
  // Returns whether it may have been there.
  bool add(std::uint64_t hash) {
    if (bits_.empty()) {
      bits_.resize(std::size_t{1} << (width - 6));
    }
    const bool was_there = may_hold(hash);
    for (const std::size_t place : {first(hash), second(hash)}) {
      bits_[place >> 6] |= std::uint64_t{1} << (place & 63);
    }
    return was_there;
  }
  bool may_hold(std::uint64_t hash) const noexcept { return !bits_.empty() && has(first(hash)) && has(second(hash)); }

 private:
  static constexpr unsigned width = 27;
  static std::size_t first(std::uint64_t hash) noexcept { return static_cast<std::size_t>(hash >> (64 - width)); }
  static std::size_t second(std::uint64_t hash) noexcept {
    return static_cast<std::size_t>((hash >> 32) * 0x9E3779B97F4A7C15U >> (64 - width));
  }
  bool has(std::size_t place) const noexcept { return (bits_[place >> 6] >> (place & 63) & 1U) != 0; }

  std::vector<std::uint64_t> bits_;
};

}  // namespace libmatch::detail
