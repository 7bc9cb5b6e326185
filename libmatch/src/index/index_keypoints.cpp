// code_index: keypoints.
#include <algorithm>
#include <limits>
#include <new>
#include <unordered_set>

#include "core/error.h"
#include "index/index.h"
#include "index/index_keypoints.h"
#include "index/layout_budget.h"

namespace libmatch::detail {

namespace {

// Rows of the tables have 32 bits, and one place behind the last must fit too.
constexpr std::size_t max_segment_points = std::numeric_limits<std::uint32_t>::max() - 1;

template <typename... Parts>
[[noreturn]] void refuse(std::size_t i, const Parts &...parts) {
  fail(LM_ERROR_INVALID_ARGUMENT, "sets[", i, "]: ", parts...);
}

void check_set(const keypoint_set &set, std::size_t i, std::size_t signature_bytes) {
  const std::size_t points = set.points.size();
  if (points > max_points_of_set) {
    refuse(i, points, " points are more than the ", max_points_of_set, " there can be");
  }
  if (set.codes.size() != points * keypoint_code_words) {
    refuse(i, set.codes.size(), " words of codes do not fit ", points, " points");
  }
  if (set.width == 0 || set.height == 0 || set.width > max_plane_side || set.height > max_plane_side) {
    refuse(i, "a plane of ", set.width, " x ", set.height, " pixels has no side of 1 to ", max_plane_side);
  }
  if (set.signature.size() != signature_bytes) {
    refuse(i, "a signature of ", set.signature.size(), " bytes where the others have ", signature_bytes);
  }
  if (signature_bytes > max_signature_bytes) {
    refuse(i, "a signature of ", signature_bytes, " bytes is longer than ", max_signature_bytes);
  }
}

// Keeps each segment more than twice as large as the next, as the codes are kept.
void merge_tail(std::vector<keypoint_entry> &segments) {
  std::size_t first = segments.size() - 1;
  std::size_t points = segments.back().live_points();
  while (first > 0 && segments[first - 1].live_points() <= 2 * points &&
         segments[first - 1].live_points() + points <= max_segment_points) {
    --first;
    points += segments[first].live_points();
  }
  if (first + 1 < segments.size()) {
    keypoint_entry whole = merge_keypoints(std::span(segments).subspan(first));
    segments.resize(first);
    segments.push_back(std::move(whole));
  }
}

std::shared_ptr<std::vector<std::uint64_t>> copy_of(const std::shared_ptr<const std::vector<std::uint64_t>> &bits,
                                                    std::size_t size) {
  return bits ? std::make_shared<std::vector<std::uint64_t>>(*bits)
              : std::make_shared<std::vector<std::uint64_t>>((size + 63) / 64);
}

// The entry with the references of these ids marked as removed.
keypoint_entry without(const keypoint_entry &entry, const std::unordered_set<std::int64_t> &ids) {
  const keypoint_segment &references = *entry.references;
  std::shared_ptr<std::vector<std::uint64_t>> removed;
  std::shared_ptr<std::vector<std::uint64_t>> removed_points;
  keypoint_entry next = entry;
  for (std::size_t r = 0; r < references.size(); ++r) {
    if (entry.is_removed(r) || ids.count(references.data().ids[r]) == 0) {
      continue;
    }
    if (removed == nullptr) {
      removed = copy_of(entry.removed, references.size());
      removed_points = copy_of(entry.removed_points, references.points());
    }
    (*removed)[r >> 6] |= std::uint64_t{1} << (r & 63);
    ++next.removed_count;
    const std::size_t first = std::min<std::size_t>(references.data().starts[r], references.points());
    for (std::size_t p = first; p < first + references.reference(r).points.size(); ++p) {
      // References of a mapped file that nobody verified may share points.
      std::uint64_t &bits = (*removed_points)[p >> 6];
      const std::uint64_t bit = std::uint64_t{1} << (p & 63);
      next.removed_point_count += (bits & bit) == 0 ? 1 : 0;
      bits |= bit;
    }
  }
  if (removed != nullptr) {
    next.removed = std::move(removed);
    next.removed_points = std::move(removed_points);
    next.removed_identity = next_identity();
  }
  return next;
}

}  // namespace

void remove_keypoints(keypoint_table &table, const std::unordered_set<std::int64_t> &ids) {
  for (keypoint_entry &entry : table.segments) {
    entry = without(entry, ids);
  }
  std::erase_if(table.segments, [](const keypoint_entry &entry) { return entry.live() == 0; });
}

void merge_all_keypoints(keypoint_table &table) {
  const bool whole = table.segments.size() == 1 && table.segments[0].removed_count == 0;
  if (!whole && table.live() > 0 && table.live_points() <= max_segment_points) {
    keypoint_entry merged = merge_keypoints(table.segments);
    table.segments.clear();
    table.segments.push_back(std::move(merged));
  }
}

void code_index::add_keypoints(std::span<const std::int64_t> ids, std::span<const keypoint_set> sets) {
  if (ids.size() != sets.size()) {
    fail(LM_ERROR_INVALID_ARGUMENT, "ids: ", ids.size(), " for ", sets.size(), " sets of keypoints");
  }
  const std::lock_guard lock(writer_);
  index_snapshot next = *snapshot();
  const auto with_points =
      std::find_if(sets.begin(), sets.end(), [](const keypoint_set &s) { return !s.points.empty(); });
  if (with_points == sets.end() && std::all_of(ids.begin(), ids.end(), [](std::int64_t id) { return id >= 0; })) {
    return;
  }
  std::size_t signature_bytes = next.keypoints.signature_bytes();
  if (next.keypoints.segments.empty() && with_points != sets.end()) {
    signature_bytes = with_points->signature.size();
  }
  std::size_t points = 0;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (ids[i] < 0) {
      fail(LM_ERROR_INVALID_ARGUMENT, "ids[", i, "] is ", ids[i], ": keypoints go to an id that is known");
    }
    if (!sets[i].points.empty()) {
      check_set(sets[i], i, signature_bytes);
      points += sets[i].points.size();
    }
  }
  if (points > max_segment_points) {
    fail(LM_ERROR_INVALID_ARGUMENT, "sets: at most ", max_segment_points, " points at once");
  }
  keypoint_builder builder(signature_bytes, sets.size(), points);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const keypoint_set &set = sets[i];
    if (!set.points.empty()) {
      builder.append({ids[i], {set.width, set.height}, set.points, set.codes, set.signature});
      constexpr std::int64_t largest_id = std::numeric_limits<std::int64_t>::max();
      next.next_id = std::max(next.next_id, ids[i] == largest_id ? largest_id : ids[i] + 1);
    }
  }
  next.keypoints.segments.push_back({builder.finish(), nullptr, nullptr, 0, 0});
  merge_tail(next.keypoints.segments);
  publish(std::move(next));
}

void make_keypoint_tables(const index_snapshot &snapshot, const layout_policies &policies, thread_pool &threads) {
  if (policies.keypoint_tables == layout_policy::never) {
    return;
  }
  for (const keypoint_entry &entry : snapshot.keypoints.segments) {
    const keypoint_codes codes = entry.references->view();
    const bool wanted = policies.keypoint_tables == layout_policy::always || keypoint_tables_pay(codes.size);
    const layout_budget left(snapshot, policies.max_bytes);
    if (codes.tables == nullptr && wanted && left.allows(keypoint_table_bytes(plan_keypoint_tables(codes.size)))) {
      entry.references->tables().make(codes, threads);
    }
  }
}

void code_index::before_keypoint_search(const index_snapshot &snapshot, thread_pool &threads) const {
  try {
    make_keypoint_tables(snapshot, policies(), threads);
  } catch (const std::bad_alloc &) {
    // The search compares every code instead.
  }
}

}  // namespace libmatch::detail
