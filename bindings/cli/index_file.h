// Indexes as the verbs use them: opened whole, saved whole.
#pragma once

#include <cstdint>
#include <string>

#include "library.h"

namespace libmatch::command {

// All of it, verified: a damaged index must not answer `no match`.
index_handle load_index(const context_handle &context, const std::string &path);
void save_index(const index_handle &index, const std::string &path);
lm_index_data view_index(const index_handle &index);
// Codes and digests of an index.
std::int64_t entry_count(const index_handle &index);

}  // namespace libmatch::command
