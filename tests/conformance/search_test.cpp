// Range and k-NN search of every backend against an exhaustive search by the definition, over segments of rows alone.
// tests/property/search_methods_test.cpp compares the ways of searching with each other.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "backend/backend.h"
#include "distance/definition.h"
#include "support/backends.h"
#include "support/random_codes.h"
#include "support/row_list.h"

namespace libmatch::detail {
namespace {

using test::answer_of;
using test::found_row;
using test::planted_queries;
using test::random_rows;
using test::row_list;

std::vector<found_row> by_definition(const row_list &codes, const std::uint64_t *query) {
  return test::by_definition(codes, query, &hamming_distance);
}

class Search : public testing::TestWithParam<std::tuple<std::string, unsigned>> {
 protected:
  Search() : device(test::open_any_backend(std::get<0>(GetParam()))), threads(std::get<1>(GetParam())) {}

  bool simulated() const { return test::is_simulated(std::get<0>(GetParam())); }

  std::shared_ptr<const backend> device;
  thread_pool threads;
  progress_meter progress{nullptr, 0};
};

// Sizes of segments: none, one code, tails of a tile, an empty one, more than one block of rows.
std::vector<std::vector<std::size_t>> segment_sizes(bool simulated) {
  return {{}, {1}, {63, 1, 64}, {129, 0, 5}, {simulated ? 2100U : 17000U, 300}};
}

TEST_P(Search, RangeEqualsTheDefinition) {
  for (const std::uint32_t words : {1U, 4U, 9U}) {
    for (const std::vector<std::size_t> &sizes : segment_sizes(simulated())) {
      const row_list codes(sizes, words, 11);
      for (const std::size_t n_queries : {0U, 1U, 3U, simulated() ? 140U : 520U}) {
        const std::vector<std::uint64_t> queries = planted_queries(codes.first_rows(), words, n_queries, 60, 12);
        const query_batch batch{queries.data(), n_queries, words};
        for (const std::uint32_t max_distance : {0U, 31U, 47U}) {
          const search_result result = device->search_range(codes.views(), batch, max_distance, threads, progress);
          ASSERT_EQ(result.offsets.size(), n_queries + 1);
          for (std::size_t q = 0; q<n_queries; q += n_queries> 10 ? 47 : 1) {
            std::vector<found_row> expected = by_definition(codes, &queries[q * words]);
            std::erase_if(expected, [&](const found_row &e) { return e.distance > max_distance; });
            ASSERT_EQ(answer_of(result, q), expected);
          }
        }
      }
    }
  }
}

TEST_P(Search, RangeOfEverythingReturnsEverything) {
  const row_list codes({500, 70}, 4, 5);
  const std::vector<std::uint64_t> queries = random_rows(3, 4, 6);
  for (const std::uint32_t max_distance : {90U, 128U, 256U, 1000U}) {
    const search_result result =
        device->search_range(codes.views(), {queries.data(), 3, 4}, max_distance, threads, progress);
    for (std::size_t q = 0; q < 3; ++q) {
      std::vector<found_row> expected = by_definition(codes, &queries[q * 4]);
      std::erase_if(expected, [&](const found_row &e) { return e.distance > max_distance; });
      EXPECT_EQ(answer_of(result, q), expected);
    }
  }
}

TEST_P(Search, NearestEqualTheDefinition) {
  for (const std::uint32_t words : {1U, 4U, 9U}) {
    for (const std::vector<std::size_t> &sizes : segment_sizes(simulated())) {
      const row_list codes(sizes, words, 21);
      for (const std::size_t n_queries : {0U, 1U, 3U, simulated() ? 140U : 520U}) {
        const std::vector<std::uint64_t> queries = planted_queries(codes.first_rows(), words, n_queries, 60, 22);
        const query_batch batch{queries.data(), n_queries, words};
        for (const std::size_t k : {0U, 1U, 70U}) {
          const search_result result = device->search_knn(codes.views(), batch, k, threads, progress);
          ASSERT_EQ(result.offsets.size(), n_queries + 1);
          for (std::size_t q = 0; q<n_queries; q += n_queries> 10 ? 47 : 1) {
            std::vector<found_row> expected = by_definition(codes, &queries[q * words]);
            expected.resize(std::min(k, expected.size()));
            ASSERT_EQ(answer_of(result, q), expected) << "k " << k << ", query " << q;
          }
        }
      }
    }
  }
}

TEST_P(Search, LocationsNameTheRows) {
  const row_list codes({100, 200}, 4, 31);
  const std::vector<std::uint64_t> queries = random_rows(2, 4, 32);
  const search_result result = device->search_range(codes.views(), {queries.data(), 2, 4}, 256, threads, progress);
  for (std::size_t i = 0; i < result.ids.size(); ++i) {
    const row_location location = result.locations[i];
    EXPECT_EQ(codes.ids[location.segment][location.row], result.ids[i]);
  }
}

TEST_P(Search, CancelsWhenAsked) {
  const row_list codes({simulated() ? 1000U : 50000U}, 4, 41);
  const std::vector<std::uint64_t> queries = random_rows(10, 4, 42);
  const lm_progress stop{[](void *, std::uint64_t, std::uint64_t) { return 1; }, nullptr};
  progress_meter meter(&stop, 500000);
  try {
    device->search_range(codes.views(), {queries.data(), 10, 4}, 31, threads, meter);
    FAIL() << "went on";
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_CANCELLED);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Search, testing::Combine(testing::ValuesIn(backend_names()), testing::Values(1U, 4U)),
                         [](const auto &parameters) {
                           return test::name_in_tests(std::get<0>(parameters.param)) + "_threads" +
                                  std::to_string(std::get<1>(parameters.param));
                         });
INSTANTIATE_TEST_SUITE_P(Simulated, Search, testing::Values(std::tuple<std::string, unsigned>("simt", 2)),
                         [](const auto &parameters) { return std::get<0>(parameters.param); });

}  // namespace
}  // namespace libmatch::detail
