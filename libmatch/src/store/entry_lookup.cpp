#include "store/entry_lookup.h"

#include <algorithm>

#include "core/error.h"
#include "core/hashes.h"
#include "search/buckets.h"

namespace libmatch::detail {

namespace {

row_location place_of(std::size_t segment, std::size_t row) {
  return {static_cast<std::uint32_t>(segment), static_cast<std::uint32_t>(row)};
}

// The first place from `from` on that does not hold less; steps that double find the neighbourhood, so that a walk
// over ascending keys costs little however many or few they are.
std::size_t gallop(std::span<const std::uint64_t> keys, std::size_t from, std::uint64_t key) {
  std::size_t step = 1;
  std::size_t low = from;
  while (low + step < keys.size() && keys[low + step] < key) {
    low += step;
    step *= 2;
  }
  const auto begin = keys.begin() + static_cast<std::ptrdiff_t>(low);
  const auto end = keys.begin() + static_cast<std::ptrdiff_t>(std::min(keys.size(), low + step + 1));
  return static_cast<std::size_t>(std::lower_bound(begin, end, key) - keys.begin());
}

std::uint32_t checked_row(const store_table &table, std::size_t s, std::size_t place) {
  const std::uint32_t row = table.records[s]->key_rows[place];
  if (row >= table.rows.segments[s].rows->size()) {
    fail(LM_ERROR_FORMAT, "damaged store: a key stands for row ", row, " of ", table.rows.segments[s].rows->size());
  }
  return row;
}

void find_code_in_segment(const store_table &table, std::size_t s, const std::uint64_t *code,
                          std::vector<row_location> &places) {
  const segment_view view = table.rows.segments[s].view();
  const auto consider = [&](std::size_t r) {
    const std::uint64_t *row = view.rows + r * view.words;
    if (!view.is_removed(r) && std::equal(row, row + view.words, code)) {
      places.push_back(place_of(s, r));
    }
  };
  if (view.buckets == nullptr) {
    for (std::size_t r = 0; r < view.size; ++r) {
      consider(r);
    }
    return;
  }
  for (const std::uint32_t row : rows_of_bucket(*view.buckets, 0, view.buckets->bucket_of(code, 0))) {
    if (row < view.size) {
      consider(row);
    }
  }
}

}  // namespace

void find_keys(const store_table &table, std::span<const std::uint64_t> keys,
               const std::function<void(std::size_t, row_location)> &found, looked_at pages) {
  for (std::size_t s = 0; s < table.records.size(); ++s) {
    const std::span<const std::uint64_t> held = table.records[s]->keys;
    const segment_view view = table.rows.segments[s].view();
    std::size_t place = 0;
    for (std::size_t i = 0; i < keys.size() && place < held.size(); ++i) {
      place = gallop(held, place, keys[i]);
      for (std::size_t p = place; p < held.size() && held[p] == keys[i]; ++p) {
        if (const std::uint32_t row = checked_row(table, s, p); !view.is_removed(row)) {
          found(i, place_of(s, row));
        }
      }
    }
    if (pages == looked_at::once) {
      table.records[s]->let_go_of_pages();
    }
  }
}

bool is_of(const store_table &table, row_location place, const entry_owner &owner) {
  const entry_records &records = *table.records[place.segment];
  if (records.list(place.row) != owner.list || records.list_ids.at(place.row) != owner.list_id) {
    return false;
  }
  if (!owner.list_id.empty()) {
    return true;
  }
  return records.is_id_given(place.row) == owner.id_given &&
         (!owner.id_given || table.rows.segments[place.segment].rows->data().ids[place.row] == owner.id);
}

std::vector<row_location> find_list_id(const store_table &table, std::uint32_t list, std::string_view list_id) {
  std::vector<row_location> places;
  const entry_owner owner{list, list_id, false, -1};
  const std::uint64_t first = owner_key(owner, 0);
  const std::uint64_t last = first | 0xFFFFFFFFU;
  for (std::size_t s = 0; s < table.records.size(); ++s) {
    const std::span<const std::uint64_t> held = table.records[s]->keys;
    const segment_view view = table.rows.segments[s].view();
    for (auto p = static_cast<std::size_t>(std::lower_bound(held.begin(), held.end(), first) - held.begin());
         p < held.size() && held[p] <= last; ++p) {
      const std::uint32_t row = checked_row(table, s, p);
      if (!view.is_removed(row) && is_of(table, place_of(s, row), owner)) {
        places.push_back(place_of(s, row));
      }
    }
  }
  return places;
}

std::vector<row_location> find_code(const store_table &table, const std::uint64_t *code) {
  if (const hash_description *kind = describe(table.rows.hash); kind != nullptr && kind->is_digest) {
    return find_equal(table.rows, code);
  }
  std::vector<row_location> places;
  for (std::size_t s = 0; s < table.records.size(); ++s) {
    find_code_in_segment(table, s, code, places);
  }
  return places;
}

std::vector<row_location> find_id(const store_table &table, std::int64_t id) {
  std::vector<row_location> places;
  for (std::size_t s = 0; s < table.records.size(); ++s) {
    const std::span<const std::int64_t> ids = table.rows.segments[s].rows->data().ids;
    const segment_view view = table.rows.segments[s].view();
    for (std::size_t r = 0; r < ids.size(); ++r) {
      if (ids[r] == id && !view.is_removed(r)) {
        places.push_back(place_of(s, r));
      }
    }
  }
  return places;
}

std::vector<row_location> find_list(const store_table &table, std::uint32_t list) {
  std::vector<row_location> places;
  for (std::size_t s = 0; s < table.records.size(); ++s) {
    const segment_view view = table.rows.segments[s].view();
    for (std::size_t r = 0; r < view.size; ++r) {
      if (table.records[s]->list(r) == list && !view.is_removed(r)) {
        places.push_back(place_of(s, r));
      }
    }
  }
  return places;
}

}  // namespace libmatch::detail
