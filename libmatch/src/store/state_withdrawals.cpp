// store_state: what is taken back, and what was.
#include <algorithm>
#include <utility>

#include "index/bit_order.h"
#include "store/entry_batch.h"
#include "store/entry_key.h"
#include "store/entry_lookup.h"
#include "store/state.h"

namespace libmatch::detail {

namespace {

constexpr std::uint64_t owner_half = ~std::uint64_t{0} << 32;

history_row history_at(const store_table &history, row_location place) {
  return read_history_row(history.rows.segments[place.segment].rows->row(place.row));
}

// Who takes back and why, as the history has it.
std::string reason_of(const withdrawal &change, std::string_view list_name) {
  std::string reason(change.by.empty() ? list_name : change.by);
  reason += '\0';
  reason += change.reason;
  return reason;
}

}  // namespace

// Sets superseded_until of the entries of one kind: by what was said of the entry itself, and by what was said of all
// that its list calls so.
void store_state::look_up_withdrawals(entry_batch &batch, const sorted_entries &sorted, const store_table &table) {
  const std::uint32_t words = table.rows.words();
  const auto kind = static_cast<std::uint32_t>(table.rows.hash);
  find_keys(next_.history, sorted.keys, [&](std::size_t k, row_location place) {
    const history_row row = history_at(next_.history, place);
    for (std::size_t i = sorted.firsts[k]; i < sorted.firsts[k + 1]; ++i) {
      pending_entry &entry = batch.entries[sorted.order[i].second];
      if (row.hash == kind && row.bits == table.rows.bits &&
          row.code_hash == whole_code_hash(batch.row(entry, words), words) &&
          is_of(next_.history, place, entry.owner)) {
        entry.superseded_until = std::max(entry.superseded_until, row.withdrawn_at);
      }
    }
  });
  if (next_.history.records.empty()) {
    return;
  }
  std::vector<std::uint64_t> owners;
  std::vector<std::size_t> firsts;  // places in sorted.order of each owner's first
  for (std::size_t i = 0; i < sorted.order.size(); ++i) {
    if (const std::uint64_t owner = sorted.order[i].first & owner_half; owners.empty() || owner != owners.back()) {
      owners.push_back(owner);
      firsts.push_back(i);
    }
  }
  firsts.push_back(sorted.order.size());
  find_keys(next_.history, owners, [&](std::size_t k, row_location place) {
    const history_row row = history_at(next_.history, place);
    for (std::size_t i = firsts[k]; row.bits == 0 && i < firsts[k + 1]; ++i) {
      pending_entry &entry = batch.entries[sorted.order[i].second];
      if (is_of(next_.history, place, entry.owner)) {
        entry.superseded_until = std::max(entry.superseded_until, row.withdrawn_at);
      }
    }
  });
}

std::int64_t store_state::latest_time(std::uint32_t list, std::string_view list_id) const {
  std::int64_t latest = -1;
  for (const store_table &table : next_.tables) {
    for (const row_location place : find_list_id(table, list, list_id)) {
      latest = std::max(latest, table.records[place.segment]->time(place.row));
    }
  }
  return latest;
}

void store_state::withdraw(const withdrawal &given, change_counts &counts) {
  withdrawal change = given;
  const std::uint32_t list = next_.find_list(change.list);
  if (change.only_outdated) {
    const std::int64_t latest = list != 0 ? latest_time(list, change.list_id) : -1;
    if (latest < 0) {
      return;
    }
    change.entries_until = std::min(change.entries_until, latest - 1);
    change.time = latest;
  }
  std::size_t taken_back = 0;
  segment_draft history(history_hash, history_bits, 1);
  for (store_table &table : next_.tables) {
    if (!change.list.empty() && list == 0) {
      break;
    }
    if (change.code != nullptr && (table.rows.hash != change.hash || table.rows.bits != change.bits)) {
      continue;
    }
    std::vector<std::uint64_t> code(table.rows.words());
    if (change.code != nullptr) {
      pack_rows(change.code, 1, change.hash, change.bits, code.data());
    }
    for (const row_location place : find_candidates(table, change, list, code.data())) {
      const provenance entry = next_.provenance_of(table, place);
      const std::uint64_t *row = table.rows.segments[place.segment].rows->row(place.row);
      const bool fits = (list == 0 || entry.list == list) &&
                        (change.list_id.empty() || entry.list_id == change.list_id) &&
                        (change.id == -1 || entry.id == change.id) && entry.time <= change.entries_until &&
                        (change.code == nullptr || std::equal(code.begin(), code.end(), row));
      if (fits) {
        history_of(history, table, entry, row, change);
        remove_row(table, place);
        ++taken_back;
      }
    }
  }
  counts.withdrawn += taken_back;
  counts.unknown += taken_back == 0 && !change.only_outdated ? 1U : 0U;
  // What has a list's own id may come with other codes yet; a code was taken back with its entry.
  if (change.lasting && (taken_back == 0 || change.code == nullptr)) {
    hold_against(history, change);
  }
  if (history.size() != 0) {
    append_segment(next_.history, history.finish());
    ++edits_;
  }
  // Each looks into every segment, at places of about two megabytes in all.
  constexpr std::uint64_t withdrawals_each = 8;
  if (filter_ != nullptr && ++bulk_withdrawals_ % withdrawals_each == 0) {
    let_go_of_pages();
  }
}

std::vector<row_location> store_state::find_candidates(const store_table &table, const withdrawal &change,
                                                       std::uint32_t list, const std::uint64_t *code) const {
  if (!change.list_id.empty()) {
    std::vector<row_location> places;
    for (std::uint32_t l = list != 0 ? list : 1; l < (list != 0 ? list + 1 : next_.lists.size()); ++l) {
      const std::vector<row_location> found = find_list_id(table, l, change.list_id);
      places.insert(places.end(), found.begin(), found.end());
    }
    return places;
  }
  if (change.code != nullptr) {
    return find_code(table, code);
  }
  return change.id != -1 ? find_id(table, change.id) : find_list(table, list);
}

void store_state::history_of(segment_draft &history, const store_table &table, const provenance &entry,
                             const std::uint64_t *row, const withdrawal &change) const {
  const entry_owner owner{entry.list, entry.list_id, entry.id_given, entry.id};
  const std::uint32_t words = table.rows.words();
  const std::array<std::uint64_t, 4> history_words =
      make_history_row({whole_code_hash(row, words), change.time, static_cast<std::uint32_t>(table.rows.hash),
                        table.rows.bits, entry_key(owner, code_half(row, words))});
  history.append({history_words.data(), entry.id, entry.list | (entry.id_given ? entry_records::id_given : 0U),
                  static_cast<std::uint32_t>(entry.time + 1), entry.list_id, entry.label,
                  reason_of(change, entry.list_name)});
}

// Holds a withdrawal against what is to come, unless one that is as late does.
void store_state::hold_against(segment_draft &history, const withdrawal &change) {
  history_row row;
  row.withdrawn_at = change.time;
  row.is_to_come = true;
  const entry_owner owner{list_number(change.list), change.list_id, change.list_id.empty() && change.id >= 0,
                          change.id};
  if (change.code == nullptr) {
    row.key = owner_key(owner, 0);
  } else {
    const std::uint32_t words = (change.bits + 63) / 64;
    std::vector<std::uint64_t> code(words);
    pack_rows(change.code, 1, change.hash, change.bits, code.data());
    row.code_hash = whole_code_hash(code.data(), words);
    row.hash = static_cast<std::uint32_t>(change.hash);
    row.bits = change.bits;
    row.key = entry_key(owner, code_half(code.data(), words));
  }
  bool is_held = false;
  find_keys(next_.history, {&row.key, 1}, [&](std::size_t /*key*/, row_location place) {
    const history_row held = history_at(next_.history, place);
    is_held = is_held || (held.code_hash == row.code_hash && held.hash == row.hash && held.bits == row.bits &&
                          held.withdrawn_at >= row.withdrawn_at && is_of(next_.history, place, owner));
  });
  if (!is_held) {
    const std::array<std::uint64_t, 4> words = make_history_row(row);
    history.append({words.data(), owner.id_given ? owner.id : 0,
                    owner.list | (owner.id_given ? entry_records::id_given : 0U), 0, change.list_id, "",
                    reason_of(change, change.list)});
  }
}

}  // namespace libmatch::detail
