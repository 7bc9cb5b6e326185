// Where an entry comes from, for whoever reports a match: lists are known only above the index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/search_result.h"
#include "libmatch/libmatch.h"

namespace libmatch::detail {

struct entry_origin {
  std::string list;     // "" in an index that knows no lists
  std::string list_id;  // what the list itself calls the entry; "" for nothing
  std::int64_t time = -1;
  lm_list_role role = LM_LIST_KNOWN;
};

class origin_source {
 public:
  virtual ~origin_source() = default;
  // Of a row of a snapshot's table: its place in index_snapshot::tables, and the row's there.
  virtual entry_origin origin_of(std::size_t table, row_location place) const = 0;
};

}  // namespace libmatch::detail
