// One state of a durable index: tables of segments, as every search knows them, and beside each segment where its
// entries come from.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/search_result.h"
#include "index/index.h"
#include "index/segment.h"
#include "libmatch/libmatch.h"
#include "store/entry_records.h"

namespace libmatch::detail {

struct list_info {
  std::string name;
  std::map<std::string, std::string, std::less<>> attributes;
};

// Where an entry comes from.
struct provenance {
  std::uint32_t list = 0;  // place in store_snapshot::lists
  std::string_view list_name;
  std::string_view list_id;
  std::string_view label;
  std::int64_t id = 0;
  std::int64_t time = -1;
  bool id_given = false;  // rather than counted by the store
};

// All entries of one kind. records[s] lies beside rows.segments[s].
struct store_table {
  index_table rows;
  std::vector<std::shared_ptr<const entry_records>> records;
  std::vector<std::uint64_t> files;  // numbers of the segment files; 0: in the log
};

// An entry that was taken back.
struct withdrawn_entry {
  lm_hash hash = LM_HASH_CODE;
  std::uint32_t bits = 0;
  provenance entry;
  std::string_view by;      // who took it back
  std::string_view reason;  // "" where nobody said
  std::int64_t withdrawn_at = -1;
};

struct store_snapshot {
  std::uint64_t version = 0;  // transactions ever committed
  std::int64_t next_id = 0;
  std::vector<store_table> tables;  // by kind, in the order in which they came; digests are sorted in each segment
  std::vector<list_info> lists;     // lists[0] is the store itself, with the name ""
  store_table history;              // of what was taken back: see withdrawn() and is_entry()

  const store_table *find(lm_hash hash, std::uint32_t bits) const noexcept;
  // The list of that name; 0 for none.
  std::uint32_t find_list(std::string_view name) const noexcept;

  // LM_ERROR_FORMAT when a mapped file is damaged there.
  provenance provenance_of(const store_table &table, row_location place) const;
  withdrawn_entry withdrawn(row_location place) const;
  // Whether a row of the history is of an entry that there was. The others hold against what is to come.
  bool is_entry(row_location place) const;

  // Live entries and those taken back, of a list in a table; a walk over all of them.
  std::uint64_t count_entries(const store_table &table, std::uint32_t list) const;

  // What match/ and the searches of an index work on: the codes of this kind in table 0, the digests in the others.
  // Places of rows are those of this snapshot's tables.
  index_snapshot as_index(lm_hash hash, std::uint32_t bits) const;
};

}  // namespace libmatch::detail
