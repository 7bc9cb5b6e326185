// The writer of a live index.
#include <algorithm>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "c_api/guard.h"
#include "c_api/handles.h"
#include "c_api/live.h"
#include "core/hashes.h"
#include "lists/formats.h"
#include "live/apply_list.h"
#include "live/list_state.h"

struct lm_writer {
  std::unique_ptr<libmatch::detail::store_writer> store;
  // Held for the whole of an import, which is applied to the state that it began with.
  std::mutex importing;
};

namespace libmatch::detail {

namespace {

// The size of the caller's structure; 0 for none.
std::size_t size_of_change(const lm_change_data *out_change) {
  return out_change != nullptr ? view_size(out_change->struct_size, "out_change->struct_size") : 0;
}

void show(const change_counts &counts, const list_summary &summary, std::size_t size, lm_change_data *out_change) {
  if (out_change == nullptr) {
    return;
  }
  std::uint64_t left_out = 0;
  for (const auto &counted : summary.left_out) {
    left_out += counted.second;
  }
  const std::string_view format = summary.format;
  write_view(out_change,
             {size, counts.added, counts.changed, counts.unchanged, counts.superseded, counts.withdrawn,
              counts.unknown, format.empty() ? lm_list_format{LM_LIST_AUTOMATIC} : list_format_of_name(format),
              summary.records, summary.degenerate, left_out, summary.complete ? 1 : 0});
}

std::string_view text_or_empty(const char *text) { return text != nullptr ? std::string_view(text) : ""; }

std::string_view text_at(const char *const *texts, std::size_t i) {
  return texts != nullptr ? text_or_empty(texts[i]) : "";
}

lm_additions checked_additions(const lm_additions *additions) {
  require_handle(additions, "additions");
  const lm_additions checked = read_options(additions, LM_ADDITIONS_INIT, "additions");
  require_handle(checked.list, "additions->list");
  const hash_description *kind = describe(checked.hash);
  require(kind != nullptr, "additions->hash", "unknown");
  require(has_width(*kind, checked.bits), "additions->bits", "the hash has no such width");
  require_array(checked.codes, checked.n, "additions->codes");
  for (std::size_t i = 0; checked.ids != nullptr && i < checked.n; ++i) {
    if (checked.ids[i] < 0) {
      fail(LM_ERROR_INVALID_ARGUMENT, "additions->ids[", i, "] is ", checked.ids[i], "; ids are 0 or more");
    }
  }
  return checked;
}

list_application_options checked_import(const lm_import_options &options) {
  require_handle(options.list, "options->list");
  require(options.list[0] != '\0', "options->list", "has no name");
  require(options.time >= -1 && options.time <= max_entry_time, "options->time", "no time from 1970 to 2106");
  require(options.role == LM_LIST_ROLE_AS_IS || list_role_name(options.role) != nullptr, "options->role",
          "unknown value");
  list_application_options checked;
  checked.list = options.list;
  checked.time = options.time;
  checked.whole = options.whole != 0;
  if (options.role != LM_LIST_ROLE_AS_IS) {
    checked.role = options.role;
  }
  return checked;
}

// Read is called with the options of reading lists, what plain lists leave unsaid, and a sink for the records.
template <typename Read>
void import_list(lm_writer &writer, const lm_import_options *options, lm_change_data *out_change, const Read &read) {
  const std::size_t size = size_of_change(out_change);
  const lm_import_options given = read_options(options, LM_IMPORT_OPTIONS_INIT, "options");
  const list_application_options checked = checked_import(given);
  const lm_list_options format = checked_list_options(given.format);
  const std::lock_guard lock(writer.importing);
  const applied_list applied =
      apply_list(*writer.store, checked, [&](record_sink &sink) { return read(format, to_plain(format), sink); });
  show(applied.counts, applied.summary, size, out_change);
}

withdrawal checked_withdrawal(const lm_withdrawal &given) {
  withdrawal change;
  change.list = text_or_empty(given.list);
  change.list_id = text_or_empty(given.list_id);
  change.code = given.code;
  change.hash = given.hash;
  change.bits = given.bits;
  change.id = given.id;
  change.whole_list = given.whole_list != 0;
  change.by = given.by != nullptr ? given.by : "operator";
  change.reason = text_or_empty(given.reason);
  require(given.id >= -1, "withdrawal->id", "negative");
  require(!change.list_id.empty() || change.code != nullptr || change.id != -1 || change.whole_list, "withdrawal",
          "says neither list_id, code nor id, nor that it is a whole list");
  require(!change.whole_list || !change.list.empty(), "withdrawal->list", "of a whole list, it has no name");
  return change;
}

}  // namespace

}  // namespace libmatch::detail

