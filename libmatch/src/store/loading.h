// From a folder to a state.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/parallel.h"
#include "store/log_file.h"
#include "store/manifest.h"
#include "store/removed_file.h"
#include "store/segment_draft.h"
#include "store/snapshot.h"
#include "store/state.h"

namespace libmatch::detail {

// Where a store is.
struct store_folder {
  std::shared_ptr<file_system> files;
  std::string path;
  store_identity identity;
};

// Segments that are open, by the number of their file; nothing of them is removed. Those that a manifest does not
// name are let go.
using open_segments = std::map<std::uint64_t, store_segment>;

// What is removed of the segments of a manifest.
removed_by_file read_removed_rows(const store_folder &folder, const manifest &content);

// The state at the beginning of a manifest's log.
store_snapshot load_segments(const store_folder &folder, const manifest &content, open_segments &open,
                             thread_pool *threads);

// The same of segments that are all open.
store_snapshot arrange_segments(const store_folder &folder, const manifest &content, const open_segments &open,
                                const removed_by_file &removed);

// Brings what a search reads of a segment, if it is mapped, into the tables of this process, its pages if need be
// from the disk: so that no search waits for them. goes_on is asked after each megabyte; ends when it says no.
void touch_searched_pages(const store_segment &segment, const std::function<bool()> &goes_on);

// Applies records of a log.
void apply_records(store_state &state, const std::string &log_path, const std::vector<log_record> &records);

void add_segment(store_table &table, store_segment segment);
// The table of a kind, or the history; made where there is none.
store_table &table_for(store_snapshot &snapshot, lm_hash hash, std::uint32_t bits);

lm_hash hash_of_manifest(std::uint32_t number);

}  // namespace libmatch::detail
