#include "live/apply_list.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "lists/formats.h"
#include "live/list_state.h"
#include "store/entry_key.h"
#include "store/entry_lookup.h"

namespace libmatch::detail {

namespace {

// Items whose other versions are looked for at once.
constexpr std::size_t items_each = 65536;

std::int64_t seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class list_changes final : public record_sink {
 public:
  list_changes(std::unique_ptr<store_transaction> changes, std::shared_ptr<const store_snapshot> before,
               const list_application_options &options)
      : changes_(std::move(changes)), before_(std::move(before)), options_(options) {
    number_ = before_->find_list(options_.list);
    for (const store_table &table : before_->tables) {
      for (const std::shared_ptr<const entry_records> &records : table.records) {
        for (const std::uint64_t key : number_ != 0 ? records->keys : std::span<const std::uint64_t>()) {
          held_.add(key);
        }
      }
    }
    if (options_.whole) {
      unlisted_.emplace(before_, options_.list);
    }
  }

  void add(const list_record &record) override {
    ++records_;
    const std::int64_t time = time_of(record);
    if (unlisted_) {
      unlisted_->mark(record);
    }
    if (record.withdrawn) {
      take_back(record, time);
    } else {
      note_item(record, time);
      changes_->add(
          {record.hash, record.bits, record.code, options_.list, record.list_id, record.label, record.id, time});
    }
  }

  change_counts commit(const list_summary &summary) {
    end_item();
    replace_items();
    if (unlisted_) {
      require_whole(summary);
      unlisted_->withdraw(*changes_, options_.time);
    }
    set_attributes(summary);
    return changes_->commit();
  }

 private:
  struct item {
    std::string list_id;
    std::int64_t time;
    bool is_repeated;  // perhaps: the pages have another version of it
  };

  // A time to come would outlast every withdrawal, so it says nothing. A day is left for clocks that differ.
  std::int64_t time_of(const list_record &record) const {
    const std::int64_t time = record.time >= 0 ? record.time : options_.time;
    return time <= latest_time_ ? time : -1;
  }

  void take_back(const list_record &record, std::int64_t time) {
    // Every code of an item says so.
    if (!record.list_id.empty() && record.list_id == last_taken_back_) {
      return;
    }
    last_taken_back_ = record.list_id;
    withdrawal change;
    change.list = options_.list;
    change.list_id = record.list_id;
    if (record.list_id.empty()) {
      change.hash = record.hash;
      change.bits = record.bits;
      change.code = record.code;
      change.id = record.id;
    }
    change.reason = record.label;
    change.time = time;
    if (time >= 0) {
      change.entries_until = time;
    }
    // Pages need not be in the order of time: what is taken back may come later, in these pages or the next.
    change.lasting = time >= 0 && (!record.list_id.empty() || change.code != nullptr);
    changes_->withdraw(change);
  }

  void note_item(const list_record &record, std::int64_t time) {
    last_taken_back_.clear();
    if (record.list_id != item_.list_id) {
      end_item();
      item_ = {time >= 0 ? std::string(record.list_id) : std::string(), time, false};
    } else if (time != item_.time) {
      item_.is_repeated = true;
      item_.time = std::max(item_.time, time);
    }
  }

  void end_item() {
    if (item_.list_id.empty()) {
      return;
    }
    const std::uint64_t hash = owner_key({number_, item_.list_id}, 0);
    item_.is_repeated |= seen_.add(hash);
    if (item_.is_repeated || held_.may_hold(hash)) {
      items_.push_back(std::move(item_));
    }
    item_ = {};
    if (items_.size() == items_each) {
      replace_items();
    }
  }

  // Takes back what earlier versions of items have and the latest has not.
  void replace_items() {
    for (const item &replaced : items_) {
      if (replaced.is_repeated || has_other_version(replaced)) {
        withdrawal change;
        change.list = options_.list;
        change.list_id = replaced.list_id;
        change.only_outdated = true;
        change.reason = "replaced by a later version";
        changes_->withdraw(change);
      }
    }
    items_.clear();
  }

  bool has_other_version(const item &wanted) const {
    return std::any_of(before_->tables.begin(), before_->tables.end(), [&](const store_table &table) {
      const std::vector<row_location> places = find_list_id(table, number_, wanted.list_id);
      return std::any_of(places.begin(), places.end(), [&](const row_location &place) {
        return table.records[place.segment]->time(place.row) != wanted.time;
      });
    });
  }

  void require_whole(const list_summary &summary) const {
    if (records_ == 0) {
      fail(LM_ERROR_FORMAT, "list ", options_.list,
           ": the pages hold no entry, and as the whole of the list they would take back all of it");
    }
    if (!summary.complete) {
      fail(LM_ERROR_FORMAT, "list ", options_.list,
           ": the last page says that more follow, so the pages are not the whole of the list");
    }
  }

  void set_attributes(const list_summary &summary) {
    // A list of harmless files taken for one of known images would make every computer a find.
    const bool is_nsrl = std::string_view(summary.format) == list_format_name(LM_LIST_NSRL);
    if (options_.role) {
      set_role(*changes_, *before_, options_.list, *options_.role);
    } else if (is_nsrl && number_ == 0) {
      set_role(*changes_, *before_, options_.list, LM_LIST_HARMLESS);
    }
    if (summary.complete) {
      set_checkpoint(*changes_, *before_, options_.list, summary.checkpoint);
    }
  }

  std::unique_ptr<store_transaction> changes_;
  std::shared_ptr<const store_snapshot> before_;
  const list_application_options &options_;
  std::int64_t latest_time_ = seconds_now() + std::int64_t{24} * 60 * 60;
  std::uint32_t number_ = 0;  // of the list; 0: it is new
  std::uint64_t records_ = 0;
  std::optional<unlisted_entries> unlisted_;
  item item_{};
  hash_set held_;  // items that the list may have
  hash_set seen_;  // items that the pages may have had
  std::vector<item> items_;
  std::string last_taken_back_;
};

}  // namespace

applied_list apply_list(store_writer &writer, const list_application_options &options,
                        const std::function<list_summary(record_sink &)> &read) {
  list_changes changes(writer.begin(), writer.snapshot(), options);
  applied_list applied;
  applied.summary = read(changes);
  applied.counts = changes.commit(applied.summary);
  return applied;
}

}  // namespace libmatch::detail
