// store_reader: follows a folder.
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "core/error.h"
#include "store/loading.h"
#include "store/store.h"

namespace libmatch::detail {

namespace {

class folder_reader final : public store_reader {
 public:
  folder_reader(const std::string &folder, const reader_options &options)
      : folder_{options.files != nullptr ? options.files : machine_file_system(), folder, {{}, options.key}} {
    refresh();
    if (options.poll_interval.count() > 0) {
      poller_ = std::thread([this, interval = options.poll_interval] { poll(interval); });
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
    if (poller_.joinable()) {
      poller_.join();
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
      const bool anything = look();
      if (anything) {
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

 private:
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
    while (!ended_.wait_for(lock, interval, [this] { return ending_; })) {
      lock.unlock();
      try {
        refresh();
      } catch (const std::exception &) {
        // Kept for snapshot() to throw.
      }
      lock.lock();
    }
  }

  std::mutex refreshing_;
  store_folder folder_;
  std::string manifest_identity_;
  open_segments open_;
  std::unique_ptr<log_reader> log_;
  store_state state_;

  mutable std::mutex publishing_;  // held for the time of a pointer's copy
  std::shared_ptr<const store_snapshot> current_;
  std::exception_ptr failure_;

  std::mutex ending_mutex_;
  std::condition_variable ended_;
  bool ending_ = false;
  std::thread poller_;
};

}  // namespace

std::unique_ptr<store_reader> store_reader::open(const std::string &folder, const reader_options &options) {
  return std::make_unique<folder_reader>(folder, options);
}

}  // namespace libmatch::detail
