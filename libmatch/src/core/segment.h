// A borrowed view of a segment: rows of codes with an id each, never changed once made.
#pragma once

#include <cstddef>
#include <cstdint>

namespace libmatch::detail {

// Codes lie as rows of `words` 64-bit words in the byte order of libmatch.h; which word holds which byte does not
// matter to a distance, only that queries are laid out the same way. Zeros fill the last word.
struct segment_view {
  const std::uint64_t *rows = nullptr;     // size x words
  const std::int64_t *ids = nullptr;       // size
  const std::uint64_t *removed = nullptr;  // bit r & 63 of word r >> 6 is set when row r is removed; null: none is
  std::size_t size = 0;
  std::uint32_t words = 0;

  bool is_removed(std::size_t row) const noexcept {
    return removed != nullptr && ((removed[row >> 6] >> (row & 63)) & 1U) != 0;
  }
};

}  // namespace libmatch::detail
