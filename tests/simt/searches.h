// Lists for searches on the executor, and what the CPU and the device answer.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/parallel.h"
#include "core/progress.h"
#include "core/segment.h"
#include "cuda/backend_table.h"
#include "search/ordering.h"
#include "simt/executor.h"
#include "support/random_codes.h"

namespace libmatch::test {

// Segments with removed rows, with ids that repeat and are in no order, and with equal rows: ties in distance.
struct row_list {
  row_list(const std::vector<std::size_t> &sizes, std::uint32_t width, std::uint64_t seed) : words(width) {
    random_source random(seed);
    for (const std::size_t size : sizes) {
      rows.push_back(random_rows(size, words, random.next()));
      ids.emplace_back();
      removed.emplace_back((size + 63) / 64);
      for (std::size_t r = 0; r < size; ++r) {
        ids.back().push_back(static_cast<std::int64_t>(random.below(size)));
        if (random.below(10) == 0) {
          removed.back()[r / 64] |= std::uint64_t{1} << (r % 64);
        }
      }
      for (std::size_t r = 1; r < size; r += 7) {
        std::copy_n(&rows.back()[(r - 1) * words], words, &rows.back()[r * words]);
      }
    }
  }

  // Without identity: uploaded for each call.
  std::vector<detail::segment_view> views() const {
    std::vector<detail::segment_view> all;
    for (std::size_t s = 0; s < rows.size(); ++s) {
      all.push_back({rows[s].data(), ids[s].data(), removed[s].data(), ids[s].size(), words});
    }
    return all;
  }

  std::vector<cuda::table_segment> table_segments() const {
    std::vector<cuda::table_segment> all;
    for (std::size_t s = 0; s < rows.size(); ++s) {
      all.push_back({0, 0, rows[s].data(), ids[s].data(), removed[s].data(), 0, ids[s].size(), words, 0, nullptr});
    }
    return all;
  }

  std::uint32_t words;
  std::vector<std::vector<std::uint64_t>> rows;
  std::vector<std::vector<std::int64_t>> ids;
  std::vector<std::vector<std::uint64_t>> removed;
};

// A list and queries as the table is asked with them.
class table_question {
 public:
  table_question(const row_list &list, const std::vector<std::uint64_t> &queries)
      : list_(list), queries_(queries), segments_(list.table_segments()) {}

  cuda::search_request request() const {
    return {segments_.data(), segments_.size(), {queries_.data(), size(), list_.words, 0}, {}};
  }
  detail::query_batch batch(detail::metric by = detail::metric::hamming) const {
    return {queries_.data(), size(), list_.words, by};
  }
  std::size_t size() const { return queries_.size() / list_.words; }

 private:
  const row_list &list_;
  const std::vector<std::uint64_t> &queries_;
  std::vector<cuda::table_segment> segments_;
};

// Hits of the table as a search result; keep: how many of each query.
inline detail::search_result result_of(const row_list &list, std::span<const cuda::table_hit> hits,
                                       std::size_t n_queries,
                                       std::size_t keep = std::numeric_limits<std::size_t>::max()) {
  std::vector<std::vector<detail::search_hit>> all(1);
  for (const cuda::table_hit &hit : hits) {
    all[0].push_back({list.ids[hit.segment][hit.row], hit.query, hit.distance, {hit.segment, hit.row}});
  }
  detail::thread_pool threads(1);
  return detail::order_hits(all, n_queries, keep, threads);
}

inline void expect_equal(const detail::search_result &a, const detail::search_result &b) {
  ASSERT_EQ(a.offsets, b.offsets);
  EXPECT_EQ(a.ids, b.ids);
  EXPECT_EQ(a.distances, b.distances);
  for (std::size_t i = 0; i < a.locations.size(); ++i) {
    ASSERT_EQ(a.locations[i].segment, b.locations[i].segment) << i;
    ASSERT_EQ(a.locations[i].row, b.locations[i].row) << i;
  }
}

// Memory runs out at every allocation in turn: `search` says so each time, leaves nothing behind, and succeeds once
// enough are granted. It returns false where memory was short.
template <typename Search>
void expect_it_bears_short_memory(const Search &search) {
  const std::size_t held = simt::allocations_held();
  std::size_t short_of = 0;
  for (std::size_t n = 1;; ++n) {
    ASSERT_LT(n, 500U) << "it asks for ever more";
    simt::fail_allocation(n);
    const bool done = search();
    simt::fail_allocation(0);
    EXPECT_EQ(simt::allocations_held(), held) << "allocation " << n;
    if (done) {
      break;
    }
    ++short_of;
  }
  EXPECT_GT(short_of, 3U);
}

}  // namespace libmatch::test
