#include "store/loading.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

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

namespace {

template <typename Element>
std::span<const std::uint8_t> bytes_of(const Element *elements, std::size_t n) {
  return {reinterpret_cast<const std::uint8_t *>(elements), elements == nullptr ? 0 : n * sizeof(Element)};
}

// The thread meets each missing page by itself, which keeps the map of the process unlocked, unlike a system call for
// all of them (see make_pages in block_file.cpp).
bool touch(std::span<const std::uint8_t> bytes, const std::function<bool()> &goes_on) {
  constexpr std::size_t piece = std::size_t{1} << 20;
  const volatile std::uint8_t *touched = bytes.data();
  for (std::size_t begin = 0; begin < bytes.size(); begin += piece) {
    const std::size_t end = std::min(begin + piece, bytes.size());
    for (std::size_t place = begin; place < end; place += page_bytes) {
      static_cast<void>(touched[place]);
    }
    static_cast<void>(touched[end - 1]);
    if (!goes_on()) {
      return false;
    }
  }
  return true;
}

}  // namespace

void touch_searched_pages(const store_segment &segment, const std::function<bool()> &goes_on) {
  if (segment.records->mapped.empty()) {
    return;  // in memory, with all its pages
  }
  const segment_view view = segment.entry.view();
  std::vector<std::span<const std::uint8_t>> arrays = {bytes_of(view.rows, view.size * view.words),
                                                       bytes_of(view.ids, view.size),
                                                       bytes_of(view.planes.planes, plane_layout::words(view.size))};
  if (const bucket_layout *buckets = view.buckets; buckets != nullptr) {
    arrays.push_back(bytes_of(buckets->starts, buckets->tables * buckets->starts_of_table()));
    arrays.push_back(bytes_of(buckets->words, buckets->tables * buckets->words_of_table()));
    arrays.push_back(bytes_of(buckets->rows, buckets->tables * buckets->rows_of_table()));
  }
  static_cast<void>(std::all_of(arrays.begin(), arrays.end(), [&](auto bytes) { return touch(bytes, goes_on); }));
}

void apply_records(store_state &state, const std::string &log_path, const std::vector<log_record> &records) {
  change_counts ignored;
  for (const log_record &record : records) {
    state.apply(record.changes, log_path, record.offset, ignored);
    state.edit().version += record.transactions;
  }
}

}  // namespace libmatch::detail
