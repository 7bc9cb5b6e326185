#include "index/index.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <unordered_set>
#include <utility>

#include "core/error.h"
#include "core/hashes.h"
#include "index/bit_order.h"
#include "index/index_keypoints.h"
#include "index/merge.h"
#include "index/segment_builder.h"

namespace libmatch::detail {

namespace {

bool is_digest_table(std::size_t table) { return table != 0; }

std::int64_t given_id(const new_entries &entries, std::size_t i) {
  return entries.ids != nullptr ? entries.ids[i] : -1 - static_cast<std::int64_t>(i);
}

// What the ids of one change resolve to.
struct id_range {
  std::int64_t first_new;  // stands for -1
  std::int64_t next;       // the snapshot's next_id after the change

  std::int64_t resolve(std::int64_t given) const noexcept { return given >= 0 ? given : first_new + (-1 - given); }
};

id_range plan_ids(std::span<const new_entries> groups, std::int64_t next_id) {
  constexpr std::int64_t largest_id = std::numeric_limits<std::int64_t>::max();
  std::int64_t largest = next_id - 1;
  std::int64_t wanted = 0;
  for (const new_entries &group : groups) {
    for (std::size_t i = 0; i < group.size; ++i) {
      const std::int64_t given = given_id(group, i);
      largest = std::max(largest, given);
      wanted = std::max(wanted, -given);
    }
  }
  if (wanted > largest_id - 1 - largest) {
    if (wanted > 0) {
      fail(LM_ERROR_INVALID_ARGUMENT, "ids: ", wanted, " are wanted after ", largest, ", which leaves too few");
    }
    return {largest_id, largest_id};
  }
  return {largest + 1, largest + 1 + wanted};
}

std::string_view checked_label(const new_entries &entries, std::size_t i) {
  if (entries.labels == nullptr || entries.labels[i] == nullptr) {
    return {};
  }
  const std::string_view label = entries.labels[i];
  if (!is_utf8(label)) {
    fail(LM_ERROR_INVALID_ARGUMENT, "labels[", i, "] is not UTF-8");
  }
  return label;
}

std::shared_ptr<const segment> build(const index_table &table, const new_entries &entries, const id_range &ids) {
  const std::uint32_t words = table.words();
  const std::size_t code_size = table.bits / 8;
  segment_builder builder(words, entries.size);
  std::vector<std::uint64_t> row(words);
  for (std::size_t i = 0; i < entries.size; ++i) {
    pack_rows(entries.codes + i * code_size, 1, table.hash, table.bits, row.data());
    builder.append(row.data(), ids.resolve(given_id(entries, i)), checked_label(entries, i));
  }
  return builder.finish(is_digest_table(entries.table));
}

// Keeps each segment more than twice as large as the next, so that n additions of one entry each copy O(n log n) rows
// and leave O(log n) segments.
void merge_tail(index_table &table, bool sorted) {
  std::vector<segment_entry> &segments = table.segments;
  std::size_t first = segments.size() - 1;
  std::size_t live = segments.back().live();
  while (first > 0 && segments[first - 1].live() <= 2 * live &&
         segments[first - 1].live() + live < max_segment_size) {
    --first;
    live += segments[first].live();
  }
  if (first + 1 < segments.size()) {
    segment_entry whole = merge_segments(std::span(segments).subspan(first), sorted);
    segments.resize(first);
    segments.push_back(std::move(whole));
  }
}

// The entry with the rows of these ids marked as removed.
segment_entry without(const segment_entry &entry, const std::unordered_set<std::int64_t> &ids) {
  const segment_view view = entry.view();
  std::shared_ptr<std::vector<std::uint64_t>> removed;
  segment_entry next = entry;
  for (std::size_t r = 0; r < view.size; ++r) {
    if (view.is_removed(r) || ids.count(view.ids[r]) == 0) {
      continue;
    }
    if (removed == nullptr) {
      removed = entry.removed ? std::make_shared<std::vector<std::uint64_t>>(*entry.removed)
                              : std::make_shared<std::vector<std::uint64_t>>((view.size + 63) / 64);
    }
    (*removed)[r >> 6] |= std::uint64_t{1} << (r & 63);
    ++next.removed_count;
  }
  if (removed != nullptr) {
    next.removed = std::move(removed);
    next.removed_identity = next_identity();
  }
  return next;
}

// The first row of a sorted segment that is not below the digest. In bounds whatever the content.
std::size_t lower_bound(const segment &rows, const std::uint64_t *digest) {
  std::size_t first = 0;
  std::size_t count = rows.size();
  while (count > 0) {
    const std::size_t half = count / 2;
    const std::uint64_t *row = rows.row(first + half);
    if (std::lexicographical_compare(row, row + rows.words(), digest, digest + rows.words())) {
      first += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return first;
}

}  // namespace

std::size_t table_of(lm_hash hash) noexcept {
  switch (hash) {
    case LM_HASH_MD5:
      return 1;
    case LM_HASH_SHA1:
      return 2;
    case LM_HASH_SHA256:
      return 3;
    default:
      return 0;
  }
}

index_snapshot empty_snapshot(const index_description &description) {
  index_snapshot snapshot;
  snapshot.tables[0].hash = description.hash;
  snapshot.tables[0].bits = description.bits;
  for (const lm_hash hash : {LM_HASH_MD5, LM_HASH_SHA1, LM_HASH_SHA256}) {
    index_table &table = snapshot.tables[table_of(hash)];
    table.hash = hash;
    table.bits = describe(hash)->bits;
  }
  return snapshot;
}

code_index::code_index(index_description description)
    : description_(std::move(description)),
      current_(std::make_shared<const index_snapshot>(empty_snapshot(description_))) {}

code_index::code_index(index_description description, index_snapshot snapshot, bool mapped)
    : description_(std::move(description)),
      mapped_(mapped),
      current_(std::make_shared<const index_snapshot>(std::move(snapshot))) {}

std::shared_ptr<const index_snapshot> code_index::snapshot() const {
  const std::lock_guard lock(publishing_);
  return current_;
}

void code_index::publish(index_snapshot next) {
  auto made = std::make_shared<index_snapshot>(std::move(next));
  std::shared_ptr<const index_snapshot> pointer = made;
  const std::lock_guard lock(publishing_);
  made->tables[0].device_buckets = policies_.buckets;  // which may have changed meanwhile
  current_.swap(pointer);
}

void code_index::add(std::span<const new_entries> groups) {
  const std::lock_guard lock(writer_);
  index_snapshot next = *snapshot();
  const id_range ids = plan_ids(groups, next.next_id);
  next.next_id = ids.next;
  for (const new_entries &group : groups) {
    if (group.size == 0) {
      continue;
    }
    if (group.size > max_segment_size) {
      fail(LM_ERROR_INVALID_ARGUMENT, "n: at most ", max_segment_size, " entries at once");
    }
    index_table &table = next.tables[group.table];
    table.segments.push_back({build(table, group, ids), nullptr, 0});
    merge_tail(table, is_digest_table(group.table));
  }
  publish(std::move(next));
}

std::int64_t code_index::remove(std::span<const std::int64_t> ids) {
  const std::unordered_set<std::int64_t> wanted(ids.begin(), ids.end());
  const std::lock_guard lock(writer_);
  index_snapshot next = *snapshot();
  std::size_t before = 0;
  std::size_t after = 0;
  for (index_table &table : next.tables) {
    before += table.live();
    for (segment_entry &entry : table.segments) {
      entry = without(entry, wanted);
    }
    std::erase_if(table.segments, [](const segment_entry &entry) { return entry.live() == 0; });
    after += table.live();
  }
  remove_keypoints(next.keypoints, wanted);
  publish(std::move(next));
  return static_cast<std::int64_t>(before - after);
}

std::vector<row_location> find_equal(const index_table &table, const std::uint64_t *digest) {
  std::vector<row_location> found;
  for (std::size_t s = 0; s < table.segments.size(); ++s) {
    const segment_entry &entry = table.segments[s];
    const segment_view view = entry.view();
    for (std::size_t r = lower_bound(*entry.rows, digest);
         r < view.size && std::equal(digest, digest + view.words, entry.rows->row(r)); ++r) {
      if (!view.is_removed(r)) {
        found.push_back({static_cast<std::uint32_t>(s), static_cast<std::uint32_t>(r)});
      }
    }
  }
  return found;
}

}  // namespace libmatch::detail
