// A live index: its folder, and what it holds.
#include "c_api/live.h"

#include <memory>
#include <string>
#include <vector>

#include "c_api/guard.h"
#include "c_api/handles.h"
#include "core/hashes.h"
#include "live/entry_walk.h"
#include "live/folder_key.h"
#include "live/list_state.h"
#include "live/live_view.h"

struct lm_lists {
  std::shared_ptr<const libmatch::detail::live_state> state;
  std::vector<std::string> checkpoint_texts;
  std::vector<const char *> names;
  std::vector<lm_list_role> roles;
  std::vector<lm_hash> hashes;
  std::vector<uint32_t> bits;
  std::vector<int64_t> entries;
  std::vector<int64_t> withdrawn;
  std::vector<const char *> checkpoints;
  lm_lists_data data;
};

struct lm_entries {
  libmatch::detail::entry_walk walk;
  shown_entry texts;
};

namespace libmatch::detail {

namespace {

const live_view &live_of(const lm_index *index) {
  require_handle(index, "index");
  if (index->live == nullptr) {
    fail(LM_ERROR_UNSUPPORTED, "index: no live one (lm_live_open), so it knows no lists");
  }
  return *index->live;
}

std::uint32_t list_of(const store_snapshot &store, const char *name) {
  if (name == nullptr) {
    return entry_walk::every_list;
  }
  const std::uint32_t list = store.find_list(name);
  if (list == 0) {
    fail(LM_ERROR_INVALID_ARGUMENT, "list: there is none of the name ", name);
  }
  return list;
}

void show(const walked_entry &entry, const store_snapshot &store, shown_entry &texts, lm_entry *out) {
  texts = {std::string(entry.origin.label), std::string(entry.origin.list_id), std::string(entry.withdrawn_by),
           std::string(entry.reason)};
  write_view(out, {view_size(out->struct_size, "out_entry->struct_size"), entry.hash, entry.bits,
                   entry.code.empty() ? nullptr : entry.code.data(), entry.origin.id, texts.label.c_str(),
                   store.lists[entry.origin.list].name.c_str(), texts.list_id.c_str(), entry.origin.time,
                   entry.is_withdrawn ? 1 : 0, entry.withdrawn_at, texts.withdrawn_by.c_str(), texts.reason.c_str(),
                   entry.role});
}

void add_row(lm_lists &lists, const entry_count &count) {
  const list_info &list = lists.state->store().lists[count.list];
  lists.names.push_back(list.name.c_str());
  lists.roles.push_back(lists.state->role(count.list));
  lists.hashes.push_back(count.hash);
  lists.bits.push_back(count.bits);
  lists.entries.push_back(count.live);
  lists.withdrawn.push_back(count.withdrawn);
  lists.checkpoints.push_back(lists.checkpoint_texts[count.list].c_str());
}

std::unique_ptr<lm_lists> lists_of(std::shared_ptr<const live_state> state) {
  auto lists = std::make_unique<lm_lists>();
  lists->state = std::move(state);
  const store_snapshot &store = lists->state->store();
  for (const list_info &list : store.lists) {
    lists->checkpoint_texts.emplace_back(checkpoint_of(list));
  }
  std::int64_t live = 0;
  std::int64_t withdrawn = 0;
  const std::vector<entry_count> counts = count_entries(store);
  auto next = counts.begin();
  for (std::uint32_t list = 1; list < store.lists.size(); ++list) {
    if (next == counts.end() || next->list != list) {
      add_row(*lists, {list, LM_HASH_CODE, 0, 0, 0});
    }
    for (; next != counts.end() && next->list == list; ++next) {
      add_row(*lists, *next);
      live += next->live;
      withdrawn += next->withdrawn;
    }
  }
  lists->data = {lists->names.size(),
                 lists->names.data(),
                 lists->roles.data(),
                 lists->hashes.data(),
                 lists->bits.data(),
                 lists->entries.data(),
                 lists->withdrawn.data(),
                 lists->checkpoints.data(),
                 store.version,
                 live,
                 withdrawn,
                 store.next_id};
  return lists;
}

}  // namespace

lm_live_options checked_live_options(const lm_live_options *options) {
  const lm_live_options checked = read_options(options, LM_LIVE_OPTIONS_INIT, "options");
  require(checked.key_path == nullptr || checked.key == nullptr, "options->key", "a file and a callback for one key");
  require(checked.durability == LM_DURABILITY_SYNCED || checked.durability == LM_DURABILITY_DEFERRED,
          "options->durability", "unknown value");
  require(checked.residence == LM_RESIDENCE_MEMORY || checked.residence == LM_RESIDENCE_MAPPED, "options->residence",
          "unknown value");
  if (checked.bits != 0) {
    checked_code_hash(checked.hash, checked.bits);
  }
  return checked;
}

std::optional<store_key> key_of(const lm_live_options &checked) {
  if (checked.key_path != nullptr) {
    return read_key_file(checked.key_path);
  }
  if (checked.key == nullptr) {
    return {};
  }
  store_key key{};
  if (checked.key(checked.user_data, key.data()) != 0) {
    fail(LM_ERROR_INVALID_ARGUMENT, "options->key: the callback gave no key");
  }
  return key;
}

reader_options reader_options_of(const lm_live_options &checked) {
  reader_options options;
  options.key = key_of(checked);
  options.segments = checked.residence == LM_RESIDENCE_MAPPED ? residence::mapped : residence::memory;
  return options;
}

store_options store_options_of(const lm_live_options &checked) {
  store_options options;
  options.sync = checked.durability == LM_DURABILITY_DEFERRED ? durability::deferred : durability::synced;
  options.key = key_of(checked);
  return options;
}

}  // namespace libmatch::detail

