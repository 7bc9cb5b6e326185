// The index: changes, searches and files.
#include "index/index.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "c_api/guard.h"
#include "c_api/handles.h"
#include "core/aligned_vector.h"
#include "core/hashes.h"
#include "index/bit_order.h"
#include "index/index_file.h"
#include "lists/writers.h"

namespace libmatch::detail {

namespace {

lm_matches *to_matches(index_state state, std::size_t table, search_result result) {
  auto matches = std::make_unique<lm_matches>();
  matches->state = std::move(state);
  matches->table = table;
  matches->result = std::move(result);
  const search_result &found = matches->result;
  matches->data = {found.offsets.size() - 1, found.offsets.data(), found.ids.data(), found.distances.data(),
                   matches->state.live != nullptr ? matches->state.live->store().version : 0};
  return matches.release();
}

std::uint64_t rows_of(const index_table &table) {
  std::uint64_t rows = 0;
  for (const segment_entry &entry : table.segments) {
    rows += entry.rows->size();
  }
  return rows;
}

void require_queries(const uint8_t *queries, std::size_t n) {
  require_array(queries, n, "queries");
  require(n <= std::numeric_limits<std::uint32_t>::max(), "n", "more than 2^32 - 1 queries at once");
}

// What range and k-NN search have in common; Prepare is called with the snapshot, then Search with its segments, the
// queries and the progress.
template <typename Prepare, typename Search>
lm_matches *search_codes(const lm_index &index, const uint8_t *queries, std::size_t n, const lm_progress *progress,
                         const Prepare &prepare, const Search &search) {
  require_queries(queries, n);
  index_state state = index.state();
  const index_table &table = state.snapshot->tables[0];
  aligned_vector<std::uint64_t> rows(n * table.words());
  pack_rows(queries, n, table.hash, table.bits, rows.data());
  progress_meter meter(progress, rows_of(table) * n);
  prepare(*state.snapshot);
  const std::vector<segment_view> views = table.views();
  search_result result =
      search(views, query_batch{rows.data(), n, table.words(), describe(table.hash)->compared_by}, meter);
  return to_matches(std::move(state), 0, std::move(result));
}

// What equals one digest, as the next query of a result: by id, and by place where ids are alike.
void append_equal(const index_table &table, const std::uint64_t *digest, search_result &result) {
  std::vector<row_location> found = find_equal(table, digest);
  const auto id_of = [&](const row_location &location) {
    return table.segments[location.segment].rows->data().ids[location.row];
  };
  std::stable_sort(found.begin(), found.end(),
                   [&](const row_location &a, const row_location &b) { return id_of(a) < id_of(b); });
  for (const row_location &location : found) {
    result.ids.push_back(id_of(location));
    result.distances.push_back(0);
    result.locations.push_back(location);
  }
  result.offsets.push_back(static_cast<std::int64_t>(result.ids.size()));
}

void require_digest(lm_hash hash) {
  const hash_description *description = describe(hash);
  require(description != nullptr && description->is_digest, "hash", "not a digest");
}

void require_ids(const int64_t *ids, std::size_t n) {
  for (std::size_t i = 0; ids != nullptr && i < n; ++i) {
    if (ids[i] < 0) {
      fail(LM_ERROR_INVALID_ARGUMENT, "ids[", i, "] is ", ids[i], "; ids are 0 or more");
    }
  }
}

// The entries of a list that go to one table, laid out for code_index::add.
struct table_entries {
  std::vector<std::uint8_t> codes;
  std::vector<std::int64_t> ids;
  std::vector<const char *> labels;

