#include "store/folder_writer.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/hashes.h"
#include "store/removed_file.h"
#include "store/segment_file.h"

namespace libmatch::detail {

namespace {

// What one write to the log may gather.
constexpr std::size_t most_group_bytes = std::size_t{8} << 20;

bool has_tail(const store_table &table) {
  return std::find(table.files.begin(), table.files.end(), 0U) != table.files.end();
}

bool is_hamming(lm_hash hash) {
  const hash_description *description = describe(hash);
  return description != nullptr && !description->is_digest && description->compared_by == metric::hamming;
}

}  // namespace

folder_writer::folder_writer(const std::string &folder, const store_options &options)
    : options_(options),
      folder_{options.files != nullptr ? options.files : machine_file_system(), folder, {{}, options.key}} {
  lock_ = folder_.files->lock(folder + "/lock");
  if (lock_ == nullptr) {
    fail(LM_ERROR_IO, folder, ": another process writes to the store");
  }
  manifest_ = read_manifest(*folder_.files, folder, folder_.identity.key);
  folder_.identity.id = manifest_.id;
  next_file_ = manifest_.next_file;
  open_segments open;
  store_state state(load_segments(folder_, manifest_, open, &threads_));
  log_reader log(*folder_.files, file_path(folder, file_type::log, manifest_.log_file), manifest_.log_file,
                 folder_.identity);
  apply_records(state, log.path(), log.read_new());
  remove_strays();
  // A log is written by one writer only: what a crash has left behind its last record stays where it is, and no
  // counter of a key is used twice.
  const std::lock_guard lock(writing_);
  std::vector<std::uint64_t> written;
  try {
    write_segments(state, written);
    install(std::move(state), written);
  } catch (...) {
    remove_files(written);
    throw;
  }
  if (options_.sync == durability::deferred || options_.merge_in_background) {
    keeper_ = std::thread([this] { keep(); });
  }
}

folder_writer::~folder_writer() {
  stop_merging_ = true;
  {
    const std::lock_guard lock(keeper_mutex_);
    ending_ = true;
  }
  keeper_wakes_.notify_all();
  if (keeper_.joinable()) {
    keeper_.join();
  }
  try {
    const std::lock_guard lock(writing_);
    if (failed_.empty() && log_->has_unsynced()) {
      log_->sync();
    }
  } catch (const std::exception &) {
    // Under `deferred` nobody was promised more than the system does by itself.
  }
}

std::shared_ptr<const store_snapshot> folder_writer::snapshot() const {
  const std::lock_guard lock(publishing_);
  return current_;
}

void folder_writer::publish(store_state next) {
  state_ = std::move(next);
  std::shared_ptr<const store_snapshot> pointer = state_.publish();
  const std::lock_guard lock(publishing_);
  current_.swap(pointer);
}

void folder_writer::refuse_if_failed() const {
  const std::lock_guard lock(publishing_);
  if (!failed_.empty()) {
    fail(LM_ERROR_IO, folder_.path, ": nothing more is written until the store is opened anew, since: ", failed_);
  }
}

void folder_writer::fail_for_good(const char *reason) {
  const std::lock_guard lock(publishing_);
  failed_ = reason;
}

change_counts folder_writer::commit(std::span<const std::uint8_t> changes) {
  waiting_commit own{changes, {}, nullptr, false};
  std::unique_lock lock(queue_mutex_);
  queue_.push_back(&own);
  while (!own.done) {
    if (leading_) {
      led_.wait(lock);
      continue;
    }
    // The first of those that wait writes for all of them.
    leading_ = true;
    std::vector<waiting_commit *> group;
    std::size_t bytes = 0;
    while (group.size() < queue_.size() && (group.empty() || bytes < most_group_bytes)) {
      bytes += queue_[group.size()]->changes.size();
      group.push_back(queue_[group.size()]);
    }
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(group.size()));
    lock.unlock();
    lead(group);
    lock.lock();
    for (waiting_commit *waiting : group) {
      waiting->done = true;
    }
    leading_ = false;
    led_.notify_all();
  }
  if (own.failure != nullptr) {
    std::rethrow_exception(own.failure);
  }
  return own.counts;
}

void folder_writer::append_to_log(std::uint32_t transactions, std::span<const std::uint8_t> changes) {
  log_->append(transactions, changes);
  if (options_.sync == durability::synced) {
    try {
      log_->sync();
    } catch (const std::exception &failure) {
      fail_for_good(failure.what());
      throw;
    }
  }
}

