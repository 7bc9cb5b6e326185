// Range and k-NN search among vectors of bytes, of every backend, against an exhaustive search by the definition.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "backend/backend.h"
#include "distance/definition.h"
#include "support/backends.h"
#include "support/random_vectors.h"
#include "support/row_list.h"

namespace libmatch::detail {
namespace {

using test::answer_of;
using test::found_row;
using test::near_vectors;
using test::random_vectors;
using test::row_list;

row_list vector_list(const std::vector<std::size_t> &sizes, std::uint32_t words, std::uint64_t seed) {
  return {sizes, words, seed, &random_vectors};
}

std::vector<found_row> by_definition(const row_list &vectors, const std::uint64_t *query) {
  return test::by_definition(vectors, query, &squared_distance);
}

query_batch batch_of(const std::vector<std::uint64_t> &queries, const row_list &vectors) {
  return {queries.data(), queries.size() / vectors.words, vectors.words, metric::squared_euclidean};
}

class VectorSearch : public testing::TestWithParam<std::tuple<std::string, unsigned>> {
 protected:
  VectorSearch() : device(test::open_any_backend(std::get<0>(GetParam()))), threads(std::get<1>(GetParam())) {}

  bool simulated() const { return test::is_simulated(std::get<0>(GetParam())); }

  std::shared_ptr<const backend> device;
  thread_pool threads;
  progress_meter progress{nullptr, 0};
};

// Sizes of segments: none, one vector, tails of a tile, an empty one, more than one block of rows.
std::vector<std::vector<std::size_t>> segment_sizes(bool simulated) {
  return {{}, {1}, {63, 1, 64}, {129, 0, 5}, {simulated ? 1100U : 5000U, 300}};
}

// How far from one checked query to the next: the definition takes its time.
std::size_t step_of(std::size_t n_queries) { return n_queries > 10 ? 47 : 1; }

TEST_P(VectorSearch, RangeEqualsTheDefinition) {
  for (const std::uint32_t words : {2U, 18U, 19U}) {
    for (const std::vector<std::size_t> &sizes : segment_sizes(simulated())) {
      const row_list vectors = vector_list(sizes, words, 11);
      for (const std::size_t n_queries : {0U, 1U, 3U, 8U, simulated() ? 70U : 520U}) {
        const std::vector<std::uint64_t> queries = near_vectors(vectors.first_rows(), vectors.words, n_queries, 12);
        for (const std::uint32_t max_distance : {0U, 30U, words * 8 * 5000}) {
          const search_result result =
              device->search_range(vectors.views(), batch_of(queries, vectors), max_distance, threads, progress);
          ASSERT_EQ(result.offsets.size(), n_queries + 1);
          for (std::size_t q = 0; q < n_queries; q += step_of(n_queries)) {
            std::vector<found_row> expected = by_definition(vectors, &queries[q * words]);
            std::erase_if(expected, [&](const found_row &e) { return e.distance > max_distance; });
            ASSERT_EQ(answer_of(result, q), expected);
          }
        }
      }
    }
  }
}

TEST_P(VectorSearch, RangeOfEverythingReturnsEverything) {
  const row_list vectors = vector_list({500, 70}, 18, 5);
  const std::vector<std::uint64_t> queries = near_vectors(vectors.first_rows(), vectors.words, 9, 6);
  for (const std::uint32_t max_distance : {144U * 255U * 255U, 0xffffffffU}) {
    const search_result result =
        device->search_range(vectors.views(), batch_of(queries, vectors), max_distance, threads, progress);
    for (std::size_t q = 0; q < 9; ++q) {
      EXPECT_EQ(answer_of(result, q), by_definition(vectors, &queries[q * 18]));
    }
  }
}

TEST_P(VectorSearch, NearestEqualTheDefinition) {
  for (const std::uint32_t words : {2U, 18U, 19U}) {
    for (const std::vector<std::size_t> &sizes : segment_sizes(simulated())) {
      const row_list vectors = vector_list(sizes, words, 21);
      for (const std::size_t n_queries : {0U, 1U, 3U, 8U, simulated() ? 70U : 520U}) {
        const std::vector<std::uint64_t> queries = near_vectors(vectors.first_rows(), vectors.words, n_queries, 22);
        for (const std::size_t k : {0U, 1U, 70U}) {
          const search_result result =
              device->search_knn(vectors.views(), batch_of(queries, vectors), k, threads, progress);
          ASSERT_EQ(result.offsets.size(), n_queries + 1);
          for (std::size_t q = 0; q < n_queries; q += step_of(n_queries)) {
            std::vector<found_row> expected = by_definition(vectors, &queries[q * words]);
            expected.resize(std::min(k, expected.size()));
            ASSERT_EQ(answer_of(result, q), expected) << "k " << k << ", query " << q;
          }
        }
      }
    }
  }
}

TEST_P(VectorSearch, LocationsNameTheRows) {
  const row_list vectors = vector_list({100, 200}, 18, 31);
  const std::vector<std::uint64_t> queries = near_vectors(vectors.first_rows(), vectors.words, 2, 32);
  const search_result result =
      device->search_range(vectors.views(), batch_of(queries, vectors), 0xffffffffU, threads, progress);
  for (std::size_t i = 0; i < result.ids.size(); ++i) {
    const row_location location = result.locations[i];
    EXPECT_EQ(vectors.ids[location.segment][location.row], result.ids[i]);
  }
}

TEST_P(VectorSearch, DistancesEqualTheDefinition) {
  const row_list vectors = vector_list({100}, 18, 51);
  const std::vector<std::uint64_t> queries = near_vectors(vectors.first_rows(), vectors.words, 7, 52);
  std::vector<std::uint32_t> distances(700);
  device->distances(batch_of(queries, vectors), vectors.rows[0].data(), 100, distances.data(), threads);
  for (std::size_t q = 0; q < 7; ++q) {
    for (std::size_t r = 0; r < 100; ++r) {
      ASSERT_EQ(distances[q * 100 + r], squared_distance(&queries[q * 18], &vectors.rows[0][r * 18], 18));
    }
  }
}

TEST_P(VectorSearch, CancelsWhenAsked) {
  const row_list vectors = vector_list({20000}, 18, 41);
  const std::vector<std::uint64_t> queries = near_vectors(vectors.first_rows(), vectors.words, 10, 42);
  const lm_progress stop{[](void *, std::uint64_t, std::uint64_t) { return 1; }, nullptr};
  progress_meter meter(&stop, 200000);
  try {
    device->search_range(vectors.views(), batch_of(queries, vectors), 31, threads, meter);
    FAIL() << "went on";
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_CANCELLED);
  }
}

INSTANTIATE_TEST_SUITE_P(All, VectorSearch,
                         testing::Combine(testing::ValuesIn(backend_names()), testing::Values(1U, 4U)),
                         [](const auto &parameters) {
                           return test::name_in_tests(std::get<0>(parameters.param)) + "_threads" +
                                  std::to_string(std::get<1>(parameters.param));
                         });
INSTANTIATE_TEST_SUITE_P(Simulated, VectorSearch, testing::Values(std::tuple<std::string, unsigned>("simt", 2)),
                         [](const auto &parameters) { return std::get<0>(parameters.param); });

}  // namespace
}  // namespace libmatch::detail
