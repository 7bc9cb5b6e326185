// By what an entry is found again: 64 bits, of which the upper half says whose it is and the lower half what its code
// is. Equal keys are not equal entries: who finds a key compares the rest.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/checksum.h"

namespace libmatch::detail {

// What makes an entry one of its list's, beside kind and code.
struct entry_owner {
  std::uint32_t list = 0;
  std::string_view list_id;  // "": the list has no id of its own for it
  bool id_given = false;     // then, without list_id, the id tells entries apart
  std::int64_t id = -1;
};

inline std::uint32_t code_half(const std::uint64_t *row, std::uint32_t words) noexcept {
  return static_cast<std::uint32_t>(hash_of_bytes(row, words * sizeof *row, 0));
}

// A hash of the whole code, by which the history tells codes apart that it does not hold.
inline std::uint64_t whole_code_hash(const std::uint64_t *row, std::uint32_t words) noexcept {
  return hash_of_bytes(row, words * sizeof *row, 1);
}

inline bool is_same_owner(const entry_owner &a, const entry_owner &b) noexcept {
  return a.list == b.list && a.list_id == b.list_id &&
         (!a.list_id.empty() || (a.id_given == b.id_given && (!a.id_given || a.id == b.id)));
}

// The upper half, as a whole key whose lower half is zero.
inline std::uint64_t owner_key(const entry_owner &owner, std::uint32_t half_of_code) noexcept {
  constexpr std::uint64_t upper = ~std::uint64_t{0} << 32;
  const std::uint64_t seed = std::uint64_t{owner.list} << 2;
  if (!owner.list_id.empty()) {
    return hash_of_bytes(owner.list_id.data(), owner.list_id.size(), seed) & upper;
  }
  if (owner.id_given) {
    return hash_of_bytes(&owner.id, sizeof owner.id, seed + 1) & upper;
  }
  return hash_of_bytes(&half_of_code, sizeof half_of_code, seed + 2) & upper;
}

inline std::uint64_t entry_key(const entry_owner &owner, std::uint32_t half_of_code) noexcept {
  return owner_key(owner, half_of_code) | half_of_code;
}

}  // namespace libmatch::detail
