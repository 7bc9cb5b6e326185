// Makes the segments of a durable index.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/aligned_vector.h"
#include "index/segment.h"
#include "store/entry_records.h"
#include "store/snapshot.h"

namespace libmatch::detail {

// Everything of one entry of a segment. Texts live as long as what they were taken from.
struct entry_row {
  const std::uint64_t *row = nullptr;
  std::int64_t id = 0;
  std::uint32_t list = 0;  // with entry_records::id_given
  std::uint32_t time = 0;  // as entry_records::times
  std::string_view list_id;
  std::string_view label;
  std::string_view reason;
};

// A segment and what stands beside it.
struct store_segment {
  segment_entry entry;
  std::shared_ptr<const entry_records> records;
  std::uint64_t file = 0;
};

// The kind of table of what was taken back; no lm_hash has the number.
inline constexpr lm_hash history_hash = static_cast<lm_hash>(15);
inline constexpr std::uint32_t history_bits = 256;
inline bool is_history(lm_hash hash) noexcept { return hash == history_hash; }

// A row of the history, four words: a hash of the code, when and what, and the key that the entry had.
struct history_row {
  std::uint64_t code_hash = 0;
  std::int64_t withdrawn_at = -1;
  std::uint32_t hash = 0;  // lm_hash
  std::uint32_t bits = 0;  // 0: whatever the list calls so, and then code_hash, hash and the key's lower half are 0
  std::uint64_t key = 0;
  bool is_to_come = false;  // of no entry that there was: withdrawal::lasting
};
std::array<std::uint64_t, 4> make_history_row(const history_row &row) noexcept;
history_row read_history_row(const std::uint64_t *words) noexcept;

// Bytes of texts that one segment can hold of a column.
inline constexpr std::uint64_t max_column_bytes = 0xFFFFFFFFU;

// Collects entries, then freezes them into a segment that owns its arrays.
class segment_draft {
 public:
  segment_draft(lm_hash hash, std::uint32_t bits, std::size_t expected_size);

  void append(const entry_row &entry);
  std::size_t size() const noexcept { return arrays_->ids.size(); }
  // An estimate of the memory taken.
  std::size_t memory_bytes() const noexcept;

  // Digests sorted by (row, id), everything else in the order of appending. Spends the draft. `places`, when not
  // null, has for each entry appended its row.
  store_segment finish(std::vector<std::uint32_t> *places = nullptr);

 private:
  struct owned_arrays {
    aligned_vector<std::uint64_t> rows;
    std::vector<std::int64_t> ids;
    std::vector<std::uint64_t> label_offsets;
    std::vector<char> label_bytes;
    std::vector<std::uint32_t> lists;
    std::vector<std::uint32_t> times;
    std::vector<std::uint32_t> list_id_offsets;
    std::vector<char> list_id_bytes;
    std::vector<std::uint32_t> reason_offsets;
    std::vector<char> reason_bytes;
    std::vector<std::uint64_t> keys;
    std::vector<std::uint32_t> key_rows;
  };

  entry_row at(std::size_t r) const;
  void make_keys();
  store_segment freeze();

  lm_hash hash_;
  std::uint32_t bits_;
  std::uint32_t words_;
  std::shared_ptr<owned_arrays> arrays_;
};

// The entry of a row. LM_ERROR_FORMAT when a mapped file is damaged there.
entry_row entry_at(const store_segment &segment, std::size_t r);
// The same, of the s-th segment of a table.
entry_row entry_at(const store_table &table, std::size_t s, std::size_t r);

// The key of a row of a table.
std::uint64_t key_of(lm_hash hash, std::uint32_t words, const entry_row &entry) noexcept;

store_segment segment_of(const store_table &table, std::size_t s);

// Where the rows of merged segments went.
using row_map = std::vector<std::vector<std::uint32_t>>;
inline constexpr std::uint32_t no_row = 0xFFFFFFFFU;

// The live rows of segments first to last - 1 of a table in one. `moved`, when not null, has for each row of each of
// them its place in the new one, or no_row. LM_ERROR_CANCELLED once `stop`, when it is not null, is set.
store_segment merge_store_segments(const store_table &table, std::size_t first, std::size_t last, row_map *moved,
                                   const std::atomic<bool> *stop = nullptr);

}  // namespace libmatch::detail