using namespace libmatch::detail;

lm_status lm_live_create(const char *folder, const lm_live_options *options) {
  return guarded([&] {
    require_handle(folder, "folder");
    create_store(folder, store_options_of(checked_live_options(options)));
  });
}

int32_t lm_live_exists(const char *folder) {
  bool exists = false;
  const lm_status status = guarded([&] { exists = folder != nullptr && is_store(folder); });
  return status == LM_OK && exists ? 1 : 0;
}

lm_status lm_live_open(lm_context *context, const char *folder, const lm_live_options *options,
                       lm_index **out_index) {
  return guarded([&] {
    require_handle(context, "context");
    require_handle(folder, "folder");
    require_handle(out_index, "out_index");
    const lm_live_options checked = checked_live_options(options);
    auto view = std::make_unique<live_view>(store_reader::open(folder, reader_options_of(checked)), checked.hash,
                                            checked.bits);
    index_description description;
    description.hash = view->hash();
    description.bits = view->bits();
    *out_index = new lm_index{code_index(std::move(description)), std::move(view)};
  });
}

lm_status lm_live_refresh(lm_index *index) {
  return guarded([&] {
    live_of(index);
    index->live->refresh();
  });
}

lm_status lm_live_verify(const char *folder, const lm_live_options *options, const lm_progress *progress) {
  return guarded([&] {
    require_handle(folder, "folder");
    verify_store(folder, reader_options_of(checked_live_options(options)), progress);
  });
}

lm_status lm_live_lists(const lm_index *index, lm_lists **out_lists) {
  return guarded([&] {
    const live_view &live = live_of(index);
    require_handle(out_lists, "out_lists");
    *out_lists = lists_of(live.current()).release();
  });
}

const lm_lists_data *lm_lists_view(const lm_lists *lists) { return lists != nullptr ? &lists->data : nullptr; }

void lm_lists_free(lm_lists *lists) { delete lists; }

lm_status lm_live_entries(const lm_index *index, const char *list, int32_t withdrawn, lm_entries **out_entries) {
  return guarded([&] {
    std::shared_ptr<const live_state> state = live_of(index).current();
    require_handle(out_entries, "out_entries");
    const std::uint32_t number = list_of(state->store(), list);
    *out_entries = new lm_entries{entry_walk(std::move(state), number, withdrawn != 0), {}};
  });
}

lm_status lm_entries_next(lm_entries *entries, lm_entry *out_entry, int32_t *out_found) {
  return guarded([&] {
    require_handle(entries, "entries");
    require_handle(out_entry, "out_entry");
    require_handle(out_found, "out_found");
    walked_entry entry;
    *out_found = entries->walk.next(entry) ? 1 : 0;
    if (*out_found != 0) {
      show(entry, entries->walk.store(), entries->texts, out_entry);
    }
  });
}

void lm_entries_free(lm_entries *entries) { delete entries; }

lm_status lm_matches_entry(lm_matches *matches, size_t i, lm_entry *out_entry) {
  return guarded([&] {
    require_handle(matches, "matches");
    require_handle(out_entry, "out_entry");
    require(i < matches->result.ids.size(), "i", "no entry of these matches");
    if (matches->state.live == nullptr) {
      fail(LM_ERROR_UNSUPPORTED, "matches: of an index that is no live one, and so knows no lists");
    }
    const live_state &live = *matches->state.live;
    const walked_entry entry =
        entry_of(live, live.table(matches->table), matches->result.locations[i], matches->code);
    show(entry, live.store(), matches->shown, out_entry);
  });
}
