// folder_writer: what is done in the background.
#include <algorithm>
#include <map>

#include "core/error.h"
#include "core/hashes.h"
#include "search/buckets.h"
#include "store/folder_writer.h"
#include "store/priority.h"

namespace libmatch::detail {

namespace {

bool has_layouts(lm_hash hash) {
  const hash_description *description = describe(hash);
  return description != nullptr && !description->is_digest && description->compared_by == metric::hamming;
}

void make_layouts(const segment &rows, thread_pool &threads, progress_meter *meter) {
  const segment_view view = rows.view();
  if (planes_pay(view.size, view.words)) {
    rows.layouts().make_planes(view, threads, derived_layouts::if_busy::wait);
  }
  if (buckets_pay(view.size)) {
    rows.layouts().make_buckets(view, threads, derived_layouts::if_busy::wait, meter);
  }
}

// A table with those segments only that are in these files.
store_table part_of(const store_table &table, const std::vector<std::uint64_t> &files) {
  store_table part;
  part.rows.hash = table.rows.hash;
  part.rows.bits = table.rows.bits;
  for (std::size_t s = 0; s < table.files.size(); ++s) {
    if (std::find(files.begin(), files.end(), table.files[s]) != files.end()) {
      add_segment(part, segment_of(table, s));
    }
  }
  return part;
}

bool lacks_layouts(lm_hash hash, const segment_view &rows) {
  return has_layouts(hash) && ((rows.planes.planes == nullptr && planes_pay(rows.size, rows.words)) ||
                               (rows.buckets == nullptr && buckets_pay(rows.size)));
}

bool is_whole(const store_table &table) {
  if (table.files.size() != 1 || table.rows.segments[0].removed_count != 0) {
    return table.files.empty();
  }
  return !lacks_layouts(table.rows.hash, table.rows.segments[0].view());
}

// A progress callback that ends the work once a flag is set.
std::int32_t is_set(void *flag, std::uint64_t /*done*/, std::uint64_t /*total*/) {
  return static_cast<const std::atomic<bool> *>(flag)->load() ? 1 : 0;
}

// Which segments to merge next: those from the first on that is not more than `ratio` times as large as all behind
// it. So a store of n entries has O(log n) segments, and an entry is copied O(log n) times.
// Failing that, one that lacks layouts.
std::vector<std::uint64_t> choose_files(const store_table &table) {
  constexpr std::size_t ratio = 3;
  constexpr std::size_t few_rows = 4096;
  std::vector<std::pair<std::size_t, std::uint64_t>> segments;  // largest first
  for (std::size_t s = 0; s < table.files.size(); ++s) {
    if (table.files[s] != 0) {
      const segment_entry &entry = table.rows.segments[s];
      // What is removed for the most part counts for what is left of it.
      segments.emplace_back(entry.live(), table.files[s]);
      if (entry.removed_count > entry.rows->size() / 4 && entry.removed_count > few_rows) {
        return {table.files[s]};
      }
    }
  }
  std::sort(segments.rbegin(), segments.rend());
  std::size_t behind = 0;
  std::size_t first = segments.size();
  for (std::size_t s = segments.size(); s-- > 0;) {
    if (s + 1 < segments.size() && segments[s].first <= ratio * behind) {
      first = s;
    }
    behind += segments[s].first;
  }
  std::vector<std::uint64_t> files;
  for (std::size_t s = first; s < segments.size(); ++s) {
    files.push_back(segments[s].second);
  }
  for (std::size_t s = 0; files.empty() && s < table.files.size(); ++s) {
    if (table.files[s] != 0 && lacks_layouts(table.rows.hash, table.rows.segments[s].view())) {
      files.push_back(table.files[s]);
    }
  }
  return files;
}

}  // namespace

// The rows were merged without holding anybody up; what was removed meanwhile is removed from the new segment, too.
void folder_writer::replace_merged(store_table &table, const store_table &before,
                                   const std::vector<std::uint64_t> &files, const store_segment &made,
                                   const row_map &moved) {
  std::shared_ptr<std::vector<std::uint64_t>> removed;
  std::size_t count = 0;
  store_table next = part_of(table, {});
  bool placed = false;
  for (std::size_t s = 0; s < table.files.size(); ++s) {
    if (std::find(files.begin(), files.end(), table.files[s]) == files.end()) {
      add_segment(next, segment_of(table, s));
      continue;
    }
    const auto old = static_cast<std::size_t>(std::find(before.files.begin(), before.files.end(), table.files[s]) -
                                              before.files.begin());
    const segment_view then = before.rows.segments[old].view();
    const segment_view now = table.rows.segments[s].view();
    for (std::size_t r = 0; r < now.size; ++r) {
      if (now.is_removed(r) && !then.is_removed(r)) {
        if (removed == nullptr) {
          removed = std::make_shared<std::vector<std::uint64_t>>((made.entry.rows->size() + 63) / 64);
        }
        const std::uint32_t row = moved[old][r];
        (*removed)[row >> 6] |= std::uint64_t{1} << (row & 63);
        ++count;
      }
    }
    if (!placed && made.entry.rows->size() != 0) {
      add_segment(next, made);
      placed = true;
    }
  }
  if (removed != nullptr) {
    const auto place =
        static_cast<std::size_t>(std::find(next.files.begin(), next.files.end(), made.file) - next.files.begin());
    next.rows.segments[place].removed = removed;
    next.rows.segments[place].removed_count = count;
  }
  table = std::move(next);
}

void folder_writer::merge_files(lm_hash hash, std::uint32_t bits, const std::vector<std::uint64_t> &files,
                                progress_meter *meter) {
  std::shared_ptr<const store_snapshot> snapshot = this->snapshot();
  const store_table before = part_of(is_history(hash) ? snapshot->history : *snapshot->find(hash, bits), files);
  snapshot.reset();
  row_map moved;
  store_segment made = merge_store_segments(before, 0, before.files.size(), &moved, &stop_merging_);
  std::vector<std::uint64_t> written;
  try {
    if (made.entry.rows->size() != 0) {
      if (has_layouts(hash)) {
        make_layouts(*made.entry.rows, threads_, meter);
      }
      written.push_back(next_file_++);
      made = write_segment(hash, bits, std::move(made), written.back());
    }
    const std::lock_guard lock(writing_);
    refuse_if_failed();
    store_state next(state_.snapshot());
    write_segments(next, written);
    replace_merged(table_for(next.edit(), hash, bits), before, files, made, moved);
    install(std::move(next), written);
  } catch (...) {
    remove_files(written);
    throw;
  }
}

bool folder_writer::merge_what_pays() {
  const std::lock_guard lock(merging_);
  const std::shared_ptr<const store_snapshot> snapshot = this->snapshot();
  std::vector<const store_table *> tables{&snapshot->history};
  for (const store_table &table : snapshot->tables) {
    tables.push_back(&table);
  }
  for (const store_table *table : tables) {
    if (const std::vector<std::uint64_t> files = choose_files(*table); !files.empty() && !stop_merging_) {
      const lm_progress until_stopped{is_set, &stop_merging_};
      progress_meter meter(&until_stopped, table->rows.live());
      merge_files(table->rows.hash, table->rows.bits, files, &meter);
      return true;
    }
  }
  return false;
}

void folder_writer::compact(const lm_progress *progress) {
  flush();
  const std::lock_guard lock(merging_);
  const std::shared_ptr<const store_snapshot> snapshot = this->snapshot();
  std::uint64_t entries = 0;
  for (const store_table &table : snapshot->tables) {
    entries += table.rows.live();
  }
  progress_meter meter(progress, entries);
  const auto merge = [&](const store_table &table) {
    if (is_whole(table)) {
      meter.add(table.rows.live());
      return;
    }
    std::vector<std::uint64_t> files;
    for (const std::uint64_t file : table.files) {
      if (file != 0) {
        files.push_back(file);
      }
    }
    const bool counts = has_layouts(table.rows.hash) && buckets_pay(table.rows.live());
    merge_files(table.rows.hash, table.rows.bits, files, &meter);
    if (!counts && !is_history(table.rows.hash)) {
      meter.add(table.rows.live());
    }
  };
  for (const store_table &table : snapshot->tables) {
    merge(table);
  }
  merge(snapshot->history);
}

void folder_writer::keep() {
  lower_priority_of_this_thread();
  std::unique_lock lock(keeper_mutex_);
  bool again = false;
  for (;;) {
    // Merging begins a little later than there is something to merge: a process that makes one change and ends, as a
    // command does, would only begin it in vain.
    if (!again) {
      keeper_wakes_.wait_for(lock, options_.sync_interval, [this] { return ending_; });
    }
    if (ending_) {
      return;
    }
    const bool merge = work_to_do_ && options_.merge_in_background;
    work_to_do_ = false;
    lock.unlock();
    if (options_.sync == durability::deferred) {
      const std::lock_guard writing(writing_);
      try {
        if (log_->has_unsynced()) {
          log_->sync();
        }
      } catch (const std::exception &failure) {
        fail_for_good(failure.what());
      }
    }
    try {
      again = merge && merge_what_pays();
    } catch (const std::exception &) {
      // Nothing is lost but speed: it is tried again after the next flush.
      again = false;
    }
    lock.lock();
    work_to_do_ = work_to_do_ || again;
  }
}

}  // namespace libmatch::detail
