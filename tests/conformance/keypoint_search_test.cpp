// Searches of keypoint codes against their definitions, by every backend: all pairs within the distance, and,
// by tables, those of them whose names differ in one bit at most in some table.
#include "search/keypoint_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "backend/backend.h"
#include "distance/definition.h"
#include "distance/dispatch.h"
#include "search/keypoint_tables.h"
#include "support/backends.h"
#include "support/random_codes.h"
#include "support/reference_list.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

constexpr std::uint32_t words = keypoint_codes::words;

// Whether the tables lead from one code to the other.
bool found_by_tables(const keypoint_table_layout &tables, const std::uint64_t *a, const std::uint64_t *b) {
  for (std::uint32_t t = 0; t < tables.tables; ++t) {
    if (std::popcount(keypoint_bucket_of(tables, a, t) ^ keypoint_bucket_of(tables, b, t)) <= 1) {
      return true;
    }
  }
  return false;
}

using pair_list = std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t,
                                         std::uint32_t>>;  // set, segment, reference, points, distance

pair_list pairs_of(const keypoint_candidates &found) {
  pair_list pairs;
  for (const keypoint_candidate &candidate : found.candidates) {
    for (const keypoint_pair &pair : found.pairs_of(candidate)) {
      pairs.emplace_back(candidate.set, candidate.reference.segment, candidate.reference.row, pair.query_point,
                         pair.reference_point, pair.distance);
    }
  }
  return pairs;
}

// A list in two segments and two sets of queries that are near some of it.
class KeypointSearch : public testing::TestWithParam<std::string> {
 protected:
  KeypointSearch() {
    std::vector<std::uint64_t> all(large.codes);
    all.insert(all.end(), small.codes.begin(), small.codes.end());
    queries = planted_queries(all, words, starts.back(), 40, 9);
  }

  keypoint_candidates search(bool by_tables, const keypoint_search_options &options, unsigned n_threads = 2) const {
    thread_pool threads(n_threads);
    progress_meter progress(nullptr, 0);
    const std::vector<keypoint_codes> segments{large.view(by_tables), small.view(by_tables)};
    return device->search_keypoints(segments, {queries.data(), starts}, options, threads, progress);
  }

  // A pair of near codes: the query, the distance, and where the other is.
  struct near_code {
    std::uint32_t distance;
    std::uint32_t segment;
    std::uint32_t row;
    bool operator<(const near_code &other) const {
      return std::tie(distance, segment, row) < std::tie(other.distance, other.segment, other.row);
    }
  };

  const reference_list &list_of(std::uint32_t segment) const { return segment == 0 ? large : small; }

  // The nearest of a query, as many as count.
  std::vector<near_code> nearest(const std::uint64_t *query, bool by_tables,
                                 const keypoint_search_options &options) const {
    std::vector<near_code> near;
    for (std::uint32_t s = 0; s < 2; ++s) {
      const keypoint_codes view = list_of(s).view(true);
      for (std::uint32_t row = 0; row < view.size; ++row) {
        const std::uint32_t distance = hamming_distance(query, view.rows + row * words, words);
        if (distance <= options.max_distance && !view.is_removed(row) &&
            (!by_tables || found_by_tables(*view.tables, query, view.rows + row * words))) {
          near.push_back({distance, s, row});
        }
      }
    }
    std::sort(near.begin(), near.end());
    near.resize(std::min<std::size_t>(near.size(), options.max_pairs_of_code));
    return near;
  }

  pair_list definition(bool by_tables, const keypoint_search_options &options) const {
    pair_list pairs;
    for (std::uint32_t set = 0; set + 1 < starts.size(); ++set) {
      for (std::uint32_t q = starts[set]; q < starts[set + 1]; ++q) {
        for (const near_code &near : nearest(&queries[q * words], by_tables, options)) {
          const reference_list &list = list_of(near.segment);
          std::uint32_t r = 0;
          while (list.starts[r + 1] <= near.row) {
            ++r;
          }
          pairs.emplace_back(set, near.segment, r, q - starts[set], near.row - list.starts[r], near.distance);
        }
      }
    }
    std::sort(pairs.begin(), pairs.end());
    return with_points(pairs, options.least_points);
  }

