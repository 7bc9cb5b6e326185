// References with keypoints in an index: added, removed, merged, and what a snapshot keeps.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <limits>
#include <vector>

#include "backend/backend.h"
#include "index/index.h"
#include "support/index_file_support.h"
#include "support/keypoint_sets.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

class IndexKeypoints : public testing::Test {
 protected:
  // References first_id, first_id + 1, ...
  void add_sets(std::int64_t first_id, const std::vector<keypoint_set> &sets) {
    std::vector<std::int64_t> ids(sets.size());
    for (std::size_t i = 0; i < sets.size(); ++i) {
      ids[i] = first_id + static_cast<std::int64_t>(i);
    }
    index.add_keypoints(ids, sets);
    for (std::size_t i = 0; i < sets.size(); ++i) {
      expected.push_back(held(ids[i], sets[i]));
    }
  }
  void remove(std::int64_t id) {
    index.remove(std::array{id});
    std::erase_if(expected, [&](const held_keypoints &reference) { return reference.id == id; });
  }
  std::string refusal(const std::vector<std::int64_t> &ids, const std::vector<keypoint_set> &sets) {
    try {
      index.add_keypoints(ids, sets);
    } catch (const error &failure) {
      EXPECT_EQ(failure.status(), LM_ERROR_INVALID_ARGUMENT);
      return failure.what();
    }
    return "";
  }

  code_index index{{LM_HASH_PDQ256, 256, "", LM_VERSION}};
  std::vector<held_keypoints> expected;
};

TEST_F(IndexKeypoints, AreKeptAsGivenThroughMergesAndRemovals) {
  // Many small additions, so that segments are merged, with some removed before.
  for (std::int64_t i = 0; i < 40; ++i) {
    add_sets(10 * i, random_keypoint_sets(1 + static_cast<std::size_t>(i % 3), 9, 16, static_cast<std::uint64_t>(i)));
    if (i % 4 == 3) {
      remove(10 * (i - 2));
      remove(10 * i);
    }
    ASSERT_EQ(keypoints_of(*index.snapshot()), expected);
  }
  EXPECT_LE(index.snapshot()->keypoints.segments.size(), 8U);
  EXPECT_EQ(index.snapshot()->keypoints.live(), expected.size());
  thread_pool threads(2);
  index.prepare(threads, nullptr);
  EXPECT_EQ(index.snapshot()->keypoints.segments.size(), 1U);
  EXPECT_EQ(keypoints_of(*index.snapshot()), expected);
}

TEST_F(IndexKeypoints, GoWithTheirIdAndSnapshotsStay) {
  add(index, generated_entries(1, 0, 256, 3, 5, false));
  add_sets(5, random_keypoint_sets(3, 4, 0, 1));
  index.add_keypoints(std::array<std::int64_t, 1>{6}, random_keypoint_sets(1, 4, 0, 2));  // a second image of 6
  const auto before = index.snapshot();
  EXPECT_EQ(index.remove(std::array<std::int64_t, 1>{6}), 1) << "codes count, keypoints go with them";
  EXPECT_EQ(before->keypoints.live(), 4U);
  EXPECT_EQ(index.snapshot()->keypoints.live(), 2U);
  EXPECT_EQ(index.snapshot()->tables[0].live(), 2U);
  index.remove(std::array<std::int64_t, 2>{5, 7});
  EXPECT_TRUE(index.snapshot()->keypoints.segments.empty());
}

TEST_F(IndexKeypoints, SetsWithoutPointsAreLeftOut) {
  std::vector<keypoint_set> sets = random_keypoint_sets(3, 4, 8, 1);
  sets[1] = {};
  index.add_keypoints(std::array<std::int64_t, 3>{1, 2, 3}, sets);
  EXPECT_EQ(keypoints_of(*index.snapshot()), (std::vector<held_keypoints>{held(1, sets[0]), held(3, sets[2])}));
  EXPECT_EQ(index.snapshot()->next_id, 4);
  index.add_keypoints(std::array<std::int64_t, 1>{9}, std::array<keypoint_set, 1>{});
  EXPECT_EQ(index.snapshot()->keypoints.live(), 2U);
}

