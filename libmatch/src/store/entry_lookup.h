// Finding entries in a table again. All of it is in bounds whatever a mapped file holds.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "core/search_result.h"
#include "store/entry_key.h"
#include "store/snapshot.h"

namespace libmatch::detail {

// Whether what a mapped segment was looked at for is soon looked at again, or its pages are let go of at once.
enum class looked_at : std::uint8_t { again, once };

// Calls found(i, place) for every live row whose key is keys[i]; the keys are ascending.
void find_keys(const store_table &table, std::span<const std::uint64_t> keys,
               const std::function<void(std::size_t, row_location)> &found, looked_at pages = looked_at::again);

// Live rows, in no order: of a list's own id; of a code; of an id; of a list.
std::vector<row_location> find_list_id(const store_table &table, std::uint32_t list, std::string_view list_id);
std::vector<row_location> find_code(const store_table &table, const std::uint64_t *code);
std::vector<row_location> find_id(const store_table &table, std::int64_t id);
std::vector<row_location> find_list(const store_table &table, std::uint32_t list);

// Whether a row has this owner.
bool is_of(const store_table &table, row_location place, const entry_owner &owner);

}  // namespace libmatch::detail
