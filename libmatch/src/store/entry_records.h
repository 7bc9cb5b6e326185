// What a segment knows of its entries beside codes, ids and labels: lists, the lists' own ids, times, and by what
// they are found again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace libmatch::detail {

// Offsets of texts that lie one behind the other; empty when all are "".
struct text_column {
  std::span<const std::uint32_t> offsets;  // size + 1 places in bytes
  std::span<const char> bytes;

  // LM_ERROR_FORMAT when the offsets of a mapped file are damaged.
  std::string_view at(std::size_t r) const;
};

// The arrays are borrowed from the segment's storage. Of a mapped file the content may be anything, the sizes fit.
struct entry_records {
  static constexpr std::uint32_t id_given = std::uint32_t{1} << 31;

  std::span<const std::uint32_t> lists;  // of each row: the list's place, with id_given
  std::span<const std::uint32_t> times;  // seconds since 1970 plus one; 0 for not known
  text_column list_ids;
  text_column reasons;                      // of what was taken back; else empty
  std::span<const std::uint64_t> keys;      // entry_key of each row, ascending
  std::span<const std::uint32_t> key_rows;  // the rows that they belong to
  std::shared_ptr<const void> storage;
  std::span<const std::uint8_t> mapped;  // all of the segment, rows too, where it is mapped from a file

  // Of a mapped segment: see file_system.h.
  void let_go_of_pages() const noexcept;

  std::uint32_t list(std::size_t r) const noexcept { return lists[r] & ~id_given; }
  bool is_id_given(std::size_t r) const noexcept { return (lists[r] & id_given) != 0; }
  std::int64_t time(std::size_t r) const noexcept { return std::int64_t{times[r]} - 1; }
};

}  // namespace libmatch::detail
