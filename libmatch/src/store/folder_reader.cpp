// store_reader: follows a folder.
#include <atomic>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "core/error.h"
#include "store/block_file.h"
#include "store/loading.h"
#include "store/priority.h"
#include "store/segment_file.h"
#include "store/store.h"

namespace libmatch::detail {

namespace {

class folder_reader final : public store_reader {
 public:
  folder_reader(const std::string &folder, const reader_options &options)
      : folder_{options.files != nullptr ? options.files : machine_file_system(), folder, {{}, options.key}} {
    move_to_memory_ = options.segments == residence::memory;
    refresh();
    if (options.poll_interval.count() > 0) {
      poller_ = std::thread([this, interval = options.poll_interval] { poll(interval); });
      settler_ = std::thread([this, interval = options.poll_interval] {
        lower_priority_of_this_thread();
        settle_again_and_again(interval);
      });
    }
  }

  folder_reader(const folder_reader &) = delete;
  folder_reader &operator=(const folder_reader &) = delete;

  ~folder_reader() override {
    {
      const std::lock_guard lock(ending_mutex_);
      ending_ = true;
    }
    ended_.notify_all();
    for (std::thread *thread : {&poller_, &settler_}) {
      if (thread->joinable()) {
        thread->join();
      }
    }
  }

  std::shared_ptr<const store_snapshot> snapshot() const override {
    const std::lock_guard lock(publishing_);
    if (failure_ != nullptr) {
      std::rethrow_exception(failure_);
    }
    return current_;
  }

  bool refresh() override {
    const std::lock_guard lock(refreshing_);
    try {
      if (damage_ != nullptr) {
        std::rethrow_exception(damage_);
      }
      const bool anything = look();
      const bool moved = use_what_was_read();
      if (anything || moved) {
        std::shared_ptr<const store_snapshot> next = state_.publish();
        const std::lock_guard publishing(publishing_);
        current_.swap(next);
        failure_ = nullptr;
      }
      return anything;
    } catch (...) {
      manifest_identity_.clear();  // whatever was wrong, the next look begins anew
      const std::lock_guard publishing(publishing_);
      failure_ = std::current_exception();
      throw;
    }
  }

  void settle() override {
    settle_files();
    refresh();
  }

 private:
  // Verifies what is not yet, and reads to memory what is to be there; refresh() then uses it. So a thread of low
  // priority does nothing here that a search could wait for: it may be stopped by others at any place, with any lock.
  void settle_files() {
    const std::lock_guard lock(settling_);
    while (const std::uint64_t file = next_to_settle()) {
      try {
        settle_file(file);
      } catch (const error &failure) {
        if (failure.status() != LM_ERROR_CANCELLED) {
          const std::lock_guard refreshing(refreshing_);
          damage_ = std::current_exception();  // for refresh() to throw
        }
        return;
      }
    }
  }

  // The number of a file whose blocks nobody has verified; 0 for none.
  std::uint64_t next_to_settle() {
    const std::lock_guard lock(refreshing_);
    if (folder_.identity.key || damage_ != nullptr) {
      return 0;
    }
    for (const auto &[number, segment] : open_) {
      if (settled_.count(number) == 0) {
        return number;
      }
    }
    return 0;
  }

  // Reads a file whole. A file that was replaced meanwhile is gone, and no loss.
  void settle_file(std::uint64_t number) {
    const std::string path = file_path(folder_.path, file_type::segment, number);
    std::unique_ptr<block_file> file;
    try {
      file = std::make_unique<block_file>(*folder_.files, path, file_type::segment, folder_.identity);
    } catch (const error &failure) {
      if (failure.status() != LM_ERROR_IO) {
        throw;
      }
    }
    held_bytes body;
    if (file != nullptr && move_to_memory_) {
      body = file->body(false, nullptr, &ending_);
    } else if (file != nullptr) {
      for (std::uint64_t block = 0; block < file->blocks(); block += blocks_of_step) {
        if (ending_) {
          fail(LM_ERROR_CANCELLED, path, ": reading was stopped");
        }
        file->verify_blocks(block, block + blocks_of_step);
      }
    }
    const std::lock_guard lock(refreshing_);
    settled_.insert(number);
    if (body.storage != nullptr) {
      read_.emplace(number, std::move(body));
    }
  }