  void append(const lm_list_entry &entry, std::int64_t id) {
    codes.insert(codes.end(), entry.code, entry.code + entry.bits / 8);
    ids.push_back(id);
    labels.push_back(entry.label);
  }
};

void require_same_kind(const lm_list_entry &entry, std::size_t i, const index_description &index) {
  if (table_of(entry.hash) != 0 || (entry.hash == index.hash && entry.bits == index.bits)) {
    return;
  }
  fail(LM_ERROR_INVALID_ARGUMENT, "list: entry ", i, " is a ", describe(entry.hash)->name, " of ", entry.bits,
       " bits; the index holds ", describe(index.hash)->name, " of ", index.bits, " bits");
}

layout_policy to_policy(lm_layout_policy policy, const char *name) {
  switch (policy) {
    case LM_LAYOUT_AUTOMATIC:
      return layout_policy::automatic;
    case LM_LAYOUT_ALWAYS:
      return layout_policy::always;
    case LM_LAYOUT_NEVER:
      return layout_policy::never;
    default:
      fail(LM_ERROR_INVALID_ARGUMENT, name, " is ", policy, ": no layout policy");
  }
}

std::uint64_t layouts_of(const index_snapshot &snapshot) {
  std::uint64_t bytes = snapshot.keypoints.layout_bytes();
  for (const segment_entry &entry : snapshot.tables[0].segments) {
    bytes += entry.rows->layouts().memory_bytes();
  }
  return bytes;
}

std::uint64_t memory_of(const index_snapshot &snapshot) {
  std::uint64_t bytes = snapshot.keypoints.memory_bytes();
  for (const index_table &table : snapshot.tables) {
    for (const segment_entry &entry : table.segments) {
      bytes += entry.rows->memory_bytes() + (entry.removed ? entry.removed->size() * sizeof(std::uint64_t) : 0);
    }
  }
  return bytes;
}

}  // namespace

void require_changeable(const lm_index &index) {
  if (index.live != nullptr) {
    fail(LM_ERROR_UNSUPPORTED, "index: a live index is changed by its writer (lm_writer_open)");
  }
}

const hash_description &checked_code_hash(lm_hash hash, std::uint32_t bits) {
  const hash_description *description = describe(hash);
  require(description != nullptr && !description->is_digest, "hash",
          "neither a hash of images nor LM_HASH_CODE or LM_HASH_VECTOR8");
  if (!has_width(*description, bits)) {
    fail(LM_ERROR_INVALID_ARGUMENT, "bits: ", bits, " where ", description->name, " has ", widths(*description));
  }
  return *description;
}

}  // namespace libmatch::detail

using namespace libmatch::detail;

index_state lm_index::state() const {
  if (live == nullptr) {
    return {codes.snapshot(), nullptr};
  }
  std::shared_ptr<const live_state> newest = live->current();
  const index_snapshot *held = &newest->codes();
  return {std::shared_ptr<const index_snapshot>(newest, held), newest};
}

lm_status lm_index_create(lm_context *context, lm_hash hash, uint32_t bits, const char *profile,
                          lm_index **out_index) {
  return guarded([&] {
    require_handle(context, "context");
    require_handle(out_index, "out_index");
    checked_code_hash(hash, bits);
    index_description made{hash, bits, profile != nullptr ? profile : "", LM_VERSION};
    require(made.profile.size() <= max_profile_bytes, "profile", "longer than 65535 bytes");
    require(is_utf8(made.profile), "profile", "not UTF-8");
    *out_index = new lm_index{code_index(std::move(made))};
  });
}

void lm_index_free(lm_index *index) { delete index; }

lm_status lm_index_add(lm_index *index, const uint8_t *codes, const int64_t *ids, const char *const *labels,
                       size_t n) {
  return guarded([&] {
    require_handle(index, "index");
    require_changeable(*index);
    require_array(codes, n, "codes");
    require_ids(ids, n);
    const new_entries entries{0, n, codes, ids, labels};
    index->codes.add({&entries, 1});
  });
}

lm_status lm_index_add_digests(lm_index *index, lm_hash hash, const uint8_t *digests, const int64_t *ids,
                               const char *const *labels, size_t n) {
  return guarded([&] {
    require_handle(index, "index");
    require_changeable(*index);
    require_digest(hash);
    require_array(digests, n, "digests");
    require_ids(ids, n);
    const new_entries entries{table_of(hash), n, digests, ids, labels};
    index->codes.add({&entries, 1});
  });
}

lm_status lm_index_add_list(lm_index *index, const lm_list *list) {
  return guarded([&] {
    require_handle(index, "index");
    require_changeable(*index);
    require_handle(list, "list");
    std::array<table_entries, 4> tables;
    std::int64_t without_id = 0;
    for (const std::size_t i : current_entries(list->entries)) {
      const lm_list_entry &entry = list->entries[i];
      require_same_kind(entry, i, index->codes.description());
      tables[table_of(entry.hash)].append(entry, entry.id >= 0 ? entry.id : -1 - without_id++);
    }
    std::vector<new_entries> groups;
    for (std::size_t t = 0; t < tables.size(); ++t) {
      const table_entries &entries = tables[t];
      groups.push_back({t, entries.ids.size(), entries.codes.data(), entries.ids.data(), entries.labels.data()});
    }
    index->codes.add(groups);
  });
}

