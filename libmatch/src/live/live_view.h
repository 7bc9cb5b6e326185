// A live index as searches see it: the newest state of a folder, as an index knows one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "core/entry_origin.h"
#include "index/index.h"
#include "libmatch/libmatch.h"
#include "store/snapshot.h"
#include "store/store.h"

namespace libmatch::detail {

// One state. Keeps alive what it is made of.
class live_state final : public origin_source {
 public:
  // hash, bits: of the codes that searches look at.
  live_state(std::shared_ptr<const store_snapshot> store, lm_hash hash, std::uint32_t bits);

  const store_snapshot &store() const noexcept { return *store_; }
  const std::shared_ptr<const store_snapshot> &shared_store() const noexcept { return store_; }
  const index_snapshot &codes() const noexcept { return codes_; }
  // By the list's place in store().lists.
  lm_list_role role(std::uint32_t list) const noexcept { return roles_[list]; }

  // The store's table behind index_snapshot::tables[table], which has rows.
  const store_table &table(std::size_t table) const noexcept { return *tables_[table]; }
  entry_origin origin_of(std::size_t table, row_location place) const override;

 private:
  std::shared_ptr<const store_snapshot> store_;
  index_snapshot codes_;
  std::array<const store_table *, std::tuple_size_v<decltype(index_snapshot::tables)>> tables_{};
  std::vector<lm_list_role> roles_;
};

class live_view {
 public:
  // bits 0: the kind of codes that the folder holds, or PDQ where it holds several or none.
  live_view(std::unique_ptr<store_reader> reader, lm_hash hash, std::uint32_t bits);

  lm_hash hash() const noexcept { return hash_; }
  std::uint32_t bits() const noexcept { return bits_; }

  // The newest state that was seen. Waits for no writer.
  std::shared_ptr<const live_state> current() const;
  void refresh() { reader_->refresh(); }

 private:
  std::unique_ptr<store_reader> reader_;
  lm_hash hash_;
  std::uint32_t bits_;
  mutable std::mutex mutex_;  // held for the time of making a state, which copies the pointers of its segments
  mutable std::shared_ptr<const live_state> last_;
};

}  // namespace libmatch::detail