TEST_F(IndexKeypoints, AreAddedAllOrNone) {
  add_sets(0, random_keypoint_sets(2, 4, 8, 1));
  const std::vector<keypoint_set> good = random_keypoint_sets(2, 4, 8, 2);
  const auto with = [&](const std::function<void(keypoint_set &)> &change) {
    std::vector<keypoint_set> sets = good;
    change(sets[1]);
    return sets;
  };
  EXPECT_EQ(refusal({1}, good), "ids: 1 for 2 sets of keypoints");
  EXPECT_EQ(refusal({1, -2}, good), "ids[1] is -2: keypoints go to an id that is known");
  EXPECT_EQ(refusal({1, 2}, with([](keypoint_set &set) { set.signature.pop_back(); })),
            "sets[1]: a signature of 7 bytes where the others have 8");
  EXPECT_EQ(refusal({1, 2}, with([](keypoint_set &set) {
                      set.codes.assign(3, 0);
                      set.points.resize(1);
                    })),
            "sets[1]: 3 words of codes do not fit 1 points");
  EXPECT_EQ(refusal({1, 2}, with([](keypoint_set &set) {
                      set.width = 0;
                      set.height = 9;
                    })),
            "sets[1]: a plane of 0 x 9 pixels has no side of 1 to 4096");
  EXPECT_EQ(refusal({1, 2}, with([](keypoint_set &set) { set.points.resize(65536); })),
            "sets[1]: 65536 points are more than the 65535 there can be");
  EXPECT_EQ(keypoints_of(*index.snapshot()), expected);
  EXPECT_EQ(index.snapshot()->next_id, 2);
}

TEST_F(IndexKeypoints, TheLargestIdCanBeHeld) {
  constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  add_sets(largest, random_keypoint_sets(1, 4, 0, 1));
  EXPECT_EQ(index.snapshot()->next_id, largest);
}

TEST_F(IndexKeypoints, TakeTheMemoryThatIsSaid) {
  random_source random(1);
  std::vector<keypoint_set> sets;
  for (int i = 0; i < 350; ++i) {
    sets.push_back(random_keypoint_set(200, 1536, random));
  }
  add_sets(0, sets);
  const std::size_t without_tables = index.snapshot()->keypoints.memory_bytes();
  EXPECT_LE(without_tables, 350U * 10'000U);
  EXPECT_EQ(index.snapshot()->keypoints.layout_bytes(), 0U);
  thread_pool threads(2);
  index.before_keypoint_search(*index.snapshot(), threads);
  const std::size_t of_tables = index.snapshot()->keypoints.layout_bytes();
  EXPECT_GT(of_tables, 0U);
  EXPECT_LE(of_tables, 350U * 7'000U);
  EXPECT_EQ(index.snapshot()->keypoints.memory_bytes(), without_tables + of_tables);
}

TEST_F(IndexKeypoints, TablesAreMadeWherePoliciesAllowThem) {
  thread_pool threads(1);
  const auto has_tables = [&] {
    index.before_keypoint_search(*index.snapshot(), threads);
    return index.snapshot()->keypoints.segments[0].view().tables != nullptr;
  };
  add_sets(0, random_keypoint_sets(20, 30, 0, 1));
  EXPECT_FALSE(has_tables()) << "a short list";
  index.set_policies({layout_policy::automatic, layout_policy::automatic, 1000, layout_policy::always});
  EXPECT_FALSE(has_tables()) << "more than the memory there is";
  index.set_policies({layout_policy::automatic, layout_policy::automatic, 0, layout_policy::never});
  EXPECT_FALSE(has_tables());
  index.set_policies({layout_policy::automatic, layout_policy::automatic, 0, layout_policy::always});
  EXPECT_TRUE(has_tables());
}

// Through the backend, as a match does: a reference is found by its own codes, and no longer once it is removed.
TEST_F(IndexKeypoints, AreFoundByTheirCodes) {
  const std::vector<keypoint_set> sets = random_keypoint_sets(30, 9, 0, 3);
  add_sets(100, sets);
  const auto device = open_backend("auto");
  thread_pool threads(2);
  const auto found = [&](std::size_t i) {
    const auto snapshot = index.snapshot();
    progress_meter progress(nullptr, 0);
    const std::array<std::uint32_t, 2> starts{0, static_cast<std::uint32_t>(sets[i].points.size())};
    keypoint_search_options options;
    options.least_points = starts[1];
    const keypoint_candidates candidates = device->search_keypoints(
        snapshot->keypoints.views(), {sets[i].codes.data(), starts}, options, threads, progress);
    std::vector<std::int64_t> ids;
    for (const keypoint_candidate &candidate : candidates.candidates) {
      ids.push_back(snapshot->keypoints.segments[candidate.reference.segment]
                        .references->reference(candidate.reference.row)
                        .id);
    }
    return ids;
  };
  for (const layout_policy policy : {layout_policy::never, layout_policy::always}) {
    index.set_policies({layout_policy::automatic, layout_policy::automatic, 0, policy});
    index.before_keypoint_search(*index.snapshot(), threads);
    EXPECT_EQ(found(7), std::vector<std::int64_t>{107});
  }
  index.remove(std::array<std::int64_t, 1>{107});
  EXPECT_TRUE(found(7).empty());
  EXPECT_EQ(found(8), std::vector<std::int64_t>{108});
}

}  // namespace