lm_status lm_index_add_keypoints(lm_index *index, const int64_t *ids, const lm_keypoints *keypoints) {
  return guarded([&] {
    require_handle(index, "index");
    require_changeable(*index);
    require_handle(keypoints, "keypoints");
    require_array(ids, keypoints->sets.size(), "ids");
    std::vector<std::int64_t> given_ids;
    std::vector<keypoint_set> sets;
    for (std::size_t i = 0; i < keypoints->sets.size(); ++i) {
      if (ids[i] < -1) {
        fail(LM_ERROR_INVALID_ARGUMENT, "ids[", i, "] is ", ids[i], "; ids are 0 or more, or -1 to leave a set out");
      }
      if (ids[i] != -1 && !keypoints->sets[i].points.empty()) {
        given_ids.push_back(ids[i]);
        sets.push_back(keypoints->sets[i]);
      }
    }
    index->codes.add_keypoints(given_ids, sets);
  });
}

lm_status lm_index_remove(lm_index *index, const int64_t *ids, size_t n, int64_t *out_removed) {
  return guarded([&] {
    require_handle(index, "index");
    require_changeable(*index);
    require_array(ids, n, "ids");
    const std::int64_t removed = index->codes.remove({ids, n});
    if (out_removed != nullptr) {
      *out_removed = removed;
    }
  });
}

lm_status lm_index_view(const lm_index *index, lm_index_data *out_data) {
  return guarded([&] {
    require_handle(index, "index");
    require_handle(out_data, "out_data");
    const std::size_t size = view_size(out_data->struct_size, "out_data->struct_size");
    const std::shared_ptr<const index_snapshot> snapshot = index->state().snapshot;
    const index_description &description = index->codes.description();
    const auto live = [&](lm_hash hash) {
      return static_cast<std::int64_t>(snapshot->tables[table_of(hash)].live());
    };
    const lm_index_data data{size,
                             description.hash,
                             description.bits,
                             description.profile.c_str(),
                             description.library_version,
                             live(description.hash),
                             live(LM_HASH_MD5),
                             live(LM_HASH_SHA1),
                             live(LM_HASH_SHA256),
                             static_cast<std::int64_t>(memory_of(*snapshot)),
                             index->codes.mapped() || index->live != nullptr ? 1 : 0,
                             static_cast<std::int64_t>(layouts_of(*snapshot)),
                             static_cast<std::int64_t>(snapshot->keypoints.live()),
                             static_cast<std::int64_t>(snapshot->keypoints.live_points()),
                             snapshot->next_id};
    write_view(out_data, data);
  });
}

int64_t lm_index_size(const lm_index *index) {
  std::int64_t size = 0;
  // A live index whose folder cannot be read any more has no size; the next search says why.
  guarded(
      [&] { size = index != nullptr ? static_cast<std::int64_t>(index->state().snapshot->tables[0].live()) : 0; });
  return size;
}

const lm_matches_data *lm_matches_view(const lm_matches *matches) {
  return matches != nullptr ? &matches->data : nullptr;
}

lm_status lm_matches_label(const lm_matches *matches, size_t i, const char **out_label) {
  return guarded([&] {
    require_handle(matches, "matches");
    require_handle(out_label, "out_label");
    require(i < matches->result.ids.size(), "i", "no entry of these matches");
    const row_location &location = matches->result.locations[i];
    const index_table &table = matches->state.snapshot->tables[matches->table];
    *out_label = table.segments[location.segment].rows->label(location.row).data();
  });
}

void lm_matches_free(lm_matches *matches) { delete matches; }

lm_status lm_index_search_range(const lm_index *index, lm_context *context, const uint8_t *queries, size_t n,
                                uint32_t max_distance, const lm_progress *progress, lm_matches **out_matches) {
  return guarded([&] {
    require_handle(index, "index");
    require_handle(context, "context");
    require_handle(out_matches, "out_matches");
    const auto prepare = [&](const index_snapshot &snapshot) {
      index->codes.before_search(snapshot, *context->device, n, max_distance, *context->threads);
    };
    *out_matches =
        search_codes(*index, queries, n, progress, prepare,
                     [&](std::span<const segment_view> segments, const query_batch &batch, progress_meter &meter) {
                       return context->device->search_range(segments, batch, max_distance, *context->threads, meter);
                     });
  });
}

