// store_writer: what changes a folder.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "store/loading.h"
#include "store/store.h"

namespace libmatch::detail {

class folder_writer final : public store_writer {
 public:
  folder_writer(const std::string &folder, const store_options &options);
  ~folder_writer() override;
  folder_writer(const folder_writer &) = delete;
  folder_writer &operator=(const folder_writer &) = delete;

  std::shared_ptr<const store_snapshot> snapshot() const override;
  std::unique_ptr<store_transaction> begin() override;
  void flush() override;
  void compact(const lm_progress *progress) override;

  std::size_t transaction_bytes() const noexcept { return options_.transaction_bytes; }

  // One transaction's changes, with those of other threads that come at the same time.
  change_counts commit(std::span<const std::uint8_t> changes);

  // A transaction that is too large for the log: holds off all others until it ends.
  class bulk_commit {
   public:
    explicit bulk_commit(folder_writer &writer);
    ~bulk_commit();
    bulk_commit(const bulk_commit &) = delete;
    bulk_commit &operator=(const bulk_commit &) = delete;

    void apply(std::span<const std::uint8_t> changes);
    change_counts finish();

   private:
    folder_writer &writer_;
    std::unique_lock<std::mutex> lock_;
    store_state next_;
    change_counts counts_;
    std::vector<std::uint64_t> written_;  // files that no manifest names yet
  };

 private:
  // A transaction that waits for its commit.
  struct waiting_commit {
    std::span<const std::uint8_t> changes;
    change_counts counts;
    std::exception_ptr failure;
    bool done = false;
  };

  void lead(const std::vector<waiting_commit *> &group);
  void append_to_log(std::uint32_t transactions, std::span<const std::uint8_t> changes);
  void publish(store_state next);
  void refuse_if_failed() const;
  void fail_for_good(const char *reason);

  // The following are called under writing_.

  // Moves what is in no file yet to segment files, whose numbers are added to `written`.
  void write_segments(store_state &next, std::vector<std::uint64_t> &written);
  store_segment write_segment(lm_hash hash, std::uint32_t bits, store_segment made, std::uint64_t number);
  // Makes a state whose segments are all in files the durable one, with an empty log behind it.
  void install(store_state next, std::vector<std::uint64_t> &written);
  void flush_locked();
  std::uint64_t write_removed(const store_snapshot &snapshot, std::vector<std::uint64_t> &written);

  void remove_files(const std::vector<std::uint64_t> &numbers) noexcept;
  void remove_strays();

  // Under merging_: merges these files of a kind into one.
  void merge_files(lm_hash hash, std::uint32_t bits, const std::vector<std::uint64_t> &files, progress_meter *meter);
  void replace_merged(store_table &table, const store_table &before, const std::vector<std::uint64_t> &files,
                      const store_segment &made, const row_map &moved);

  void keep();
  bool merge_what_pays();

  const store_options options_;
  store_folder folder_;
  std::shared_ptr<void> lock_;
  thread_pool threads_{1};

  std::mutex writing_;  // held for the whole of a change
  manifest manifest_;
  std::unique_ptr<log_writer> log_;
  store_state state_;
  std::uint64_t flush_at_ = 0;  // bytes of the log

  std::mutex merging_;  // held for the whole of a merge; taken before writing_
  std::atomic<std::uint64_t> next_file_{1};

  mutable std::mutex publishing_;  // held for the time of a pointer's copy
  std::shared_ptr<const store_snapshot> current_;
  std::string failed_;  // why nothing can be written any more

  std::mutex queue_mutex_;
  std::condition_variable led_;
  std::vector<waiting_commit *> queue_;
  bool leading_ = false;

  // Syncs what was deferred, and merges.
  std::mutex keeper_mutex_;
  std::condition_variable keeper_wakes_;
  bool ending_ = false;
  bool work_to_do_ = false;
  std::atomic<bool> stop_merging_{false};
  std::thread keeper_;
};

}  // namespace libmatch::detail
