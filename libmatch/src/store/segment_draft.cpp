#include "store/segment_draft.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "core/hashes.h"
#include "store/entry_key.h"
#include "store/key_sort.h"

namespace libmatch::detail {

namespace {

// Offsets begin with the first text that is not empty; every row before it has an empty one.
void append_text(std::vector<std::uint32_t> &offsets, std::vector<char> &bytes, std::size_t row,
                 std::string_view text) {
  if (offsets.empty()) {
    if (text.empty()) {
      return;
    }
    offsets.resize(row + 1, 0);
  }
  if (text.size() > max_column_bytes - bytes.size()) {
    fail(LM_ERROR_LIMIT, "the texts of one segment take more than ", max_column_bytes, " bytes");
  }
  bytes.insert(bytes.end(), text.begin(), text.end());
  offsets.push_back(static_cast<std::uint32_t>(bytes.size()));
}

bool is_sorted_kind(lm_hash hash) {
  const hash_description *description = describe(hash);
  return description != nullptr && description->is_digest;
}

// Of a history row's kind: history_row::is_to_come.
constexpr std::uint64_t bit_to_come = std::uint64_t{1} << 63;

}  // namespace

std::array<std::uint64_t, 4> make_history_row(const history_row &row) noexcept {
  return {row.code_hash, static_cast<std::uint64_t>(row.withdrawn_at + 1),
          (row.is_to_come ? bit_to_come : 0) | std::uint64_t{row.hash} << 32 | row.bits, row.key};
}

history_row read_history_row(const std::uint64_t *words) noexcept {
  const std::uint64_t kind = words[2] & ~bit_to_come;
  return {words[0],
          static_cast<std::int64_t>(words[1]) - 1,
          static_cast<std::uint32_t>(kind >> 32),
          static_cast<std::uint32_t>(kind),
          words[3],
          (words[2] & bit_to_come) != 0};
}

segment_draft::segment_draft(lm_hash hash, std::uint32_t bits, std::size_t expected_size)
    : hash_(hash), bits_(bits), words_((bits + 63) / 64), arrays_(std::make_shared<owned_arrays>()) {
  arrays_->rows.reserve(expected_size * words_);
  arrays_->ids.reserve(expected_size);
  arrays_->lists.reserve(expected_size);
  arrays_->times.reserve(expected_size);
}

void segment_draft::append(const entry_row &entry) {
  owned_arrays &arrays = *arrays_;
  const std::size_t row = arrays.ids.size();
  append_text(arrays.list_id_offsets, arrays.list_id_bytes, row, entry.list_id);
  append_text(arrays.reason_offsets, arrays.reason_bytes, row, entry.reason);
  arrays.rows.insert(arrays.rows.end(), entry.row, entry.row + words_);
  arrays.ids.push_back(entry.id);
  arrays.lists.push_back(entry.list);
  arrays.times.push_back(entry.time);
  if (arrays.label_offsets.empty()) {
    if (entry.label.empty()) {
      return;
    }
    // The first label: every row before it has none, which is an empty text each.
    arrays.label_bytes.assign(row, '\0');
    arrays.label_offsets.resize(row + 1);
    std::iota(arrays.label_offsets.begin(), arrays.label_offsets.end(), std::uint64_t{0});
  }
  arrays.label_bytes.insert(arrays.label_bytes.end(), entry.label.begin(), entry.label.end());
  arrays.label_bytes.push_back('\0');
  arrays.label_offsets.push_back(arrays.label_bytes.size());
}

std::size_t segment_draft::memory_bytes() const noexcept {
  const owned_arrays &arrays = *arrays_;
  return arrays.ids.size() * (std::size_t{words_} * 8 + 8 + 8 + 4 + 4 + 4 + 12) + arrays.label_bytes.size() +
         arrays.list_id_bytes.size() + arrays.reason_bytes.size();
}

entry_row segment_draft::at(std::size_t r) const {
  const owned_arrays &arrays = *arrays_;
  const text_column list_ids{arrays.list_id_offsets, arrays.list_id_bytes};
  const text_column reasons{arrays.reason_offsets, arrays.reason_bytes};
  std::string_view label;
  if (!arrays.label_offsets.empty()) {
    const std::uint64_t begin = arrays.label_offsets[r];
    label = {arrays.label_bytes.data() + begin, static_cast<std::size_t>(arrays.label_offsets[r + 1] - begin - 1)};
  }
  return {arrays.rows.data() + r * words_,
          arrays.ids[r],
          arrays.lists[r],
          arrays.times[r],
          list_ids.at(r),
          label,
          reasons.at(r)};
}

void segment_draft::make_keys() {
  owned_arrays &arrays = *arrays_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> pairs(arrays.ids.size());
  for (std::size_t r = 0; r < pairs.size(); ++r) {
    pairs[r] = {key_of(hash_, words_, at(r)), static_cast<std::uint32_t>(r)};
  }
  sort_by_key(pairs);
  arrays.keys.resize(pairs.size());
  arrays.key_rows.resize(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    arrays.keys[i] = pairs[i].first;
    arrays.key_rows[i] = pairs[i].second;
  }
}

store_segment segment_draft::freeze() {
  make_keys();
  const owned_arrays &arrays = *arrays_;
  const segment::arrays views{arrays.rows, arrays.ids, arrays.label_offsets, arrays.label_bytes};
  entry_records records;
  records.lists = arrays.lists;
  records.times = arrays.times;
  records.list_ids = {arrays.list_id_offsets, arrays.list_id_bytes};
  records.reasons = {arrays.reason_offsets, arrays.reason_bytes};
  records.keys = arrays.keys;
  records.key_rows = arrays.key_rows;
  records.storage = arrays_;
  store_segment made;
  made.entry.rows = std::make_shared<const segment>(words_, views, arrays_);
  made.records = std::make_shared<const entry_records>(std::move(records));
  return made;
}

store_segment segment_draft::finish(std::vector<std::uint32_t> *places) {
  std::vector<std::uint32_t> order(size());
  std::iota(order.begin(), order.end(), 0U);
  if (!is_sorted_kind(hash_)) {
    if (places != nullptr) {
      *places = std::move(order);
    }
    return freeze();
  }
  const owned_arrays &arrays = *arrays_;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const std::uint64_t *left = arrays.rows.data() + std::size_t{a} * words_;
    const std::uint64_t *right = arrays.rows.data() + std::size_t{b} * words_;
    const auto compared = std::lexicographical_compare_three_way(left, left + words_, right, right + words_);
    if (compared != 0) {
      return compared < 0;
    }
    return std::pair(arrays.ids[a], a) < std::pair(arrays.ids[b], b);
  });
  segment_draft sorted(hash_, bits_, order.size());
  for (const std::uint32_t r : order) {
    sorted.append(at(r));
  }
  if (places != nullptr) {
    places->resize(order.size());
    for (std::size_t place = 0; place < order.size(); ++place) {
      (*places)[order[place]] = static_cast<std::uint32_t>(place);
    }
  }
  return sorted.freeze();
}

