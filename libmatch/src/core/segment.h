// A borrowed view of a segment: rows of codes with an id each, never changed once made, and what was derived from the
// rows for searching them faster.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace libmatch::detail {

// Bit planes of the first bits of every row, in tiles of 512 rows: see distance/kernels.h. Tile t begins at
// planes + t x 96 x 8.
struct plane_layout {
  static constexpr std::uint32_t n_planes = 96;
  static constexpr std::size_t tile_rows = 512;
  static constexpr std::size_t words_of_tile = n_planes * tile_rows / 64;
  const std::uint64_t *planes = nullptr;

  static std::size_t words(std::size_t n_rows) noexcept {
    return (n_rows + tile_rows - 1) / tile_rows * words_of_tile;
  }
};

// Tables of multi-index hashing (Norouzi, Punjani, Fleet: Fast Exact Search in Hamming Space with Multi-Index
// Hashing): table t holds every row in the bucket named by bits t x width .. (t + 1) x width - 1 of its code. Bucket
// b of a table owns positions starts[b] .. starts[b + 1] - 1, in the order of rows; the words inline are for
// distance_kernels::probe.
//
// In another form a bucket is one cache line, which one probe of a large list reads at once (search/line_buckets.h).
// Then `words` are lines, `rows` the rows of their six places, and `starts` the rows of each table's largest bucket.
struct bucket_layout {
  static constexpr std::uint32_t max_tables = 16;
  static constexpr std::uint32_t max_width = 24;
  // 96 bits, or the whole of a shorter code.
  static constexpr std::uint32_t inline_words_of(std::uint32_t words) noexcept { return words > 1 ? 3 : 2; }

  std::uint32_t tables = 0;
  std::uint32_t width = 0;                          // bits of a substring
  std::uint32_t n_inline = 0;                       // 32-bit words inline
  std::uint32_t size = 0;                           // rows
  std::array<std::uint32_t, max_tables> largest{};  // rows of each table's largest bucket
  std::uint32_t lines = 0;                          // of each table; 0: the other form
  const std::uint32_t *starts = nullptr;            // tables x starts_of_table()
  const std::uint32_t *rows = nullptr;              // tables x rows_of_table()
  const std::uint32_t *words = nullptr;             // tables x words_of_table(); on a cache line

  std::size_t buckets() const noexcept { return std::size_t{1} << width; }
  std::size_t starts_of_table() const noexcept { return lines != 0 ? 1 : buckets() + 1; }
  std::size_t rows_of_table() const noexcept { return lines != 0 ? std::size_t{lines} * 6 : size; }
  std::size_t words_of_table() const noexcept {
    return lines != 0 ? std::size_t{lines} * 16 : (std::size_t{size} + 15) / 16 * 16 * n_inline;
  }
  const std::uint32_t *table_starts(std::uint32_t t) const noexcept { return starts + t * starts_of_table(); }
  const std::uint32_t *table_rows(std::uint32_t t) const noexcept { return rows + t * rows_of_table(); }
  const std::uint32_t *table_words(std::uint32_t t) const noexcept { return words + t * words_of_table(); }

  // The bucket of a code in table t.
  std::uint32_t bucket_of(const std::uint64_t *code, std::uint32_t t) const noexcept {
    const std::uint32_t first = t * width;
    const std::uint32_t shift = first % 64;
    std::uint64_t value = code[first / 64] >> shift;
    if (shift + width > 64) {
      value |= code[first / 64 + 1] << (64 - shift);
    }
    return static_cast<std::uint32_t>(value & (buckets() - 1));
  }
};

// Whether a layout is made: when it pays, whatever it costs, or never.
enum class layout_policy : std::uint8_t { automatic, always, never };

// Codes lie as rows of `words` 64-bit words. Any order of a code's bits serves a Hamming distance, as long as queries
// are laid out alike: index/bit_order.h says which one is taken. Vectors of bytes are as they were given; zeros fill
// the last word.
struct segment_view {
  const std::uint64_t *rows = nullptr;     // size x words
  const std::int64_t *ids = nullptr;       // size
  const std::uint64_t *removed = nullptr;  // bit r & 63 of word r >> 6 is set when row r is removed; null: none is
  std::size_t size = 0;
  std::uint32_t words = 0;
  plane_layout planes{};                   // planes is null where there are none
  const bucket_layout *buckets = nullptr;  // null where there are none
  // Of tables that a device keeps beside its copy of the rows.
  layout_policy device_buckets = layout_policy::automatic;
  // Names of the rows and of the bits in `removed` (core/identity.h); 0: they may change after the call.
  std::uint64_t identity = 0;
  std::uint64_t removed_identity = 0;

  bool is_removed(std::size_t row) const noexcept {
    return removed != nullptr && ((removed[row >> 6] >> (row & 63)) & 1U) != 0;
  }
};

}  // namespace libmatch::detail
