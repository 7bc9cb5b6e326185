// Keypoints of one index in the hands of several threads: every search is of some state between two changes.
// ThreadSanitizer runs these; without it they hold the answers.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "backend/backend.h"
#include "index/index.h"
#include "support/keypoint_sets.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

constexpr std::size_t references_each = 3;  // added by one change, all or none
constexpr std::int64_t changes = 40;

TEST(ConcurrentKeypoints, ASearchSeesWholeChanges) {
  code_index index({LM_HASH_PDQ256, 256, "", LM_VERSION});
  index.set_policies({layout_policy::automatic, layout_policy::automatic, 0, layout_policy::always});
  const auto device = open_backend("auto");
  // The references of one change are alike, and every search asks for those of all changes. Were all alike, their
  // buckets would be crowded and the tables would leave some out.
  const std::vector<keypoint_set> sets = random_keypoint_sets(changes, 1, 12, 1);
  std::vector<std::uint64_t> queries;
  for (const keypoint_set &set : sets) {
    queries.insert(queries.end(), set.codes.begin(), set.codes.end());
  }

  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      thread_pool threads(1);
      do {
        const auto snapshot = index.snapshot();
        index.before_keypoint_search(*snapshot, threads);
        progress_meter progress(nullptr, 0);
        const std::array<std::uint32_t, 2> starts{0, changes};
        keypoint_search_options options;
        options.least_points = 1;
        const keypoint_candidates found = device->search_keypoints(
            snapshot->keypoints.views(), {queries.data(), starts}, options, threads, progress);
        ASSERT_EQ(found.candidates.size(), snapshot->keypoints.live());
        ASSERT_EQ(found.candidates.size() % references_each, 0U);
        for (const keypoint_candidate &candidate : found.candidates) {
          ASSERT_EQ(snapshot->keypoints.segments[candidate.reference.segment]
                        .references->reference(candidate.reference.row)
                        .signature.size(),
                    12U);
        }
      } while (!done);
    });
  }
  for (std::int64_t change = 0; change < changes; ++change) {
    // All of one change under one id, which then goes with all of them.
    index.add_keypoints(std::array<std::int64_t, references_each>{change, change, change},
                        std::vector<keypoint_set>(references_each, sets[static_cast<std::size_t>(change)]));
    if (change % 3 == 2) {
      index.remove(std::array<std::int64_t, 1>{change - 1});
    }
  }
  done = true;
  for (std::thread &reader : readers) {
    reader.join();
  }
  EXPECT_EQ(index.snapshot()->keypoints.live(), references_each * (changes - changes / 3));
}

// The first to search makes the tables, the others wait for them.
TEST(ConcurrentKeypoints, TablesAreMadeOnce) {
  code_index index({LM_HASH_PDQ256, 256, "", LM_VERSION});
  index.set_policies({layout_policy::automatic, layout_policy::automatic, 0, layout_policy::always});
  std::vector<std::int64_t> ids(200);
  index.add_keypoints(ids, random_keypoint_sets(200, 20, 0, 1));
  const auto snapshot = index.snapshot();
  std::array<const keypoint_table_layout *, 4> seen{};
  std::vector<std::thread> searchers;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    searchers.emplace_back([&, i] {
      thread_pool threads(1);
      index.before_keypoint_search(*snapshot, threads);
      seen[i] = snapshot->keypoints.segments[0].view().tables;
    });
  }
  for (std::thread &searcher : searchers) {
    searcher.join();
  }
  for (const keypoint_table_layout *tables : seen) {
    EXPECT_NE(tables, nullptr);
    EXPECT_EQ(tables, seen[0]);
  }
}

}  // namespace
