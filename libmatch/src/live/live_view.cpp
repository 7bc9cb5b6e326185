#include "live/live_view.h"

#include <utility>

#include "core/hashes.h"
#include "live/list_state.h"

namespace libmatch::detail {

namespace {

constexpr std::uint32_t pdq_bits = 256;

// The one kind of codes that a folder holds; PDQ's where there are several or none.
std::pair<lm_hash, std::uint32_t> kind_of_codes(const store_snapshot &snapshot) {
  const index_table *only = nullptr;
  for (const store_table &table : snapshot.tables) {
    if (describe(table.rows.hash)->is_digest || table.rows.live() == 0) {
      continue;
    }
    if (only != nullptr) {
      return {LM_HASH_PDQ256, pdq_bits};
    }
    only = &table.rows;
  }
  return only != nullptr ? std::pair(only->hash, only->bits) : std::pair(lm_hash{LM_HASH_PDQ256}, pdq_bits);
}

}  // namespace

live_state::live_state(std::shared_ptr<const store_snapshot> store, lm_hash hash, std::uint32_t bits)
    : store_(std::move(store)), codes_(store_->as_index(hash, bits)) {
  for (std::size_t t = 0; t < tables_.size(); ++t) {
    tables_[t] = store_->find(codes_.tables[t].hash, codes_.tables[t].bits);
  }
  roles_.reserve(store_->lists.size());
  for (const list_info &list : store_->lists) {
    roles_.push_back(role_of(list));
  }
}

entry_origin live_state::origin_of(std::size_t table, row_location place) const {
  const provenance entry = store_->provenance_of(*tables_[table], place);
  return {std::string(entry.list_name), std::string(entry.list_id), entry.time, roles_[entry.list]};
}

live_view::live_view(std::unique_ptr<store_reader> reader, lm_hash hash, std::uint32_t bits)
    : reader_(std::move(reader)), hash_(hash), bits_(bits) {
  if (bits_ == 0) {
    std::tie(hash_, bits_) = kind_of_codes(*reader_->snapshot());
  }
  current();
}

std::shared_ptr<const live_state> live_view::current() const {
  std::shared_ptr<const store_snapshot> newest = reader_->snapshot();
  const std::lock_guard lock(mutex_);
  if (last_ == nullptr || last_->shared_store() != newest) {
    last_ = std::make_shared<const live_state>(std::move(newest), hash_, bits_);
  }
  return last_;
}

}  // namespace libmatch::detail
