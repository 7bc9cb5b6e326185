// Additions on their way into a state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/aligned_vector.h"
#include "core/search_result.h"
#include "store/entry_key.h"

namespace libmatch::detail {

// One addition of a batch, with what is known of it so far.
struct pending_entry {
  entry_owner owner;
  std::string_view label;
  std::int64_t id = -1;
  std::int64_t time = -1;
  std::size_t table = 0;   // place in store_snapshot::tables
  std::size_t row = 0;     // place among the batch's rows of that table
  std::size_t leader = 0;  // the first of the batch that is the same entry
  // Of leaders: the entry as it stands before and while the batch is applied.
  std::optional<row_location> held;
  std::size_t latest = none;  // the addition that made it what it is; none: it is what is held, if anything
  std::uint64_t changes = 0;  // of what is held
  std::int64_t superseded_until = never;
  bool taken = false;  // becomes a row

  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  static constexpr std::int64_t never = -2;  // before a time that is not known
};

// Additions that follow each other, laid out as rows.
struct entry_batch {
  struct kind_rows {
    aligned_vector<std::uint64_t> rows;
    std::vector<std::size_t> entries;  // places in `entries`
  };
  std::vector<pending_entry> entries;
  std::vector<kind_rows> kinds;  // by table

  const std::uint64_t *row(const pending_entry &entry, std::uint32_t words) const {
    return kinds[entry.table].rows.data() + entry.row * words;
  }
};

// The entries of one kind by their keys, ascending.
struct sorted_entries {
  std::vector<std::pair<std::uint64_t, std::size_t>> order;  // key, place in entry_batch::entries
  std::vector<std::uint64_t> keys;                           // each once
  std::vector<std::size_t> firsts;                           // places in order of each key's first, and its size
};

}  // namespace libmatch::detail
