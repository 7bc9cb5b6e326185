// Lists written to files.
#pragma once

#include <string>
#include <vector>

#include "libmatch/libmatch.h"
#include "lists/hash_list.h"

namespace libmatch::detail {

// The entries that count, in their order: what a list takes back is left out, and of entries with one list_id those
// of the latest time stay. Where times are not given, a withdrawal takes back what stands before it.
std::vector<std::size_t> current_entries(const hash_list &list);

// What lm_list_write promises.
void write_list(const hash_list &list, lm_list_format format, const std::string &path, const lm_progress *progress);

}  // namespace libmatch::detail
