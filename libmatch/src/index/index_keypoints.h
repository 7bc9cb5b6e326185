// What the changes of an index do to its keypoints.
#pragma once

#include <cstdint>
#include <unordered_set>

#include "core/parallel.h"
#include "index/index.h"

namespace libmatch::detail {

// Marks the references of these ids as removed.
void remove_keypoints(keypoint_table &table, const std::unordered_set<std::int64_t> &ids);

// Puts all references side by side, without those removed, if they fit one segment.
void merge_all_keypoints(keypoint_table &table);

// Makes the tables that the policies ask for, within their budget of memory.
void make_keypoint_tables(const index_snapshot &snapshot, const layout_policies &policies, thread_pool &threads);

}  // namespace libmatch::detail