lm_status lm_index_search_knn(const lm_index *index, lm_context *context, const uint8_t *queries, size_t n,
                              uint32_t k, const lm_progress *progress, lm_matches **out_matches) {
  return guarded([&] {
    require_handle(index, "index");
    require_handle(context, "context");
    require_handle(out_matches, "out_matches");
    *out_matches = search_codes(
        *index, queries, n, progress, [](const index_snapshot & /*snapshot*/) {},
        [&](std::span<const segment_view> segments, const query_batch &batch, progress_meter &meter) {
          return context->device->search_knn(segments, batch, k, *context->threads, meter);
        });
  });
}

lm_status lm_index_find_digests(const lm_index *index, lm_hash hash, const uint8_t *digests, size_t n,
                                lm_matches **out_matches) {
  return guarded([&] {
    require_handle(index, "index");
    require_handle(out_matches, "out_matches");
    require_digest(hash);
    require_array(digests, n, "digests");
    index_state state = index->state();
    const std::size_t place = table_of(hash);
    const index_table &table = state.snapshot->tables[place];
    std::vector<std::uint64_t> row(table.words());
    search_result result;
    for (std::size_t i = 0; i < n; ++i) {
      pack_rows(digests + i * (table.bits / 8), 1, table.hash, table.bits, row.data());
      append_equal(table, row.data(), result);
    }
    *out_matches = to_matches(std::move(state), place, std::move(result));
  });
}

lm_status lm_index_set_layouts(lm_index *index, const lm_layout_options *options) {
  return guarded([&] {
    require_handle(index, "index");
    const lm_layout_options chosen = read_options(options, LM_LAYOUT_OPTIONS_INIT, "options");
    index->codes.set_policies({to_policy(chosen.planes, "options->planes"),
                               to_policy(chosen.buckets, "options->buckets"), chosen.max_memory_bytes});
  });
}

lm_status lm_index_prepare(lm_index *index, lm_context *context, const lm_progress *progress) {
  return guarded([&] {
    require_handle(index, "index");
    require_changeable(*index);
    require_handle(context, "context");
    index->codes.prepare(*context->threads, progress);
  });
}

lm_status lm_index_plan(const lm_index *index, lm_context *context, size_t n_queries, uint32_t max_distance,
                        lm_plan_data *out_plan) {
  return guarded([&] {
    require_handle(index, "index");
    require_handle(context, "context");
    require_handle(out_plan, "out_plan");
    lm_plan_data plan{view_size(out_plan->struct_size, "out_plan->struct_size"), "none", 0, 0, 0, 0};
    std::size_t largest = 0;
    const std::shared_ptr<const index_snapshot> snapshot = index->state().snapshot;
    const metric compared_by = describe(index->codes.description().hash)->compared_by;
    for (const segment_view &rows : snapshot->tables[0].views()) {
      const search_plan part = context->device->plan_range(
          {rows.size, rows.words, rows.planes.planes != nullptr, rows.buckets, n_queries, max_distance, compared_by});
      if (rows.size > largest) {
        largest = rows.size;
        plan.method = search_method_name(part.method);
      }
      plan.microseconds += part.nanoseconds / 1000;
      plan.codes += static_cast<std::int64_t>(rows.size);
      plan.planes_codes += rows.planes.planes != nullptr ? static_cast<std::int64_t>(rows.size) : 0;
      plan.buckets_codes += rows.buckets != nullptr ? static_cast<std::int64_t>(rows.size) : 0;
    }
    write_view(out_plan, plan);
  });
}

lm_status lm_index_save(const lm_index *index, const char *path, const lm_progress *progress) {
  return guarded([&] {
    require_handle(index, "index");
    require_handle(path, "path");
    write_index_file(path, index->codes.description(), *index->state().snapshot, progress);
  });
}

lm_status lm_index_load(lm_context *context, const char *path, const lm_progress *progress, lm_index **out_index) {
  return guarded([&] {
    require_handle(context, "context");
    require_handle(path, "path");
    require_handle(out_index, "out_index");
    stored_index stored = load_index_file(path, progress, context->threads.get());
    *out_index = new lm_index{code_index(std::move(stored.description), std::move(stored.snapshot), false)};
  });
}

lm_status lm_index_map(lm_context *context, const char *path, lm_index **out_index) {
  return guarded([&] {
    require_handle(context, "context");
    require_handle(path, "path");
    require_handle(out_index, "out_index");
    stored_index stored = map_index_file(path);
    *out_index = new lm_index{code_index(std::move(stored.description), std::move(stored.snapshot), true)};
  });
}

lm_status lm_index_verify(const char *path, const lm_progress *progress) {
  return guarded([&] {
    require_handle(path, "path");
    verify_index_file(path, progress);
  });
}
