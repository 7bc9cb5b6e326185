#include "store/state.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/error.h"
#include "index/bit_order.h"
#include "store/entry_batch.h"
#include "store/entry_key.h"
#include "store/entry_lookup.h"
#include "store/key_sort.h"

namespace libmatch::detail {

namespace {

constexpr std::int64_t largest_id = std::numeric_limits<std::int64_t>::max();

store_table empty_table(lm_hash hash, std::uint32_t bits) {
  store_table table;
  table.rows.hash = hash;
  table.rows.bits = bits;
  return table;
}

}  // namespace

store_state::store_state() {
  next_.lists.push_back({});
  next_.history = empty_table(history_hash, history_bits);
}

void store_state::begin_bulk() {
  filter_ = std::make_unique<key_filter>();
  for (const store_table &table : next_.tables) {
    for (const std::shared_ptr<const entry_records> &records : table.records) {
      for (const std::uint64_t key : records->keys) {
        filter_->add(key);
      }
      records->let_go_of_pages();
    }
  }
}

void store_state::end_bulk() { filter_.reset(); }

void store_state::let_go_of_pages() const {
  for (const store_table &table : next_.tables) {
    for (const std::shared_ptr<const entry_records> &records : table.records) {
      records->let_go_of_pages();
    }
  }
}

std::shared_ptr<const store_snapshot> store_state::publish() {
  own_.clear();
  return std::make_shared<const store_snapshot>(next_);
}

std::uint32_t store_state::list_number(std::string_view name) {
  if (name.empty()) {
    return 0;
  }
  if (const std::uint32_t found = next_.find_list(name); found != 0) {
    return found;
  }
  if (next_.lists.size() > max_lists) {
    fail(LM_ERROR_INVALID_ARGUMENT, "list: the index has ", max_lists, " lists and takes no more");
  }
  next_.lists.push_back({std::string(name), {}});
  ++edits_;
  return static_cast<std::uint32_t>(next_.lists.size() - 1);
}

std::size_t store_state::table_of_kind(lm_hash hash, std::uint32_t bits) {
  for (std::size_t t = 0; t < next_.tables.size(); ++t) {
    if (next_.tables[t].rows.hash == hash && next_.tables[t].rows.bits == bits) {
      return t;
    }
  }
  next_.tables.push_back(empty_table(hash, bits));
  return next_.tables.size() - 1;
}

void store_state::apply(std::span<const std::uint8_t> changes, const std::string &name, std::uint64_t offset,
                        change_counts &counts) {
  change_decoder decoder(changes, name, offset);
  entry_batch batch;
  std::string_view last_list;
  std::uint32_t last_number = 0;
  for (;;) {
    const change_decoder::kind kind = decoder.next();
    if (kind == change_decoder::kind::add) {
      const new_entry &entry = decoder.entry();
      if (entry.list != last_list) {
        last_list = entry.list;
        last_number = list_number(last_list);
      }
      pending_entry pending;
      pending.owner = {last_number, entry.list_id, entry.id >= 0, entry.id};
      pending.label = entry.label;
      pending.id = entry.id;
      pending.time = entry.time;
      pending.table = table_of_kind(entry.hash, entry.bits);
      batch.kinds.resize(std::max(batch.kinds.size(), next_.tables.size()));
      entry_batch::kind_rows &rows = batch.kinds[pending.table];
      const std::size_t words = (entry.bits + 63) / 64;
      pending.row = rows.entries.size();
      rows.entries.push_back(batch.entries.size());
      rows.rows.resize(rows.rows.size() + words);
      pack_rows(entry.code, 1, entry.hash, entry.bits, rows.rows.data() + pending.row * words);
      batch.entries.push_back(pending);
      continue;
    }
    if (!batch.entries.empty()) {
      add_batch(batch, counts);
      batch = {};
    }
    if (kind == change_decoder::kind::end) {
      return;
    }
    if (kind == change_decoder::kind::withdraw) {
      withdraw(decoder.taken_back(), counts);
      continue;
    }
    set_attribute(decoder.attribute());
  }
}

void store_state::set_attribute(const attribute_change &change) {
  if (change.value.empty() && !change.list.empty() && next_.find_list(change.list) == 0) {
    return;
  }
  auto &attributes = next_.lists[list_number(change.list)].attributes;
  const auto held = attributes.find(change.name);
  if ((held != attributes.end() ? std::string_view(held->second) : std::string_view()) == change.value) {
    return;
  }
  ++edits_;
  if (change.value.empty()) {
    attributes.erase(held);
  } else {
    attributes[std::string(change.name)] = change.value;
  }
}

namespace {

sorted_entries sort_entries(const entry_batch &batch, const std::vector<std::size_t> &entries, std::uint32_t words) {
  sorted_entries sorted;
  sorted.order.resize(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const pending_entry &entry = batch.entries[entries[i]];
    sorted.order[i] = {entry_key(entry.owner, code_half(batch.row(entry, words), words)), entries[i]};
  }
  sort_by_key(sorted.order);
  for (std::size_t i = 0; i < sorted.order.size(); ++i) {
    if (i == 0 || sorted.order[i].first != sorted.order[i - 1].first) {
      sorted.keys.push_back(sorted.order[i].first);
      sorted.firsts.push_back(i);
    }
  }
  sorted.firsts.push_back(sorted.order.size());
  return sorted;
}

bool has_code(const entry_batch &batch, const pending_entry &entry, const std::uint64_t *row, std::uint32_t words) {
  const std::uint64_t *code = batch.row(entry, words);
  return std::equal(code, code + words, row);
}

// Equal keys are the same entry but for a rare accident, so a group has one leader or a few.
void set_leaders(entry_batch &batch, const sorted_entries &sorted, std::uint32_t words) {
  for (std::size_t k = 0; k < sorted.keys.size(); ++k) {
    std::vector<std::size_t> leaders;
    for (std::size_t i = sorted.firsts[k]; i < sorted.firsts[k + 1]; ++i) {
      pending_entry &entry = batch.entries[sorted.order[i].second];
      entry.leader = sorted.order[i].second;
      for (const std::size_t leader : leaders) {
        const pending_entry &first = batch.entries[leader];
        if (is_same_owner(first.owner, entry.owner) && has_code(batch, first, batch.row(entry, words), words)) {
          entry.leader = leader;
          break;
        }
      }
      if (entry.leader == sorted.order[i].second && sorted.firsts[k + 1] - sorted.firsts[k] > 1) {
        leaders.push_back(entry.leader);
      }
    }
  }
}

}  // namespace

// Sets leader, held and superseded_until of the entries of one kind.
void store_state::look_up(entry_batch &batch, const std::vector<std::size_t> &entries, const store_table &table) {
  const std::uint32_t words = table.rows.words();
  const sorted_entries sorted = sort_entries(batch, entries, words);
  set_leaders(batch, sorted, words);
  std::vector<std::uint64_t> asked;  // keys that may be held
  std::vector<std::size_t> places;   // of them in sorted.keys
  for (std::size_t k = 0; k < sorted.keys.size(); ++k) {
    if (filter_ == nullptr || filter_->may_hold(sorted.keys[k])) {
      asked.push_back(sorted.keys[k]);
      places.push_back(k);
    } else {
      filter_->add(sorted.keys[k]);
    }
  }
  const auto hold = [&](std::size_t found, row_location place) {
    const std::uint64_t *row = table.rows.segments[place.segment].rows->row(place.row);
    for (std::size_t i = sorted.firsts[places[found]]; i < sorted.firsts[places[found] + 1]; ++i) {
      pending_entry &entry = batch.entries[sorted.order[i].second];
      if (entry.leader == sorted.order[i].second && has_code(batch, entry, row, words) &&
          is_of(table, place, entry.owner)) {
        entry.held = place;
      }
    }
  };
  find_keys(table, asked, hold, filter_ != nullptr ? looked_at::once : looked_at::again);
  look_up_withdrawals(batch, sorted, table);
}

// Decides about one addition after the other. Ids are counted in the order of the changes, whatever their kinds.
void store_state::decide(entry_batch &batch, change_counts &counts) {
  for (std::size_t i = 0; i < batch.entries.size(); ++i) {
    pending_entry &entry = batch.entries[i];
    pending_entry &leader = batch.entries[entry.leader];
    const store_table &table = next_.tables[entry.table];
    if (!leader.held && leader.latest == pending_entry::none) {
      if (entry.time <= leader.superseded_until) {
        ++counts.superseded;
        continue;
      }
      if (entry.id < 0 && next_.next_id == largest_id) {
        fail(LM_ERROR_INVALID_ARGUMENT, "ids: none is left after ", largest_id - 1);
      }
      entry.id = entry.id >= 0 ? entry.id : next_.next_id;
      ++counts.added;
    } else {
      const bool is_pending = leader.latest != pending_entry::none;
      const provenance before = is_pending ? provenance{} : next_.provenance_of(table, *leader.held);
      const pending_entry &latest = batch.entries[is_pending ? leader.latest : i];
      const std::string_view label = is_pending ? latest.label : before.label;
      const std::int64_t id = is_pending ? latest.id : before.id;
      const std::int64_t time = is_pending ? latest.time : before.time;
      if (entry.time >= 0 && entry.time < time) {
        ++counts.superseded;
        continue;
      }
      if (entry.label == label && (entry.id < 0 || entry.id == id) && (entry.time < 0 || entry.time == time)) {
        ++counts.unchanged;
        continue;
      }
      entry.id = entry.id >= 0 ? entry.id : id;
      entry.time = entry.time >= 0 ? entry.time : time;
      if (is_pending) {
        batch.entries[leader.latest].taken = false;
      }
      ++counts.changed;
      ++leader.changes;
    }
    entry.taken = true;
    leader.latest = i;
    if (entry.id >= next_.next_id) {
      next_.next_id = entry.id == largest_id ? largest_id : entry.id + 1;
      ++edits_;
    }
  }
}

// Removes what is held and has become another. A list that has an entry twice, with two labels, say, changes it and
// changes it back whenever it comes again: that leaves it as it is.
void store_state::replace_held(entry_batch &batch, change_counts &counts) {
  for (pending_entry &leader : batch.entries) {
    if (!leader.held || leader.latest == pending_entry::none) {
      continue;
    }
    store_table &table = next_.tables[leader.table];
    const provenance before = next_.provenance_of(table, *leader.held);
    pending_entry &latest = batch.entries[leader.latest];
    if (latest.label == before.label && latest.id == before.id && latest.time == before.time) {
      latest.taken = false;
      counts.changed -= leader.changes;
      counts.unchanged += leader.changes;
    } else {
      remove_row(table, *leader.held);
    }
  }
}

void store_state::add_batch(entry_batch &batch, change_counts &counts) {
  for (std::size_t table = 0; table < batch.kinds.size(); ++table) {
    look_up(batch, batch.kinds[table].entries, next_.tables[table]);
  }
  decide(batch, counts);
  replace_held(batch, counts);
  for (std::size_t number = 0; number < batch.kinds.size(); ++number) {
    const entry_batch::kind_rows &rows = batch.kinds[number];
    store_table &table = next_.tables[number];
    segment_draft draft(table.rows.hash, table.rows.bits, rows.entries.size());
    for (const std::size_t i : rows.entries) {
      const pending_entry &entry = batch.entries[i];
      if (entry.taken) {
        draft.append({batch.row(entry, table.rows.words()), entry.id,
                      entry.owner.list | (entry.owner.id_given ? entry_records::id_given : 0U),
                      static_cast<std::uint32_t>(entry.time + 1), entry.owner.list_id, entry.label, ""});
      }
    }
    if (draft.size() != 0) {
      append_segment(table, draft.finish());
      ++edits_;
    }
  }
}

// Keeps each segment of the log more than twice as large as the next, so that n additions of one entry each copy
// O(n log n) rows and leave O(log n) segments.
void store_state::append_segment(store_table &table, store_segment made) {
  const auto push = [&](store_segment &&segment) {
    table.rows.segments.push_back(std::move(segment.entry));
    table.records.push_back(std::move(segment.records));
    table.files.push_back(0);
  };
  push(std::move(made));
  std::size_t first = table.files.size() - 1;
  std::size_t live = table.rows.segments.back().live();
  while ((filter_ == nullptr || is_history(table.rows.hash)) && first > 0 && table.files[first - 1] == 0 &&
         table.rows.segments[first - 1].live() <= 2 * live) {
    --first;
    live += table.rows.segments[first].live();
  }
  if (first + 1 < table.files.size()) {
    store_segment whole = merge_store_segments(table, first, table.files.size(), nullptr);
    table.rows.segments.resize(first);
    table.records.resize(first);
    table.files.resize(first);
    if (whole.entry.rows->size() != 0) {
      push(std::move(whole));
    }
  }
}

void store_state::remove_row(store_table &table, row_location place) {
  segment_entry &entry = table.rows.segments[place.segment];
  const auto found = own_.find(entry.removed.get());
  std::shared_ptr<bitset> bits = found != own_.end() ? found->second : nullptr;
  if (bits == nullptr) {
    bits = entry.removed != nullptr ? std::make_shared<bitset>(*entry.removed)
                                    : std::make_shared<bitset>((entry.rows->size() + 63) / 64);
    own_.emplace(bits.get(), bits);
    entry.removed = bits;
  }
  (*bits)[place.row >> 6] |= std::uint64_t{1} << (place.row & 63);
  ++entry.removed_count;
}

}  // namespace libmatch::detail
