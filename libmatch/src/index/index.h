// The container: immutable snapshots that readers hold, and one writer at a time that publishes the next.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "core/parallel.h"
#include "core/search_result.h"
#include "hash/keypoints.h"
#include "index/keypoint_segment.h"
#include "index/segment.h"
#include "libmatch/libmatch.h"

namespace libmatch::detail {

inline constexpr std::size_t max_profile_bytes = 65535;

// What an index's codes are. Never changes.
struct index_description {
  lm_hash hash = LM_HASH_PDQ256;
  std::uint32_t bits = 256;
  std::string profile;  // UTF-8, at most max_profile_bytes; "" when not known
  std::int32_t library_version = LM_VERSION;
};

// One state of an index. tables[0] holds the codes; then MD5, SHA-1, SHA-256.
struct index_snapshot {
  std::array<index_table, 4> tables;
  keypoint_table keypoints;
  std::int64_t next_id = 0;  // one more than the largest id ever held
};

// The place in index_snapshot::tables of a digest; 0 for every other hash.
std::size_t table_of(lm_hash hash) noexcept;

// An empty snapshot whose tables have their hashes and widths.
index_snapshot empty_snapshot(const index_description &description);

// Entries to be added to one table.
struct new_entries {
  std::size_t table;          // place in index_snapshot::tables
  std::size_t size;           // entries
  const std::uint8_t *codes;  // size x bits / 8 bytes
  // size values. -1 - j stands for the j-th id after the largest held and given; null: -1, -2, -3, ...
  const std::int64_t *ids;
  const char *const *labels;  // size texts, each may be null; null: no labels
};

class code_index {
 public:
  explicit code_index(index_description description);
  // An index read from a file.
  code_index(index_description description, index_snapshot snapshot, bool mapped);

  const index_description &description() const noexcept { return description_; }
  bool mapped() const noexcept { return mapped_; }

  // The state at this moment, kept alive by the pointer. Waits for no writer.
  std::shared_ptr<const index_snapshot> snapshot() const;

  // Adds all entries of all groups, or none: LM_ERROR_INVALID_ARGUMENT for a label that is not UTF-8.
  void add(std::span<const new_entries> groups);
  // Adds the keypoints of a reference an id, all or none; an id may have codes already, and keypoints. A set without
  // points is left out: there is nothing by which it could be found. LM_ERROR_INVALID_ARGUMENT for a negative id and
  // for a set that does not hold together or has another size of signature than those before it.
  void add_keypoints(std::span<const std::int64_t> ids, std::span<const keypoint_set> sets);
  // Removes every entry that carries one of the ids; returns how many. Keypoints go with them, uncounted.
  std::int64_t remove(std::span<const std::int64_t> ids);

  // Which layouts searches and prepare() may make from now on. Those there are stay.
  void set_policies(const layout_policies &policies);
  layout_policies policies() const;

  // Merges the codes into one segment without removed rows and makes the layouts that its size asks for. Progress
  // counts code-layout pairs.
  void prepare(thread_pool &threads, const lm_progress *progress);

  // Before a range search of a snapshot: makes the layouts whose price earlier searches have paid in time lost for
  // want of them, so that no sequence of searches takes much more than twice what the best choice would have.
  void before_search(const index_snapshot &snapshot, const backend &device, std::size_t n_queries,
                     std::uint32_t max_distance, thread_pool &threads) const;

  // Before a search of the keypoints: makes the tables where the list is long enough for them and memory allows.
  // Their price is about that of one exact search, so nothing is waited for.
  void before_keypoint_search(const index_snapshot &snapshot, thread_pool &threads) const;

 private:
  void publish(index_snapshot next);

  const index_description description_;
  const bool mapped_ = false;
  std::mutex writer_;              // held for the whole of a change
  mutable std::mutex publishing_;  // held for the time of a pointer's copy
  std::shared_ptr<const index_snapshot> current_;
  layout_policies policies_;  // guarded by publishing_
};

// Where the live entries of a digest table lie that equal `digest` (table.words() words).
std::vector<row_location> find_equal(const index_table &table, const std::uint64_t *digest);

}  // namespace libmatch::detail
