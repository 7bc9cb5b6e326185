#include "live/unlisted.h"

#include <algorithm>
#include <utility>

#include "index/bit_order.h"
#include "store/entry_key.h"
#include "store/entry_lookup.h"

namespace libmatch::detail {

namespace {
constexpr std::size_t records_each = 65536;  // looked up at once, in the order of their keys
}

unlisted_entries::unlisted_entries(std::shared_ptr<const store_snapshot> before, const std::string &list)
    : before_(std::move(before)), list_(list), number_(before_->find_list(list)) {
  if (number_ == 0) {
    return;
  }
  for (const store_table &table : before_->tables) {
    std::vector<std::vector<bool>> &segments = listed_.emplace_back();
    for (const segment_entry &segment : table.rows.segments) {
      segments.emplace_back(segment.rows->size());
    }
  }
}

void unlisted_entries::mark(const list_record &record) {
  if (number_ == 0 || record.bits == 0 || record.withdrawn) {
    return;
  }
  for (std::size_t t = 0; t < before_->tables.size(); ++t) {
    const index_table &rows = before_->tables[t].rows;
    if (rows.hash != record.hash || rows.bits != record.bits) {
      continue;
    }
    waiting_.push_back({t, rows_.size(), std::string(record.list_id), record.id});
    rows_.resize(rows_.size() + rows.words());
    pack_rows(record.code, 1, rows.hash, rows.bits, rows_.data() + waiting_.back().row);
    if (waiting_.size() == records_each) {
      look_up();
    }
  }
}

void unlisted_entries::look_up() {
  for (std::size_t t = 0; t < before_->tables.size(); ++t) {
    const store_table &table = before_->tables[t];
    const std::uint32_t words = table.rows.words();
    std::vector<std::pair<std::uint64_t, const waiting_record *>> order;
    const auto owner_of = [&](const waiting_record &record) {
      return entry_owner{number_, record.list_id, record.id >= 0, record.id};
    };
    for (const waiting_record &record : waiting_) {
      if (record.table == t) {
        order.emplace_back(entry_key(owner_of(record), code_half(rows_.data() + record.row, words)), &record);
      }
    }
    std::sort(order.begin(), order.end());
    std::vector<std::uint64_t> keys;
    std::vector<std::size_t> firsts;  // places in order of each key's first
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i == 0 || order[i].first != order[i - 1].first) {
        keys.push_back(order[i].first);
        firsts.push_back(i);
      }
    }
    firsts.push_back(order.size());
    find_keys(table, keys, [&](std::size_t k, row_location place) {
      const std::uint64_t *held = table.rows.segments[place.segment].rows->row(place.row);
      for (std::size_t i = firsts[k]; i < firsts[k + 1]; ++i) {
        const std::uint64_t *code = rows_.data() + order[i].second->row;
        if (std::equal(code, code + words, held) && is_of(table, place, owner_of(*order[i].second))) {
          listed_[t][place.segment][place.row] = true;
        }
      }
    });
  }
  waiting_.clear();
  rows_.clear();
}

void unlisted_entries::withdraw(store_transaction &changes, std::int64_t time) {
  if (number_ == 0) {
    return;
  }
  look_up();
  for (std::size_t t = 0; t < before_->tables.size(); ++t) {
    withdraw_of(before_->tables[t], listed_[t], changes, time);
  }
}

void unlisted_entries::withdraw_of(const store_table &table, const std::vector<std::vector<bool>> &listed,
                                   store_transaction &changes, std::int64_t time) const {
  std::vector<std::uint8_t> code(table.rows.bits / 8);
  for (std::uint32_t s = 0; s < listed.size(); ++s) {
    const segment_view view = table.rows.segments[s].view();
    for (std::uint32_t r = 0; r < view.size; ++r) {
      if (listed[s][r] || view.is_removed(r) || table.records[s]->list(r) != number_) {
        continue;
      }
      const provenance entry = before_->provenance_of(table, {s, r});
      unpack_row(table.rows.segments[s].rows->row(r), table.rows.hash, table.rows.bits, code.data());
      withdrawal change;
      change.list = list_;
      change.list_id = entry.list_id;
      change.hash = table.rows.hash;
      change.bits = table.rows.bits;
      change.code = code.data();
      change.id = entry.id;
      change.reason = "no longer in the list";
      change.time = time;
      changes.withdraw(change);
    }
  }
}

}  // namespace libmatch::detail