void folder_writer::lead(const std::vector<waiting_commit *> &group) {
  const std::lock_guard lock(writing_);
  store_state next(state_.snapshot());
  std::vector<std::uint8_t> changes;
  std::vector<waiting_commit *> accepted;
  std::uint32_t transactions = 0;
  for (waiting_commit *waiting : group) {
    store_snapshot before = next.snapshot();
    const std::uint64_t edits = next.edits();
    try {
      next.apply(waiting->changes, "transaction", 0, waiting->counts);
      accepted.push_back(waiting);
      if (next.edits() != edits) {
        changes.insert(changes.end(), waiting->changes.begin(), waiting->changes.end());
        ++transactions;
      }
    } catch (...) {
      next = store_state(before);
      waiting->failure = std::current_exception();
    }
  }
  if (accepted.empty()) {
    return;
  }
  // One that changes nothing may say so only because of one before it: all are done, or none is.
  try {
    refuse_if_failed();
    if (transactions != 0) {
      append_to_log(transactions, changes);
    }
  } catch (...) {
    for (waiting_commit *waiting : accepted) {
      waiting->failure = std::current_exception();
    }
    return;
  }
  if (transactions == 0) {
    return;
  }
  next.edit().version += transactions;
  publish(std::move(next));
  if (log_->size() >= flush_at_) {
    try {
      flush_locked();
    } catch (const std::exception &) {
      // The changes are safe in the log. A full disk may have room again later.
      flush_at_ = 2 * log_->size();
    }
  }
}

void folder_writer::flush() {
  const std::lock_guard lock(writing_);
  refuse_if_failed();
  if (log_->size() > page_bytes) {
    flush_locked();
  }
}

void folder_writer::flush_locked() {
  std::vector<std::uint64_t> written;
  try {
    store_state next(state_.snapshot());
    write_segments(next, written);
    install(std::move(next), written);
  } catch (...) {
    remove_files(written);
    throw;
  }
}

store_segment folder_writer::write_segment(lm_hash hash, std::uint32_t bits, store_segment made,
                                           std::uint64_t number) {
  const std::string path = file_path(folder_.path, file_type::segment, number);
  write_segment_file(*folder_.files, path, number, folder_.identity, hash, bits, made);
  if (folder_.identity.key) {
    made.file = number;
    return made;
  }
  const expected_segment expected{number, hash, bits, made.entry.rows->size()};
  return open_segment_file(*folder_.files, path, folder_.identity, expected, &threads_);
}

void folder_writer::write_segments(store_state &next, std::vector<std::uint64_t> &written) {
  store_snapshot &snapshot = next.edit();
  const auto write = [&](store_table &table) {
    if (!has_tail(table)) {
      return;
    }
    const auto first =
        static_cast<std::size_t>(std::find(table.files.begin(), table.files.end(), 0U) - table.files.begin());
    store_segment made = merge_store_segments(table, first, table.files.size(), nullptr);
    table.rows.segments.resize(first);
    table.records.resize(first);
    table.files.resize(first);
    if (made.entry.rows->size() == 0) {
      return;
    }
    const segment_view rows = made.entry.rows->view();
    if (is_hamming(table.rows.hash) && planes_pay(rows.size, rows.words)) {
      made.entry.rows->layouts().make_planes(rows, threads_, derived_layouts::if_busy::wait);
    }
    written.push_back(next_file_++);
    add_segment(table, write_segment(table.rows.hash, table.rows.bits, std::move(made), written.back()));
  };
  for (store_table &table : snapshot.tables) {
    write(table);
  }
  write(snapshot.history);
}

std::uint64_t folder_writer::write_removed(const store_snapshot &snapshot, std::vector<std::uint64_t> &written) {
  removed_by_file removed;
  for (const store_table &table : snapshot.tables) {
    for (std::size_t s = 0; s < table.files.size(); ++s) {
      if (const segment_entry &entry = table.rows.segments[s]; entry.removed_count != 0) {
        removed.emplace(table.files[s], removed_rows{entry.removed, entry.removed_count});
      }
    }
  }
  if (removed.empty()) {
    return 0;
  }
  written.push_back(next_file_++);
  write_removed_file(*folder_.files, file_path(folder_.path, file_type::removed, written.back()), written.back(),
                     folder_.identity, removed);
  return written.back();
}

