#include "live/entry_walk.h"

#include <map>
#include <tuple>

#include "core/error.h"
#include "index/bit_order.h"

namespace libmatch::detail {

walked_entry entry_of(const live_state &state, const store_table &table, row_location place,
                      std::vector<std::uint8_t> &code) {
  walked_entry entry;
  entry.hash = table.rows.hash;
  entry.bits = table.rows.bits;
  code.resize(table.rows.bits / 8);
  unpack_row(table.rows.segments[place.segment].rows->row(place.row), entry.hash, entry.bits, code.data());
  entry.code = code;
  entry.origin = state.store().provenance_of(table, place);
  entry.role = state.role(entry.origin.list);
  return entry;
}

const store_table *entry_walk::present_table() const {
  const store_snapshot &store = state_->store();
  if (withdrawn_) {
    return table_ == 0 ? &store.history : nullptr;
  }
  return table_ < store.tables.size() ? &store.tables[table_] : nullptr;
}

// Whether there is another row of the list in the table, at segment_ and row_.
bool entry_walk::go_to_row(const store_table &table) {
  for (; segment_ < table.records.size(); ++segment_, row_ = 0) {
    const segment_view view = table.rows.segments[segment_].view();
    for (; row_ < view.size; ++row_) {
      const bool counts = !view.is_removed(row_) && (!withdrawn_ || state_->store().is_entry({segment_, row_}));
      if (counts && (list_ == every_list || table.records[segment_]->list(row_) == list_)) {
        return true;
      }
    }
  }
  return false;
}

bool entry_walk::next(walked_entry &entry) {
  for (const store_table *table = present_table(); table != nullptr; table = present_table()) {
    if (!go_to_row(*table)) {
      ++table_;
      segment_ = row_ = 0;
      continue;
    }
    const row_location place{segment_, row_++};
    if (!withdrawn_) {
      entry = entry_of(*state_, *table, place, code_);
      return true;
    }
    const withdrawn_entry taken_back = state_->store().withdrawn(place);
    entry = {};
    entry.hash = taken_back.hash;
    entry.bits = taken_back.bits;
    entry.origin = taken_back.entry;
    entry.role = state_->role(taken_back.entry.list);
    entry.is_withdrawn = true;
    entry.withdrawn_at = taken_back.withdrawn_at;
    entry.withdrawn_by = taken_back.by;
    entry.reason = taken_back.reason;
    return true;
  }
  return false;
}

std::vector<entry_count> count_entries(const store_snapshot &snapshot) {
  std::map<std::tuple<std::uint32_t, std::size_t, lm_hash, std::uint32_t>, entry_count> counts;
  const auto count_of = [&](std::uint32_t list, std::size_t order, lm_hash hash,
                            std::uint32_t bits) -> entry_count & {
    entry_count &count = counts[{list, order, hash, bits}];
    count.list = list;
    count.hash = hash;
    count.bits = bits;
    return count;
  };
  const auto place_of = [&](lm_hash hash, std::uint32_t bits) {
    std::size_t place = 0;
    while (place < snapshot.tables.size() &&
           (snapshot.tables[place].rows.hash != hash || snapshot.tables[place].rows.bits != bits)) {
      ++place;
    }
    return place;
  };
  for (std::size_t t = 0; t < snapshot.tables.size(); ++t) {
    const store_table &table = snapshot.tables[t];
    std::vector<std::int64_t> of_list(snapshot.lists.size());
    for (std::size_t s = 0; s < table.records.size(); ++s) {
      const segment_view view = table.rows.segments[s].view();
      for (std::size_t r = 0; r < view.size; ++r) {
        const std::uint32_t list = table.records[s]->list(r);
        if (list >= of_list.size()) {
          fail(LM_ERROR_FORMAT, "damaged store: row ", r, " is of list ", list, " of ", of_list.size());
        }
        of_list[list] += view.is_removed(r) ? 0 : 1;
      }
    }
    for (std::uint32_t list = 0; list < of_list.size(); ++list) {
      if (of_list[list] != 0) {
        count_of(list, t, table.rows.hash, table.rows.bits).live = of_list[list];
      }
    }
  }
  for (std::uint32_t s = 0; s < snapshot.history.records.size(); ++s) {
    const segment_view view = snapshot.history.rows.segments[s].view();
    for (std::uint32_t r = 0; r < view.size; ++r) {
      if (!view.is_removed(r) && snapshot.is_entry({s, r})) {
        const withdrawn_entry taken_back = snapshot.withdrawn({s, r});
        ++count_of(taken_back.entry.list, place_of(taken_back.hash, taken_back.bits), taken_back.hash,
                   taken_back.bits)
              .withdrawn;
      }
    }
  }
  std::vector<entry_count> ordered;
  ordered.reserve(counts.size());
  for (const auto &counted : counts) {
    ordered.push_back(counted.second);
  }
  return ordered;
}

}  // namespace libmatch::detail
