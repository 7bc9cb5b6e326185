// What a live index knows of a list beside its entries: attributes of the store.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libmatch/libmatch.h"
#include "store/snapshot.h"
#include "store/store.h"

namespace libmatch::detail {

// "known", "harmless", "degenerate"; null for an unknown role.
const char *list_role_name(lm_list_role role) noexcept;

lm_list_role role_of(const list_info &list);
// "" for not known.
std::string_view checkpoint_of(const list_info &list);

// As changes of a transaction; one that says what `before` says already is left out.
void set_role(store_transaction &changes, const store_snapshot &before, std::string_view list, lm_list_role role);
// A checkpoint that is a time or a number does not go back: old pages handed in again change nothing.
void set_checkpoint(store_transaction &changes, const store_snapshot &before, std::string_view list,
                    const std::string &checkpoint);

}  // namespace libmatch::detail