void folder_writer::install(store_state next, std::vector<std::uint64_t> &written) {
  const store_snapshot &snapshot = next.snapshot();
  manifest content;
  content.id = manifest_.id;
  content.generation = manifest_.generation + 1;
  content.version = snapshot.version;
  content.next_id = snapshot.next_id;
  content.lists = snapshot.lists;
  const auto name_segments = [&](const store_table &table) {
    for (std::size_t s = 0; s < table.files.size(); ++s) {
      content.segments.push_back({table.files[s], static_cast<std::uint32_t>(table.rows.hash), table.rows.bits,
                                  table.rows.segments[s].rows->size()});
    }
  };
  for (const store_table &table : snapshot.tables) {
    name_segments(table);
  }
  name_segments(snapshot.history);
  content.removed_file = write_removed(snapshot, written);
  content.log_file = next_file_++;
  written.push_back(content.log_file);
  auto log = std::make_unique<log_writer>(*folder_.files, file_path(folder_.path, file_type::log, content.log_file),
                                          content.log_file, folder_.identity);
  content.next_file = next_file_;
  prepare_manifest(*folder_.files, folder_.path, folder_.identity, content);
  written.clear();
  try {
    replace_manifest(*folder_.files, folder_.path);
  } catch (const std::exception &failure) {
    fail_for_good(failure.what());
    throw;
  }
  const manifest before = std::exchange(manifest_, std::move(content));
  log_ = std::move(log);
  flush_at_ = options_.log_bytes;
  publish(std::move(next));
  std::set<std::uint64_t> unnamed{before.log_file, before.removed_file};
  for (const manifest_segment &segment : before.segments) {
    unnamed.insert(segment.number);
  }
  for (const manifest_segment &segment : manifest_.segments) {
    unnamed.erase(segment.number);
  }
  remove_files({unnamed.begin(), unnamed.end()});
  const std::lock_guard lock(keeper_mutex_);
  work_to_do_ = true;
}

// What cannot be removed now is removed by the next writer that opens the folder.
void folder_writer::remove_files(const std::vector<std::uint64_t> &numbers) noexcept {
  for (const std::uint64_t number : numbers) {
    for (const file_type type : {file_type::segment, file_type::removed, file_type::log}) {
      try {
        const std::string path = file_path(folder_.path, type, number);
        if (folder_.files->exists(path)) {
          folder_.files->remove(path);
        }
      } catch (const std::exception &) {
        continue;
      }
    }
  }
}

// Files that a writer left behind that did not come to naming or removing them.
void folder_writer::remove_strays() {
  std::set<std::uint64_t> named{manifest_.log_file, manifest_.removed_file};
  for (const manifest_segment &segment : manifest_.segments) {
    named.insert(segment.number);
  }
  std::vector<std::uint64_t> strays;
  for (const std::string &name : folder_.files->list(folder_.path)) {
    file_type type{};
    std::uint64_t number = 0;
    if (parse_file_name(name, type, number) && named.count(number) == 0) {
      strays.push_back(number);
      next_file_ = std::max(next_file_.load(), number + 1);
    }
  }
  remove_files(strays);
}

void create_store(const std::string &folder, const store_options &options) {
  const std::shared_ptr<file_system> files = options.files != nullptr ? options.files : machine_file_system();
  files->create_folder(folder);
  const std::shared_ptr<void> lock = files->lock(folder + "/lock");
  if (lock == nullptr) {
    fail(LM_ERROR_IO, folder, ": another process writes to the store");
  }
  for (const std::string &name : files->list(folder)) {
    file_type type{};
    std::uint64_t number = 0;
    if (name == "manifest") {
      fail(LM_ERROR_IO, folder, ": there is a store already");
    }
    if (name != "lock" && name != "manifest.new" && !(parse_file_name(name, type, number) && number == 1)) {
      fail(LM_ERROR_IO, folder, ": the folder is not empty: it has ", name);
    }
  }
  store_identity identity{{}, options.key};
  fill_with_random(identity.id);
  manifest content;
  content.lists = store_state().snapshot().lists;
  content.log_file = 1;
  content.next_file = 2;
  const log_writer log(*files, file_path(folder, file_type::log, 1), 1, identity);
  prepare_manifest(*files, folder, identity, content);
  replace_manifest(*files, folder);
  files->sync_folder(folder + "/..");  // the folder's own name
}

bool is_store(const std::string &path) { return machine_file_system()->exists(manifest_path(path)); }

std::unique_ptr<store_writer> store_writer::open(const std::string &folder, const store_options &options) {
  return std::make_unique<folder_writer>(folder, options);
}

}  // namespace libmatch::detail
