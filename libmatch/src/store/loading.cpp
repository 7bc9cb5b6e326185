#include "store/loading.h"

#include "core/error.h"
#include "core/hashes.h"
#include "store/segment_file.h"

namespace libmatch::detail {

lm_hash hash_of_manifest(std::uint32_t number) {
  for (const hash_description &description : all_hashes()) {
    if (static_cast<std::uint32_t>(description.hash) == number) {
      return description.hash;
    }
  }
  return history_hash;
}

void add_segment(store_table &table, store_segment segment) {
  table.rows.segments.push_back(std::move(segment.entry));
  table.records.push_back(std::move(segment.records));
  table.files.push_back(segment.file);
}

store_table &table_for(store_snapshot &snapshot, lm_hash hash, std::uint32_t bits) {
  if (is_history(hash)) {
    return snapshot.history;
  }
  for (store_table &table : snapshot.tables) {
    if (table.rows.hash == hash && table.rows.bits == bits) {
      return table;
    }
  }
  snapshot.tables.push_back({});
  snapshot.tables.back().rows.hash = hash;
  snapshot.tables.back().rows.bits = bits;
  return snapshot.tables.back();
}

store_snapshot arrange_segments(const store_folder &folder, const manifest &content, const open_segments &open,
                                const removed_by_file &removed) {
  store_snapshot snapshot = store_state().snapshot();
  snapshot.version = content.version;
  snapshot.next_id = content.next_id;
  snapshot.lists = content.lists;
  for (const manifest_segment &segment : content.segments) {
    store_segment placed = open.at(segment.number);
    if (const auto rows = removed.find(segment.number); rows != removed.end()) {
      if (rows->second.bits->size() != (segment.rows + 63) / 64) {
        fail(LM_ERROR_FORMAT, file_path(folder.path, file_type::removed, content.removed_file), ": segment ",
             segment.number, " has ", segment.rows, " rows, but other bits");
      }
      placed.entry.removed = rows->second.bits;
      placed.entry.removed_count = rows->second.count;
    }
    add_segment(table_for(snapshot, hash_of_manifest(segment.hash), segment.bits), std::move(placed));
  }
  return snapshot;
}

removed_by_file read_removed_rows(const store_folder &folder, const manifest &content) {
  if (content.removed_file == 0) {
    return {};
  }
  return read_removed_file(*folder.files, file_path(folder.path, file_type::removed, content.removed_file),
                           content.removed_file, folder.identity);
}

store_snapshot load_segments(const store_folder &folder, const manifest &content, open_segments &open,
                             thread_pool *threads) {
  const removed_by_file removed = read_removed_rows(folder, content);
  open_segments kept;
  for (const manifest_segment &segment : content.segments) {
    if (const auto found = open.find(segment.number); found != open.end()) {
      kept.insert(*found);
      continue;
    }
    const std::string path = file_path(folder.path, file_type::segment, segment.number);
    const expected_segment expected{segment.number, hash_of_manifest(segment.hash), segment.bits, segment.rows};
    kept.emplace(segment.number, open_segment_file(*folder.files, path, folder.identity, expected, threads));
  }
  open = std::move(kept);
  return arrange_segments(folder, content, open, removed);
}

void apply_records(store_state &state, const std::string &log_path, const std::vector<log_record> &records) {
  change_counts ignored;
  for (const log_record &record : records) {
    state.apply(record.changes, log_path, record.offset, ignored);
    state.edit().version += record.transactions;
  }
}

}  // namespace libmatch::detail