using namespace libmatch::detail;

lm_status lm_writer_open(const char *folder, const lm_live_options *options, lm_writer **out_writer) {
  return guarded([&] {
    require_handle(folder, "folder");
    require_handle(out_writer, "out_writer");
    if (!is_store(folder)) {  // before its lock would be a file in somebody's folder
      fail(LM_ERROR_IO, folder, ": no live index: it has no manifest, or has lost it");
    }
    auto writer = std::make_unique<lm_writer>();
    writer->store = store_writer::open(folder, store_options_of(checked_live_options(options)));
    *out_writer = writer.release();
  });
}

void lm_writer_free(lm_writer *writer) { delete writer; }

lm_status lm_writer_add(lm_writer *writer, const lm_additions *additions, lm_change_data *out_change) {
  return guarded([&] {
    require_handle(writer, "writer");
    const std::size_t size = size_of_change(out_change);
    const lm_additions given = checked_additions(additions);
    const std::unique_ptr<store_transaction> changes = writer->store->begin();
    new_entry entry;
    entry.hash = given.hash;
    entry.bits = given.bits;
    entry.list = given.list;
    for (std::size_t i = 0; i < given.n; ++i) {
      entry.code = given.codes + i * (given.bits / 8);
      entry.id = given.ids != nullptr ? given.ids[i] : -1;
      entry.label = text_at(given.labels, i);
      entry.list_id = text_at(given.list_ids, i);
      entry.time = given.times != nullptr ? given.times[i] : -1;
      changes->add(entry);
    }
    show(changes->commit(), {}, size, out_change);
  });
}

lm_status lm_writer_import(lm_writer *writer, const char *const *paths, size_t n, const lm_import_options *options,
                           const lm_progress *progress, lm_change_data *out_change) {
  return guarded([&] {
    require_handle(writer, "writer");
    const std::vector<std::string> pages = checked_paths(paths, n);
    import_list(*writer, options, out_change,
                [&](const lm_list_options &format, const plain_options &plain, record_sink &sink) {
                  return read_list_files(pages, format.format, plain, sink, progress);
                });
  });
}

lm_status lm_writer_import_buffers(lm_writer *writer, const lm_buffer *pages, size_t n,
                                   const lm_import_options *options, const lm_progress *progress,
                                   lm_change_data *out_change) {
  return guarded([&] {
    require_handle(writer, "writer");
    require_array(pages, n, "pages");
    require(n > 0, "n", "no page to read");
    std::vector<std::span<const char>> texts;
    for (std::size_t i = 0; i < n; ++i) {
      require_array(pages[i].data, pages[i].size, "pages[i].data");
      texts.emplace_back(static_cast<const char *>(pages[i].data), pages[i].size);
    }
    import_list(*writer, options, out_change,
                [&](const lm_list_options &format, const plain_options &plain, record_sink &sink) {
                  return read_list_pages(texts, format.format, plain, sink, progress);
                });
  });
}

lm_status lm_writer_withdraw(lm_writer *writer, const lm_withdrawal *withdrawal, lm_change_data *out_change) {
  return guarded([&] {
    require_handle(writer, "writer");
    require_handle(withdrawal, "withdrawal");
    const std::size_t size = size_of_change(out_change);
    const std::unique_ptr<store_transaction> changes = writer->store->begin();
    changes->withdraw(checked_withdrawal(read_options(withdrawal, LM_WITHDRAWAL_INIT, "withdrawal")));
    show(changes->commit(), {}, size, out_change);
  });
}

lm_status lm_writer_set_role(lm_writer *writer, const char *list, lm_list_role role) {
  return guarded([&] {
    require_handle(writer, "writer");
    require_handle(list, "list");
    require(list[0] != '\0', "list", "has no name");
    require(list_role_name(role) != nullptr, "role", "unknown value");
    const std::unique_ptr<store_transaction> changes = writer->store->begin();
    set_role(*changes, *writer->store->snapshot(), list, role);
    changes->commit();
  });
}

lm_status lm_writer_compact(lm_writer *writer, const lm_progress *progress) {
  return guarded([&] {
    require_handle(writer, "writer");
    writer->store->compact(progress);
  });
}
