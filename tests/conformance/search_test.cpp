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

namespace libmatch::detail {
namespace {

using test::planted_queries;
using test::random_rows;
using test::random_source;

struct entry {
  std::uint32_t distance;
  std::int64_t id;
  bool operator==(const entry &other) const { return distance == other.distance && id == other.id; }
  bool operator<(const entry &other) const { return std::tie(distance, id) < std::tie(other.distance, other.id); }
};

std::ostream &operator<<(std::ostream &out, const entry &e) { return out << e.id << " at " << e.distance; }

// Some segments with removed rows and ids that repeat and are in no order.
struct collection {
  collection(const std::vector<std::size_t> &sizes, std::uint32_t width, std::uint64_t seed) : words(width) {
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
      // Equal codes: ties in distance.
      for (std::size_t r = 1; r < size; r += 7) {
        std::copy_n(&rows.back()[(r - 1) * words], words, &rows.back()[r * words]);
      }
    }
    for (std::size_t s = 0; s < sizes.size(); ++s) {
      views.push_back({rows[s].data(), ids[s].data(), removed[s].data(), sizes[s], words});
    }
  }

  std::vector<entry> by_definition(const std::uint64_t *query) const {
    std::vector<entry> all;
    for (const segment_view &view : views) {
      for (std::size_t r = 0; r < view.size; ++r) {
        if (!view.is_removed(r)) {
          all.push_back({hamming_distance(query, view.rows + r * words, words), view.ids[r]});
        }
      }
    }
    std::sort(all.begin(), all.end());
    return all;
  }

  std::uint32_t words;
  std::vector<std::vector<std::uint64_t>> rows;
  std::vector<std::vector<std::int64_t>> ids;
  std::vector<std::vector<std::uint64_t>> removed;
  std::vector<segment_view> views;
};

std::vector<entry> answer_of(const search_result &result, std::size_t query) {
  std::vector<entry> answer;
  for (auto i = static_cast<std::size_t>(result.offsets[query]);
       i < static_cast<std::size_t>(result.offsets[query + 1]); ++i) {
    answer.push_back({result.distances[i], result.ids[i]});
  }
  return answer;
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
      const collection codes(sizes, words, 11);
      for (const std::size_t n_queries : {0U, 1U, 3U, simulated() ? 140U : 520U}) {
        const std::vector<std::uint64_t> queries =
            planted_queries(sizes.empty() ? std::vector<std::uint64_t>{} : codes.rows[0], words, n_queries, 60, 12);
        const query_batch batch{queries.data(), n_queries, words};
        for (const std::uint32_t max_distance : {0U, 31U, 47U}) {
          const search_result result = device->search_range(codes.views, batch, max_distance, threads, progress);
          ASSERT_EQ(result.offsets.size(), n_queries + 1);
          for (std::size_t q = 0; q<n_queries; q += n_queries> 10 ? 47 : 1) {
            std::vector<entry> expected = codes.by_definition(&queries[q * words]);
            std::erase_if(expected, [&](const entry &e) { return e.distance > max_distance; });
            ASSERT_EQ(answer_of(result, q), expected);
          }
        }
      }
    }
  }
}

TEST_P(Search, RangeOfEverythingReturnsEverything) {
  const collection codes({500, 70}, 4, 5);
  const std::vector<std::uint64_t> queries = random_rows(3, 4, 6);
  for (const std::uint32_t max_distance : {90U, 128U, 256U, 1000U}) {
    const search_result result =
        device->search_range(codes.views, {queries.data(), 3, 4}, max_distance, threads, progress);
    for (std::size_t q = 0; q < 3; ++q) {
      std::vector<entry> expected = codes.by_definition(&queries[q * 4]);
      std::erase_if(expected, [&](const entry &e) { return e.distance > max_distance; });
      EXPECT_EQ(answer_of(result, q), expected);
    }
  }
}

TEST_P(Search, NearestEqualTheDefinition) {
  for (const std::uint32_t words : {1U, 4U, 9U}) {
    for (const std::vector<std::size_t> &sizes : segment_sizes(simulated())) {
      const collection codes(sizes, words, 21);
      for (const std::size_t n_queries : {0U, 1U, 3U, simulated() ? 140U : 520U}) {
        const std::vector<std::uint64_t> queries =
            planted_queries(sizes.empty() ? std::vector<std::uint64_t>{} : codes.rows[0], words, n_queries, 60, 22);
        const query_batch batch{queries.data(), n_queries, words};
        for (const std::size_t k : {0U, 1U, 70U}) {
          const search_result result = device->search_knn(codes.views, batch, k, threads, progress);
          ASSERT_EQ(result.offsets.size(), n_queries + 1);
          for (std::size_t q = 0; q<n_queries; q += n_queries> 10 ? 47 : 1) {
            std::vector<entry> expected = codes.by_definition(&queries[q * words]);
            expected.resize(std::min(k, expected.size()));
            ASSERT_EQ(answer_of(result, q), expected) << "k " << k << ", query " << q;
          }
        }
      }
    }
  }
}

TEST_P(Search, LocationsNameTheRows) {
  const collection codes({100, 200}, 4, 31);
  const std::vector<std::uint64_t> queries = random_rows(2, 4, 32);
  const search_result result = device->search_range(codes.views, {queries.data(), 2, 4}, 256, threads, progress);
  for (std::size_t i = 0; i < result.ids.size(); ++i) {
    const row_location location = result.locations[i];
    EXPECT_EQ(codes.ids[location.segment][location.row], result.ids[i]);
  }
}

TEST_P(Search, CancelsWhenAsked) {
  const collection codes({simulated() ? 1000U : 50000U}, 4, 41);
  const std::vector<std::uint64_t> queries = random_rows(10, 4, 42);
  const lm_progress stop{[](void *, std::uint64_t, std::uint64_t) { return 1; }, nullptr};
  progress_meter meter(&stop, 500000);
  try {
    device->search_range(codes.views, {queries.data(), 10, 4}, 31, threads, meter);
    FAIL() << "went on";
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_CANCELLED);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Search, testing::Combine(testing::ValuesIn(backend_names()), testing::Values(1U, 4U)),
                         [](const auto &parameters) {
                           return std::get<0>(parameters.param) + "_threads" +
                                  std::to_string(std::get<1>(parameters.param));
                         });
INSTANTIATE_TEST_SUITE_P(Simulated, Search, testing::Values(std::tuple<std::string, unsigned>("simt", 2)),
                         [](const auto &parameters) { return std::get<0>(parameters.param); });

}  // namespace
}  // namespace libmatch::detail
