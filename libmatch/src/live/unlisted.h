// Which entries of a list its pages do not have.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/aligned_vector.h"
#include "lists/record.h"
#include "store/store.h"

namespace libmatch::detail {

class unlisted_entries {
 public:
  // before: the state that the pages are applied to.
  unlisted_entries(std::shared_ptr<const store_snapshot> before, const std::string &list);

  // The pages have this record.
  void mark(const list_record &record);
  // Takes back what they do not have. time: of the withdrawals; -1 for now.
  void withdraw(store_transaction &changes, std::int64_t time);

 private:
  struct waiting_record {
    std::size_t table;
    std::size_t row;  // place in rows_
    std::string list_id;
    std::int64_t id;
  };
  void look_up();
  void withdraw_of(const store_table &table, const std::vector<std::vector<bool>> &listed, store_transaction &changes,
                   std::int64_t time) const;

  std::shared_ptr<const store_snapshot> before_;
  std::string list_;
  std::uint32_t number_;                                // of the list; 0: it is new
  std::vector<std::vector<std::vector<bool>>> listed_;  // by table, segment and row
  std::vector<waiting_record> waiting_;
  std::vector<std::uint64_t> rows_;
};

}  // namespace libmatch::detail
