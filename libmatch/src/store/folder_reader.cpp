// store_reader: follows a folder.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "core/error.h"
#include "store/block_file.h"
#include "store/loading.h"
#include "store/priority.h"
#include "store/reclaimer.h"
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
      start_reclaiming();
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
      begin_anew();
      const std::lock_guard publishing(publishing_);
      failure_ = std::current_exception();
      throw;
    }
  }

  void settle() override {
    refresh();
    settle_files();
    refresh();
  }

 private:
  // A file whose blocks nobody has verified.
  struct unsettled_file {
    std::uint64_t number = 0;               // 0: there is none
    std::optional<expected_segment> ahead;  // what it is to hold, where it is of a manifest whose segments wait
  };

  // Verifies what is not yet, and reads to memory what is to be there; refresh() then uses it. So a thread of low
  // priority does nothing here that a search could wait for: it may be stopped by others at any place, with any lock.
  void settle_files() {
    const std::lock_guard lock(settling_);
    for (;;) {
      const unsettled_file file = next_to_settle();
      if (file.number == 0) {
        return;
      }
      try {
        if (file.ahead) {
          prepare_file(*file.ahead);
        } else {
          settle_file(file.number);
        }
      } catch (const error &failure) {
        note_failure(file, failure.status());
        return;
      }
    }
  }

  unsettled_file next_to_settle() {
    const std::lock_guard lock(refreshing_);
    if (damage_ != nullptr) {
      return {};
    }
    if (ahead_) {
      for (const manifest_segment &segment : ahead_->segments) {
        if (open_.count(segment.number) == 0 && prepared_.count(segment.number) == 0) {
          return {segment.number,
                  expected_segment{segment.number, hash_of_manifest(segment.hash), segment.bits, segment.rows}};
        }
      }
    }
    if (folder_.identity.key) {
      return {};
    }
    for (const auto &[number, segment] : open_) {
      if (settled_.count(number) == 0) {
        return {number, std::nullopt};
      }
    }
    return {};
  }

  // Called while the failure is handled.
  void note_failure(const unsettled_file &file, lm_status status) {
    const std::lock_guard refreshing(refreshing_);
    if (status == LM_ERROR_CANCELLED) {
      return;
    }
    if (file.ahead && status == LM_ERROR_IO) {
      // Replaced meanwhile, or gone: a look that begins anew tells.
      begin_anew();
      return;
    }
    damage_ = std::current_exception();  // for refresh() to throw
  }

  // A segment that is not used yet, as it is to be when it is.
  void prepare_file(const expected_segment &expected) {
    const std::string path = file_path(folder_.path, file_type::segment, expected.number);
    store_segment segment;
    if (move_to_memory_ || folder_.identity.key) {
      segment = read_segment_file(*folder_.files, path, folder_.identity, expected, &ending_);
    } else {
      verify_blocks(block_file(*folder_.files, path, file_type::segment, folder_.identity), path);
      segment = open_segment_file(*folder_.files, path, folder_.identity, expected, nullptr);
      touch_searched_pages(segment, [this] { return !ending_; });
    }
    const std::lock_guard lock(refreshing_);
    settled_.insert(expected.number);
    prepared_.emplace(expected.number, std::move(segment));
  }

  // Reads a file whole that is in use. One that was replaced meanwhile is gone, and no loss.
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
      verify_blocks(*file, path);
    }
    const std::lock_guard lock(refreshing_);
    settled_.insert(number);
    if (body.storage != nullptr) {
      read_.emplace(number, std::move(body));
    }
  }

  void verify_blocks(const block_file &file, const std::string &path) const {
    for (std::uint64_t block = 0; block < file.blocks(); block += blocks_of_step) {
      if (ending_) {
        fail(LM_ERROR_CANCELLED, path, ": reading was stopped");
      }
      file.verify_blocks(block, block + blocks_of_step);
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
    const bool replaced = use_prepared_segments();
    const std::string identity = folder_.files->identity(manifest_path(folder_.path));
    if (identity != manifest_identity_) {
      std::optional<bool> changed = go_on_with_segments(identity);
      if (!changed) {
        reload();
        changed = true;
      }
      return *changed || replaced;
    }
    return apply_new_records() || replaced;
  }

  bool apply_new_records() {
    const std::vector<log_record> records = log_->read_new();
    apply_records(state_, log_->path(), records);
    return !records.empty();
  }

  // A manifest is replaced when a log was moved to segments, or segments were merged: the state is the same, and the
  // segments that the reader has go on, with what the new log adds to them. For the new ones are cold: a search in
  // them would wait for hundreds of pages. They are used once the settling thread has verified and read them.
  //
  // Whether the state has changed; nothing where it is not known to be the same, as after a transaction that was
  // written to segments.
  std::optional<bool> go_on_with_segments(const std::string &identity) {
    if (log_ == nullptr) {
      return std::nullopt;
    }
    try {
      manifest content = read_manifest(*folder_.files, folder_.path, folder_.identity.key);
      const bool anything = apply_new_records();  // the last of the log that was
      const store_snapshot &state = state_.snapshot();
      if (content.id != folder_.identity.id || content.version != state.version || content.next_id != state.next_id) {
        return std::nullopt;
      }
      removed_by_file removed = read_removed_rows(folder_, content);
      log_ = std::make_unique<log_reader>(*folder_.files, file_path(folder_.path, file_type::log, content.log_file),
                                          content.log_file, folder_.identity);
      ahead_ = std::move(content);
      removed_ahead_ = std::move(removed);
      keep_only(prepared_, *ahead_);
      forget_settled_files();
      manifest_identity_ = identity;
      return apply_new_records() || anything;
    } catch (const error &) {
      return std::nullopt;  // loading it says what is wrong
    }
  }

  // The state of the manifest that waits, once its segments are ready. Its log is open, so it does not matter whether
  // it is still the last one.
  bool use_prepared_segments() {
    if (!ahead_ || !std::all_of(ahead_->segments.begin(), ahead_->segments.end(), [this](const auto &segment) {
          return open_.count(segment.number) != 0 || prepared_.count(segment.number) != 0;
        })) {
      return false;
    }
    open_segments next = open_;
    next.merge(prepared_);
    keep_only(next, *ahead_);
    store_state state(arrange_segments(folder_, *ahead_, next, removed_ahead_));
    log_->begin_again();
    apply_records(state, log_->path(), log_->read_new());
    state_ = std::move(state);
    open_ = std::move(next);
    wait_for_no_segments();
    return true;
  }

  static void keep_only(open_segments &segments, const manifest &content) {
    open_segments kept;
    for (const manifest_segment &segment : content.segments) {
      if (auto found = segments.extract(segment.number)) {
        kept.insert(std::move(found));
      }
    }
    segments = std::move(kept);
  }

  void wait_for_no_segments() {
    ahead_.reset();
    removed_ahead_.clear();
    prepared_.clear();
    forget_settled_files();
  }

  void forget_settled_files() {
    for (auto number = settled_.begin(); number != settled_.end();) {
      number = open_.count(*number) + prepared_.count(*number) != 0 ? std::next(number) : settled_.erase(number);
    }
  }

  // Whatever was wrong, the next look loads everything.
  void begin_anew() {
    manifest_identity_.clear();
    log_.reset();
  }

  // The writer removes files that no manifest names any more. Who then misses one has read an old manifest.
  void reload() {
    for (;;) {
      const std::string identity = folder_.files->identity(manifest_path(folder_.path));
      try {
        const manifest content = read_manifest(*folder_.files, folder_.path, folder_.identity.key);
        if (folder_.identity.id != content.id) {
          folder_.identity.id = content.id;  // at the first load: the settling thread reads it
        }
        open_.merge(prepared_);
        const open_segments known = open_;
        store_state state(load_segments(folder_, content, open_, nullptr));
        if (current_ != nullptr) {
          touch_new_segments(known);
        }
        auto log =
            std::make_unique<log_reader>(*folder_.files, file_path(folder_.path, file_type::log, content.log_file),
                                         content.log_file, folder_.identity);
        apply_records(state, log->path(), log->read_new());
        state_ = std::move(state);
        log_ = std::move(log);
        wait_for_no_segments();
        manifest_identity_ = identity;
        return;
      } catch (const error &) {
        if (folder_.files->identity(manifest_path(folder_.path)) == identity) {
          throw;
        }
      }
    }
  }

  // Those that are not known: the smallest first, and only for so long that a commit is seen within a second.
  void touch_new_segments(const open_segments &known) const {
    std::vector<const store_segment *> unknown;
    for (const auto &[number, segment] : open_) {
      if (known.count(number) == 0) {
        unknown.push_back(&segment);
      }
    }
    std::sort(unknown.begin(), unknown.end(),
              [](const auto *a, const auto *b) { return a->entry.rows->size() < b->entry.rows->size(); });
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
    for (const store_segment *segment : unknown) {
      touch_searched_pages(*segment, [until] { return std::chrono::steady_clock::now() < until; });
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
  std::optional<manifest> ahead_;             // whose log is followed, but whose segments are not used yet
  removed_by_file removed_ahead_;             // of them
  open_segments prepared_;                    // and those that are ready, but not in open_
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
