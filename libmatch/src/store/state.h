// A state that changes are applied to: the next snapshot, as long as nobody else can see it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "store/change_codec.h"
#include "store/key_filter.h"
#include "store/segment_draft.h"
#include "store/snapshot.h"

namespace libmatch::detail {

struct entry_batch;
struct sorted_entries;

// The same changes on the same state always give the same state, whatever its segments are: so the log need only hold
// the changes, and segments may be merged meanwhile.
class store_state {
 public:
  store_state();
  explicit store_state(const store_snapshot &base) : next_(base) {}

  // For a transaction of many additions, whose segments are soon written: they are not merged as they come, but for
  // those of the history, of which every withdrawal makes one; and most entries that are new are known to be without
  // looking for them in every segment. Takes a walk over all keys, and three bytes of memory for each.
  void begin_bulk();
  void end_bulk();
  // Of the files that are mapped.
  void let_go_of_pages() const;

  const store_snapshot &snapshot() const noexcept { return next_; }
  store_snapshot &edit() noexcept { return next_; }
  // Grows with all that apply() makes of the state another one: a transaction that leaves it as it is, is none.
  std::uint64_t edits() const noexcept { return edits_; }

  // Applies what change_encoder wrote, in its order. LM_ERROR_FORMAT as change_decoder, LM_ERROR_INVALID_ARGUMENT
  // when ids or lists run out; then the state is spent.
  void apply(std::span<const std::uint8_t> changes, const std::string &name, std::uint64_t offset,
             change_counts &counts);

  // A copy for readers. What it shares with the state is copied before it is changed.
  std::shared_ptr<const store_snapshot> publish();

 private:
  using bitset = std::vector<std::uint64_t>;

  std::uint32_t list_number(std::string_view name);
  std::size_t table_of_kind(lm_hash hash, std::uint32_t bits);
  void look_up(entry_batch &batch, const std::vector<std::size_t> &entries, const store_table &table);
  void look_up_withdrawals(entry_batch &batch, const sorted_entries &sorted, const store_table &table);
  void decide(entry_batch &batch, change_counts &counts);
  void replace_held(entry_batch &batch, change_counts &counts);
  void set_attribute(const attribute_change &change);
  void add_batch(entry_batch &batch, change_counts &counts);
  // Of the live entries that a list calls by this id; -1 where none has a time.
  std::int64_t latest_time(std::uint32_t list, std::string_view list_id) const;
  void withdraw(const withdrawal &given, change_counts &counts);
  std::vector<row_location> find_candidates(const store_table &table, const withdrawal &change, std::uint32_t list,
                                            const std::uint64_t *code) const;
  void history_of(segment_draft &history, const store_table &table, const provenance &entry, const std::uint64_t *row,
                  const withdrawal &change) const;
  void hold_against(segment_draft &history, const withdrawal &change);
  void remove_row(store_table &table, row_location place);
  void append_segment(store_table &table, store_segment made);

  store_snapshot next_;
  std::uint64_t edits_ = 0;
  std::unique_ptr<key_filter> filter_;  // in bulk: of all keys of the tables
  std::uint64_t bulk_withdrawals_ = 0;
  // The bitsets that only this state has, by address.
  std::map<const bitset *, std::shared_ptr<bitset>> own_;
};

}  // namespace libmatch::detail
