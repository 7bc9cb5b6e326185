// Searches on the executor: how the table is asked, and what the processor answers.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "backend/cpu.h"
#include "core/error.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/segment.h"
#include "cuda/backend_table.h"
#include "search/ordering.h"
#include "simt/executor.h"
#include "simt/schedules.h"
#include "support/random_codes.h"
#include "support/row_list.h"

namespace libmatch::test {

inline std::vector<cuda::table_segment> table_segments(const row_list &list) {
  std::vector<cuda::table_segment> all;
  for (const detail::segment_view &view : list.views()) {
    all.push_back({0, 0, view.rows, view.ids, view.removed, 0, view.size, list.words, LM_LAYOUT_AUTOMATIC, nullptr});
  }
  return all;
}

// A list and queries as the table is asked with them.
class table_question {
 public:
  table_question(const row_list &list, const std::vector<std::uint64_t> &queries)
      : list_(list), queries_(queries), segments_(table_segments(list)) {}

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

// What the processor answers: the rows within the distance, and the k nearest.
inline detail::search_result range_by_cpu(const row_list &list, const table_question &question,
                                          std::uint32_t max_distance, detail::metric by = detail::metric::hamming) {
  detail::thread_pool threads(1);
  detail::progress_meter progress(nullptr, 0);
  return detail::make_cpu_backend(detail::instruction_set::scalar)
      ->search_range(list.views(), question.batch(by), max_distance, threads, progress);
}

inline detail::search_result nearest_by_cpu(const row_list &list, const table_question &question, std::size_t k,
                                            detail::metric by = detail::metric::hamming) {
  detail::thread_pool threads(1);
  detail::progress_meter progress(nullptr, 0);
  return detail::make_cpu_backend(detail::instruction_set::scalar)
      ->search_knn(list.views(), question.batch(by), k, threads, progress);
}

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

// Memory runs out at every allocation in turn: `search` throws that it does, leaves nothing behind, and comes to its
// end once enough are granted.
template <typename Search>
void expect_it_bears_short_memory(const Search &search) {
  const std::size_t held = simt::allocations_held();
  std::size_t short_of = 0;
  for (bool done = false; !done;) {
    ASSERT_LT(short_of, 500U) << "it asks for ever more";
    simt::fail_allocation(short_of + 1);
    try {
      search();
      done = true;
    } catch (const detail::error &failure) {
      EXPECT_EQ(failure.status(), LM_ERROR_OUT_OF_MEMORY) << failure.what();
      ++short_of;
    }
    simt::fail_allocation(0);
    EXPECT_EQ(simt::allocations_held(), held) << "allocation " << short_of;
  }
  EXPECT_GT(short_of, 3U);
}

}  // namespace libmatch::test
