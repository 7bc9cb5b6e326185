#include "store/snapshot.h"

#include "core/error.h"
#include "core/hashes.h"
#include "store/segment_draft.h"

namespace libmatch::detail {

const store_table *store_snapshot::find(lm_hash hash, std::uint32_t bits) const noexcept {
  for (const store_table &table : tables) {
    if (table.rows.hash == hash && table.rows.bits == bits) {
      return &table;
    }
  }
  return nullptr;
}

std::uint32_t store_snapshot::find_list(std::string_view name) const noexcept {
  for (std::size_t i = 1; i < lists.size(); ++i) {
    if (lists[i].name == name) {
      return static_cast<std::uint32_t>(i);
    }
  }
  return 0;
}

provenance store_snapshot::provenance_of(const store_table &table, row_location place) const {
  const entry_records &records = *table.records[place.segment];
  const segment &rows = *table.rows.segments[place.segment].rows;
  provenance found;
  found.list = records.list(place.row);
  if (found.list >= lists.size()) {
    fail(LM_ERROR_FORMAT, "damaged store: row ", place.row, " is of list ", found.list, " of ", lists.size());
  }
  found.list_name = lists[found.list].name;
  found.list_id = records.list_ids.at(place.row);
  found.label = rows.label(place.row);
  found.id = rows.data().ids[place.row];
  found.time = records.time(place.row);
  found.id_given = records.is_id_given(place.row);
  return found;
}

withdrawn_entry store_snapshot::withdrawn(row_location place) const {
  withdrawn_entry found;
  found.entry = provenance_of(history, place);
  const history_row row = read_history_row(history.rows.segments[place.segment].rows->row(place.row));
  for (const hash_description &description : all_hashes()) {
    if (static_cast<std::uint32_t>(description.hash) == row.hash) {
      found.hash = description.hash;
    }
  }
  found.bits = row.bits;
  found.withdrawn_at = row.withdrawn_at;
  const std::string_view text = history.records[place.segment]->reasons.at(place.row);
  const std::size_t end_of_by = text.find('\0');
  if (end_of_by == std::string_view::npos) {
    fail(LM_ERROR_FORMAT, "damaged store: the reason of row ", place.row, " does not say who took the entry back");
  }
  found.by = text.substr(0, end_of_by);
  found.reason = text.substr(end_of_by + 1);
  return found;
}

bool store_snapshot::is_entry(row_location place) const {
  return !read_history_row(history.rows.segments[place.segment].rows->row(place.row)).is_to_come;
}

std::uint64_t store_snapshot::count_entries(const store_table &table, std::uint32_t list) const {
  std::uint64_t count = 0;
  for (std::size_t s = 0; s < table.records.size(); ++s) {
    const segment_view view = table.rows.segments[s].view();
    for (std::size_t r = 0; r < view.size; ++r) {
      count += table.records[s]->list(r) == list && !view.is_removed(r) ? 1U : 0U;
    }
  }
  return count;
}

index_snapshot store_snapshot::as_index(lm_hash hash, std::uint32_t bits) const {
  index_description description;
  description.hash = hash;
  description.bits = bits;
  index_snapshot index = empty_snapshot(description);
  for (index_table &table : index.tables) {
    if (const store_table *held = find(table.hash, table.bits)) {
      table.segments = held->rows.segments;
    }
  }
  index.next_id = next_id;
  return index;
}

}  // namespace libmatch::detail