  // Those pairs whose reference has so many different points on both sides.
  static pair_list with_points(const pair_list &pairs, std::size_t least) {
    using owner = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;
    const auto owner_of = [](const auto &p) { return owner(std::get<0>(p), std::get<1>(p), std::get<2>(p)); };
    std::map<owner, std::array<std::set<std::uint32_t>, 2>> points;
    for (const auto &pair : pairs) {
      points[owner_of(pair)][0].insert(std::get<3>(pair));
      points[owner_of(pair)][1].insert(std::get<4>(pair));
    }
    pair_list kept;
    for (const auto &pair : pairs) {
      const auto &sides = points[owner_of(pair)];
      if (sides[0].size() >= least && sides[1].size() >= least) {
        kept.push_back(pair);
      }
    }
    return kept;
  }

  const std::shared_ptr<const backend> device = open_any_backend(GetParam());
  const reference_list large{is_simulated(GetParam()) ? 500U : 1500U, 1};
  const reference_list small{40, 2};
  const std::vector<std::uint32_t> starts{0, 150, 150, 260};  // one set is empty
  std::vector<std::uint64_t> queries;
};

TEST_P(KeypointSearch, ExactIsTheDefinition) {
  for (const std::uint32_t least : {1U, 2U}) {
    keypoint_search_options options;
    options.least_points = least;
    const pair_list expected = definition(false, options);
    ASSERT_FALSE(expected.empty());
    EXPECT_EQ(pairs_of(search(false, options)), expected);
    options.method = keypoint_method::exact;
    EXPECT_EQ(pairs_of(search(true, options)), expected) << "tables that are not to be used";
  }
}

TEST_P(KeypointSearch, TablesAreTheirDefinition) {
  for (const std::uint32_t least : {1U, 2U}) {
    for (const std::uint32_t max_distance : {32U, 10U}) {
      keypoint_search_options options;
      options.least_points = least;
      options.max_distance = max_distance;
      const pair_list expected = definition(true, options);
      const pair_list found = pairs_of(search(true, options));
      EXPECT_EQ(found, expected);
      EXPECT_EQ(pairs_of(search(true, options, 1)), expected) << "one thread";
      ASSERT_TRUE(least == 2 || !expected.empty());
    }
  }
}

TEST_P(KeypointSearch, TablesFindASubsetAndAllThatIsNear) {
  keypoint_search_options options;
  options.least_points = 1;
  const pair_list exact = pairs_of(search(false, options));
  const pair_list found = pairs_of(search(true, options));
  EXPECT_TRUE(std::includes(exact.begin(), exact.end(), found.begin(), found.end()));
  // Two codes that differ in fewer bits than there are pairs of tables and bits left cannot be lost: with k tables,
  // 2k - 1 bits cannot spoil them all.
  for (const auto &pair : exact) {
    if (std::get<5>(pair) < 2 * large.tables.layout.tables) {
      EXPECT_TRUE(std::binary_search(found.begin(), found.end(), pair));
    }
  }
}

TEST_P(KeypointSearch, OfACodeThatIsNearManyTheNearestCount) {
  keypoint_search_options options;
  options.least_points = 1;
  options.max_distance = 120;  // half of all codes
  for (const std::uint32_t most : {1U, 3U, 64U}) {
    options.max_pairs_of_code = most;
    EXPECT_EQ(pairs_of(search(false, options)), definition(false, options));
    EXPECT_EQ(pairs_of(search(true, options)), definition(true, options));
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, KeypointSearch, testing::ValuesIn(all_backends()),
                         [](const auto &instance) { return name_in_tests(instance.param); });

TEST(KeypointSearchOfNothing, FindsNothing) {
  thread_pool threads(1);
  progress_meter progress(nullptr, 0);
  const search_environment environment{scalar_kernels, instruction_set::scalar, threads, progress};
  const reference_list list(3, 5);
  const keypoint_codes view = list.view(true);
  const std::vector<std::uint32_t> none{0};
  EXPECT_TRUE(search_keypoints({&view, 1}, {nullptr, none}, {}, environment).candidates.empty());
  EXPECT_TRUE(search_keypoints({&view, 1}, {nullptr, {}}, {}, environment).candidates.empty());
  const std::vector<std::uint32_t> all{0, 3};
  EXPECT_TRUE(search_keypoints({}, {list.codes.data(), all}, {}, environment).candidates.empty());
}

}  // namespace
