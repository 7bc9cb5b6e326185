// The durable index: a folder that one process writes and any number read. docs/store.md has it byte by byte.
//
// A writer holds the folder's lock. Its changes go to a log first, and from there to immutable segment files; a
// manifest, replaced by a rename, says which files count. Readers map the files, follow the log, and hold snapshots:
// a snapshot never changes, keeps what it is made of alive, and is made of the same segments that every search works
// on.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/progress.h"
#include "index/index.h"
#include "store/changes.h"
#include "store/snapshot.h"

namespace libmatch::detail {

class file_system;

// When a commit returns.
enum class durability : std::uint8_t {
  synced,    // once the changes are on the disk: they survive a power cut. Commits of several threads share a sync
  deferred,  // once the system has them: they survive the end of the process, and a power cut some time later
};

using store_key = std::array<std::uint8_t, 32>;

struct store_options {
  durability sync = durability::synced;
  // Under `deferred`: the longest time that changes are left to the system before they are synced.
  std::chrono::milliseconds sync_interval{1000};
  // Encryption. None: a plain folder. Opening a plain folder with a key, an encrypted one without, or one with
  // another key is LM_ERROR_INVALID_ARGUMENT and says so.
  std::optional<store_key> key;
  // Merges segments in a thread of its own, at low priority, after commits.
  bool merge_in_background = true;
  // A log that is larger is moved to a segment: so opening has little to apply, and searches little to scan.
  std::uint64_t log_bytes = std::uint64_t{1} << 20;
  // Transactions of more changes than that are written to files as they come.
  std::size_t transaction_bytes = std::size_t{4} << 20;
  // Where the files are; null: the machine's.
  std::shared_ptr<file_system> files;
};

// Where a reader has the segments. Those of an encrypted store are always in memory, and verified by being decrypted.
enum class residence : std::uint8_t {
  mapped,  // in the files: little memory, and single queries take half as long again. A thread of low priority
           // verifies every block once
  memory   // mapped first, then moved to memory on huge pages, and verified, by such a thread
};

// Readers only.
struct reader_options {
  std::optional<store_key> key;
  residence segments = residence::memory;
  std::chrono::milliseconds poll_interval{100};  // how often the folder is looked at; 0: by refresh() alone
  std::shared_ptr<file_system> files;
};

// Begins an empty store in a folder that does not exist or is empty. LM_ERROR_IO.
void create_store(const std::string &folder, const store_options &options);

// Whether a path is a folder with a store's manifest in it.
bool is_store(const std::string &path);

class store_writer;

// Changes that become visible and durable together, in their order, or not at all. Used by one thread.
//
// A transaction that grows beyond what memory should hold is written to files as it goes; from then on until its end,
// other commits wait. Without commit() nothing of it remains.
class store_transaction {
 public:
  virtual ~store_transaction() = default;

  // LM_ERROR_INVALID_ARGUMENT names what is wrong with a change, which is then left out.
  virtual void add(const new_entry &entry) = 0;
  virtual void withdraw(const withdrawal &change) = 0;
  // A list's attribute, by which its state is kept beside its entries: what it is for, how far it was synchronised.
  // list "": the store's own. value "": none.
  virtual void set_attribute(std::string_view list, std::string_view name, std::string_view value) = 0;

  virtual change_counts commit() = 0;
};

// The one writer of a folder. Used by any number of threads at once.
class store_writer {
 public:
  // LM_ERROR_IO when another process writes, or the manifest is missing; LM_ERROR_FORMAT for what is damaged.
  static std::unique_ptr<store_writer> open(const std::string &folder, const store_options &options);
  virtual ~store_writer() = default;

  virtual std::shared_ptr<const store_snapshot> snapshot() const = 0;
  virtual std::unique_ptr<store_transaction> begin() = 0;

  // Moves what is in the log to a segment.
  virtual void flush() = 0;
  // Flushes, and merges all entries of a kind into one segment without withdrawn ones, with the layouts that its size
  // asks for. Commits go on meanwhile. Progress counts entries.
  virtual void compact(const lm_progress *progress) = 0;
};

// A reader of a folder, also while it is written. Used by any number of threads at once.
class store_reader {
 public:
  // LM_ERROR_IO when there is no store; LM_ERROR_FORMAT for what is damaged.
  static std::unique_ptr<store_reader> open(const std::string &folder, const reader_options &options);
  virtual ~store_reader() = default;

  // The state as last seen. Never waits. LM_ERROR_FORMAT or LM_ERROR_IO once the folder could not be read any more:
  // an old state is not passed for the present one.
  virtual std::shared_ptr<const store_snapshot> snapshot() const = 0;
  // Looks at the folder now. Returns whether there was anything new.
  virtual bool refresh() = 0;
  // Waits until every segment that the folder had is verified, and in memory if it is to be.
  virtual void settle() = 0;
};

// Reads every byte of the folder's files and checks it. LM_ERROR_FORMAT names file and place. Progress counts bytes.
void verify_store(const std::string &folder, const reader_options &options, const lm_progress *progress);

}  // namespace libmatch::detail