entry_row entry_at(const store_segment &made, std::size_t r) {
  const segment &rows = *made.entry.rows;
  const entry_records &records = *made.records;
  return {rows.row(r),   rows.data().ids[r],   records.lists[r], records.times[r], records.list_ids.at(r),
          rows.label(r), records.reasons.at(r)};
}

entry_row entry_at(const store_table &table, std::size_t s, std::size_t r) {
  const segment &rows = *table.rows.segments[s].rows;
  const entry_records &records = *table.records[s];
  return {rows.row(r),   rows.data().ids[r],   records.lists[r], records.times[r], records.list_ids.at(r),
          rows.label(r), records.reasons.at(r)};
}

std::uint64_t key_of(lm_hash hash, std::uint32_t words, const entry_row &entry) noexcept {
  if (is_history(hash)) {
    return entry.row[3];
  }
  const entry_owner owner{entry.list & ~entry_records::id_given, entry.list_id,
                          (entry.list & entry_records::id_given) != 0, entry.id};
  return entry_key(owner, code_half(entry.row, words));
}

store_segment segment_of(const store_table &table, std::size_t s) {
  return {table.rows.segments[s], table.records[s], table.files[s]};
}

store_segment merge_store_segments(const store_table &table, std::size_t first, std::size_t last, row_map *moved,
                                   const std::atomic<bool> *stop) {
  std::size_t live = 0;
  for (std::size_t s = first; s < last; ++s) {
    live += table.rows.segments[s].live();
  }
  segment_draft draft(table.rows.hash, table.rows.bits, live);
  row_map appended(last - first);
  for (std::size_t s = first; s < last; ++s) {
    const segment_view view = table.rows.segments[s].view();
    std::vector<std::uint32_t> &rows = appended[s - first];
    if (moved != nullptr) {
      rows.assign(view.size, no_row);
    }
    for (std::size_t r = 0; r < view.size; ++r) {
      if (stop != nullptr && *stop) {
        fail(LM_ERROR_CANCELLED, "merging was stopped");
      }
      if (view.is_removed(r)) {
        continue;
      }
      if (moved != nullptr) {
        rows[r] = static_cast<std::uint32_t>(draft.size());
      }
      draft.append(entry_at(table, s, r));
    }
  }
  std::vector<std::uint32_t> places;
  store_segment made = draft.finish(moved != nullptr ? &places : nullptr);
  if (moved != nullptr) {
    for (std::vector<std::uint32_t> &rows : appended) {
      for (std::uint32_t &row : rows) {
        row = row != no_row ? places[row] : no_row;
      }
    }
    *moved = std::move(appended);
  }
  return made;
}

}  // namespace libmatch::detail