  // Whether there were any.
  bool use_what_was_read() {
    const std::map<std::uint64_t, held_bytes> read = std::exchange(read_, {});
    for (const auto &[number, body] : read) {
      if (const auto found = open_.find(number); found != open_.end()) {
        use_instead(found->second, body);
      }
    }
    return !read.empty();
  }

  // The same segment, elsewhere.
  void use_instead(store_segment &segment, const held_bytes &body) {
    const std::string path = file_path(folder_.path, file_type::segment, segment.file);
    const auto replace = [&](store_table &table) {
      for (std::size_t s = 0; s < table.files.size(); ++s) {
        if (table.files[s] == segment.file) {
          const expected_segment expected{segment.file, table.rows.hash, table.rows.bits, segment.entry.rows->size()};
          segment = segment_in(path, body, expected);
          table.rows.segments[s].rows = segment.entry.rows;
          table.records[s] = segment.records;
          return;
        }
      }
    };
    store_snapshot &snapshot = state_.edit();
    for (store_table &table : snapshot.tables) {
      replace(table);
    }
    replace(snapshot.history);
  }

  void settle_again_and_again(std::chrono::milliseconds interval) {
    std::unique_lock lock(ending_mutex_);
    while (!ended_.wait_for(lock, interval, [this] { return ending_.load(); })) {
      lock.unlock();
      try {
        settle_files();
      } catch (const std::exception &) {
        // Memory is short, say: tried again.
      }
      lock.lock();
    }
  }

  // Whether the state has changed.
  bool look() {
    const std::string identity = folder_.files->identity(manifest_path(folder_.path));
    if (identity != manifest_identity_) {
      reload();
      return true;
    }
    const std::vector<log_record> records = log_->read_new();
    apply_records(state_, log_->path(), records);
    return !records.empty();
  }

  // The writer removes files that no manifest names any more. Who then misses one has read an old manifest.
  void reload() {
    for (;;) {
      const std::string identity = folder_.files->identity(manifest_path(folder_.path));
      try {
        const manifest content = read_manifest(*folder_.files, folder_.path, folder_.identity.key);
        folder_.identity.id = content.id;
        store_state state(load_segments(folder_, content, open_, nullptr));
        auto log =
            std::make_unique<log_reader>(*folder_.files, file_path(folder_.path, file_type::log, content.log_file),
                                         content.log_file, folder_.identity);
        apply_records(state, log->path(), log->read_new());
        state_ = std::move(state);
        log_ = std::move(log);
        manifest_identity_ = identity;
        return;
      } catch (const error &) {
        if (folder_.files->identity(manifest_path(folder_.path)) == identity) {
          throw;
        }
      }
    }
  }

  void poll(std::chrono::milliseconds interval) {
    std::unique_lock lock(ending_mutex_);
    while (!ended_.wait_for(lock, interval, [this] { return ending_.load(); })) {
      lock.unlock();
      try {
        refresh();
      } catch (const std::exception &) {
        // Kept for snapshot() to throw.
      }
      lock.lock();
    }
  }

  static constexpr std::uint64_t blocks_of_step = 64;

  bool move_to_memory_ = false;
  std::mutex settling_;  // taken before refreshing_
  std::mutex refreshing_;
  store_folder folder_;
  std::string manifest_identity_;
  open_segments open_;
  std::set<std::uint64_t> settled_;           // files whose blocks were verified
  std::map<std::uint64_t, held_bytes> read_;  // of them, what is in memory and not used yet
  std::exception_ptr damage_;                 // found by settling: stays
  std::unique_ptr<log_reader> log_;
  store_state state_;

  mutable std::mutex publishing_;  // held for the time of a pointer's copy
  std::shared_ptr<const store_snapshot> current_;
  std::exception_ptr failure_;

  std::mutex ending_mutex_;
  std::condition_variable ended_;
  std::atomic<bool> ending_{false};
  std::thread poller_;
  std::thread settler_;
};

}  // namespace

std::unique_ptr<store_reader> store_reader::open(const std::string &folder, const reader_options &options) {
  return std::make_unique<folder_reader>(folder, options);
}

}  // namespace libmatch::detail
