// Immutable segments: rows of codes or digests with ids and labels, in memory of their own or mapped from a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/identity.h"
#include "core/segment.h"
#include "core/utf8.h"
#include "index/layouts.h"
#include "libmatch/libmatch.h"

namespace libmatch::detail {

// The arrays are borrowed from `storage`, which keeps them alive: vectors, or a mapped file.
class segment {
 public:
  struct arrays {
    std::span<const std::uint64_t> rows;           // size x words
    std::span<const std::int64_t> ids;             // size
    std::span<const std::uint64_t> label_offsets;  // size + 1 places in label_bytes; empty when no row has a label
    std::span<const char> label_bytes;             // texts of UTF-8, each ending with a zero byte
  };

  segment(std::uint32_t words, const arrays &data, std::shared_ptr<const void> storage)
      : words_(words), data_(data), storage_(std::move(storage)) {}

  std::size_t size() const noexcept { return data_.ids.size(); }
  std::uint32_t words() const noexcept { return words_; }
  const arrays &data() const noexcept { return data_; }
  const std::uint64_t *row(std::size_t r) const noexcept { return data_.rows.data() + r * words_; }
  std::size_t memory_bytes() const noexcept;

  // The label of a row, "" for none; it ends with a zero byte. Safe on a mapped file that nobody has verified:
  // LM_ERROR_FORMAT when offset or text is damaged.
  std::string_view label(std::size_t r) const;

  // All rows, with the layouts that there are.
  segment_view view() const noexcept;
  derived_layouts &layouts() const noexcept { return layouts_; }

 private:
  std::uint32_t words_;
  arrays data_;
  std::shared_ptr<const void> storage_;
  identity identity_;
  mutable derived_layouts layouts_;  // say no more than the rows do
};

// A segment and which of its rows are removed; both shared by the snapshots that hold them.
struct segment_entry {
  std::shared_ptr<const segment> rows;
  std::shared_ptr<const std::vector<std::uint64_t>> removed;  // a bit a row; null: none
  std::size_t removed_count = 0;
  std::uint64_t removed_identity = 0;  // of the bits, which never change either

  std::size_t live() const noexcept { return rows->size() - removed_count; }
  segment_view view() const noexcept {
    segment_view all = rows->view();
    all.removed = removed ? removed->data() : nullptr;
    all.removed_identity = removed_identity;
    return all;
  }
};

// All entries of one hash. Digests are sorted within each segment, as sequences of words, so that they are found by
// bisection; codes stand in the order of their adding.
struct index_table {
  lm_hash hash = LM_HASH_CODE;
  std::uint32_t bits = 0;
  std::vector<segment_entry> segments;
  layout_policy device_buckets = layout_policy::automatic;

  std::uint32_t words() const noexcept { return (bits + 63) / 64; }
  std::size_t live() const noexcept;
  std::vector<segment_view> views() const;
};

}  // namespace libmatch::detail
