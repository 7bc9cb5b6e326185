// What can be done to a durable index: the changes that a transaction is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "libmatch/libmatch.h"

namespace libmatch::detail {

inline constexpr std::size_t max_list_name_bytes = 255;
inline constexpr std::size_t max_lists = 65535;
inline constexpr std::size_t max_text_bytes = 65535;  // of a label, a list's own id, a reason, an attribute
inline constexpr std::int64_t max_entry_time = 4294967294;

// One code of one entry of one list. What says which entry it is, beside list, kind and code: the list's own id;
// where the list has none, the id that was given; where there is neither, nothing. So a list may have a code several
// times under different ids, and adding the same again changes nothing.
//
// Texts are UTF-8 without a zero byte; times are seconds since 1970, up to max_entry_time, -1 for not known. Pointers
// and texts need to live for the call only.
struct new_entry {
  lm_hash hash = LM_HASH_PDQ256;
  std::uint32_t bits = 256;
  const std::uint8_t *code = nullptr;  // bits / 8 bytes
  std::string_view list;               // its name, not empty
  std::string_view list_id;            // what the list itself calls the entry; "" for nothing
  std::string_view label;
  std::int64_t id = -1;  // -1: the one after the largest that the index ever held
  std::int64_t time = -1;
};

// Takes back every entry of which all holds that is said: list, list's own id, code, id. At least one of the last
// three is, or whole_list with a list.
struct withdrawal {
  std::string_view list;  // "": of every list
  std::string_view list_id;
  lm_hash hash = LM_HASH_CODE;  // with code
  std::uint32_t bits = 0;
  const std::uint8_t *code = nullptr;
  std::int64_t id = -1;
  bool whole_list = false;
  std::string_view by;                          // the list that takes it back, or who else; "": the entry's own list
  std::string_view reason;                      // "" where nobody says
  std::int64_t time = -1;                       // -1: now
  std::int64_t entries_until = max_entry_time;  // only entries whose own time is at most this, or not known
  // With list_id: only entries that are older than the latest that list and list_id have, at whose time they are
  // taken back. Where there are none, the withdrawal counts for nothing.
  bool only_outdated = false;
  // With list and time, and either list_id or code: holds against what comes later, too. Entries that the list has
  // not brought yet, or not all of, stay out unless their own time is later.
  bool lasting = false;
};

// What a transaction did.
struct change_counts {
  std::uint64_t added = 0;
  std::uint64_t changed = 0;    // another label, id or time for an entry that was there
  std::uint64_t unchanged = 0;  // was there, with the same label
  // Was not added: it was taken back at or after the time that the entry has, or at any time where it has none; or
  // what is there is later.
  std::uint64_t superseded = 0;
  std::uint64_t withdrawn = 0;  // entries
  std::uint64_t unknown = 0;    // withdrawals that no entry fits
};

}  // namespace libmatch::detail
