// A list applied to a live index: what its records mean as changes of one transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lists/record.h"
#include "live/hash_set.h"
#include "live/unlisted.h"
#include "store/store.h"

namespace libmatch::detail {

struct list_application_options {
  std::string list;                       // its name
  std::int64_t time = -1;                 // of records that have none
  bool whole = false;                     // what the pages do not have is taken back
  std::optional<lm_list_role> role = {};  // none: what it is
};

struct applied_list {
  change_counts counts;
  list_summary summary;
};

// Calls `read` with a sink for the records of the list, and commits what they mean. What `read` throws leaves the
// index as it was.
//
// Records that name one id of the list's own are one item: those of its latest time stay, others of it are taken
// back. A withdrawal takes back its item, or else its code, but nothing that has a later time; where records have no
// time, what stands before it in the pages. Memory: see hash_set.h, and for `whole` a bit for each entry of the list.
applied_list apply_list(store_writer &writer, const list_application_options &options,
                        const std::function<list_summary(record_sink &)> &read);

}  // namespace libmatch::detail
