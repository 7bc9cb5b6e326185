// Searches of keypoint codes against their definitions, on every instruction set: all pairs within the distance, and,
// by tables, those of them whose names differ in one bit at most in some table.
#include "search/keypoint_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <string>
#include <tuple>
#include <vector>

#include "distance/definition.h"
#include "distance/dispatch.h"
#include "search/keypoint_tables.h"
#include "support/instruction_sets.h"
#include "support/random_codes.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

constexpr std::uint32_t words = keypoint_codes::words;

// References with 1 to 7 points, every third code a near copy of an earlier one; some references are removed.
struct reference_list {
  std::vector<std::uint64_t> codes;
  std::vector<std::uint32_t> starts{0};
  std::vector<std::uint64_t> removed;
  owned_keypoint_tables tables;

  reference_list(std::size_t references, std::uint64_t seed) : removed((references + 63) / 64) {
    random_source random(seed);
    for (std::size_t r = 0; r < references; ++r) {
      starts.push_back(starts.back() + 1 + static_cast<std::uint32_t>(random.below(7)));
      if (random.below(5) == 0) {
        removed[r / 64] |= std::uint64_t{1} << (r % 64);
      }
    }
    codes = random_rows(starts.back(), words, seed + 1);
    for (std::size_t row = 3; row < starts.back(); row += 3) {
      const std::size_t original = random.below(row);
      std::copy_n(&codes[original * words], words, &codes[row * words]);
      flip_bits(&codes[row * words], words, random.below(45), random);
    }
    thread_pool threads(2);
    tables = build_keypoint_tables(codes.data(), starts.back(), threads);
  }

  keypoint_codes view(bool with_tables) const {
    keypoint_codes all;
    all.rows = codes.data();
    all.size = starts.back();
    all.starts = starts;
    all.removed = removed.data();
    all.tables = with_tables ? &tables.layout : nullptr;
    return all;
  }
};

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
class KeypointSearch : public testing::TestWithParam<instruction_set> {
 protected:
  void SetUp() override {
    if (!can_run(GetParam())) {
      GTEST_SKIP() << "this machine cannot run " << instruction_set_name(GetParam());
    }
  }

  KeypointSearch() {
    std::vector<std::uint64_t> all(large.codes);
    all.insert(all.end(), small.codes.begin(), small.codes.end());
    queries = planted_queries(all, words, starts.back(), 40, 9);
  }

  keypoint_candidates search(bool by_tables, const keypoint_search_options &options, unsigned n_threads = 2) const {
    thread_pool threads(n_threads);
    progress_meter progress(nullptr, 0);
    const std::vector<keypoint_codes> segments{large.view(by_tables), small.view(by_tables)};
    return search_keypoints(segments, {queries.data(), starts}, options,
                            {kernels_for(GetParam()), GetParam(), threads, progress});
  }

  pair_list definition(bool by_tables, const keypoint_search_options &options) const {
    pair_list pairs;
    for (std::uint32_t set = 0; set + 1 < starts.size(); ++set) {
      for (std::uint32_t s = 0; s < 2; ++s) {
        const reference_list &list = s == 0 ? large : small;
        const keypoint_codes view = list.view(true);
        for (std::uint32_t r = 0; r < view.references(); ++r) {
          pair_list of_reference;
          for (std::uint32_t q = starts[set]; q < starts[set + 1]; ++q) {
            for (std::uint32_t row = list.starts[r]; row < list.starts[r + 1]; ++row) {
              const std::uint64_t *query = &queries[q * words];
              const std::uint64_t *code = &list.codes[row * words];
              const std::uint32_t distance = hamming_distance(query, code, words);
              if (distance <= options.max_distance &&
                  (!by_tables || found_by_tables(list.tables.layout, query, code))) {
                of_reference.emplace_back(set, s, r, q - starts[set], row - list.starts[r], distance);
              }
            }
          }
          const auto different = [&](auto point_of) {
            std::vector<std::uint32_t> points;
            for (const auto &pair : of_reference) {
              points.push_back(point_of(pair));
            }
            std::sort(points.begin(), points.end());
            return std::unique(points.begin(), points.end()) - points.begin();
          };
          const auto least = static_cast<std::ptrdiff_t>(options.least_points);
          if (!view.is_removed(r) && different([](const auto &pair) { return std::get<3>(pair); }) >= least &&
              different([](const auto &pair) { return std::get<4>(pair); }) >= least) {
            pairs.insert(pairs.end(), of_reference.begin(), of_reference.end());
          }
        }
      }
    }
    return pairs;
  }

  const reference_list large{1500, 1};
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
      ASSERT_FALSE(expected.empty());
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

TEST_P(KeypointSearch, ACodeThatIsNearTooMuchKeepsTheFirst) {
  keypoint_search_options options;
  options.least_points = 1;
  options.max_pairs_of_code = 2;
  for (const bool by_tables : {false, true}) {
    keypoint_search_options all = options;
    all.max_pairs_of_code = 1024;
    std::vector<std::uint32_t> kept(2 * starts.back());
    pair_list expected;
    // The limit counts rows of a segment, removed ones too, so only live rows before it can be compared.
    for (const auto &pair : pairs_of(search(by_tables, options))) {
      const std::size_t query = starts[std::get<0>(pair)] + std::get<3>(pair);
      EXPECT_LE(++kept[2 * query + std::get<1>(pair)], 2U);
    }
    const pair_list everything = pairs_of(search(by_tables, all));
    const pair_list few = pairs_of(search(by_tables, options));
    EXPECT_TRUE(std::includes(everything.begin(), everything.end(), few.begin(), few.end()));
  }
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, KeypointSearch, testing::ValuesIn(architecture_sets),
                         [](const auto &instance) { return std::string(instruction_set_name(instance.param)); });

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
