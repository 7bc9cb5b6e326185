// All entries of one state of a live index, one after the other.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "live/live_view.h"

namespace libmatch::detail {

// Texts and code live until the walk goes on.
struct walked_entry {
  lm_hash hash = LM_HASH_CODE;
  std::uint32_t bits = 0;
  std::span<const std::uint8_t> code;  // empty for one that was taken back
  provenance origin;
  lm_list_role role = LM_LIST_KNOWN;
  bool is_withdrawn = false;
  std::int64_t withdrawn_at = -1;
  std::string_view withdrawn_by, reason;
};

// The entry of a row, its code into `code`.
walked_entry entry_of(const live_state &state, const store_table &table, row_location place,
                      std::vector<std::uint8_t> &code);

class entry_walk {
 public:
  static constexpr std::uint32_t every_list = 0;

  entry_walk(std::shared_ptr<const live_state> state, std::uint32_t list, bool withdrawn)
      : state_(std::move(state)), list_(list), withdrawn_(withdrawn) {}

  const store_snapshot &store() const noexcept { return state_->store(); }
  // False after the last.
  bool next(walked_entry &entry);

 private:
  const store_table *present_table() const;
  bool go_to_row(const store_table &table);

  std::shared_ptr<const live_state> state_;
  std::uint32_t list_;
  bool withdrawn_;
  std::size_t table_ = 0;
  std::uint32_t segment_ = 0;
  std::uint32_t row_ = 0;  // the next to look at
  std::vector<std::uint8_t> code_;
};

// How many entries of one kind a list has.
struct entry_count {
  std::uint32_t list = 0;  // place in store_snapshot::lists
  lm_hash hash = LM_HASH_CODE;
  std::uint32_t bits = 0;
  std::int64_t live = 0;
  std::int64_t withdrawn = 0;
};

// By list and kind, those that are not 0, ordered by list. A walk over all entries.
std::vector<entry_count> count_entries(const store_snapshot &snapshot);

}  // namespace libmatch::detail
