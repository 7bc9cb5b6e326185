// Every kernel that this machine can run, against the definition: widths, limits, tails, unaligned rows.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "core/cpu_features.h"
#include "distance/definition.h"
#include "distance/dispatch.h"
#include "support/random_codes.h"

namespace libmatch::detail {
namespace {

using test::planted_queries;
using test::random_rows;

constexpr std::uint32_t any_distance = 0xffffffffU;

class DistanceKernels : public testing::TestWithParam<std::tuple<instruction_set, std::uint32_t>> {
 protected:
  void SetUp() override {
    if (!can_run(set())) {
      GTEST_SKIP() << "this processor or this build has no " << instruction_set_name(set());
    }
  }
  static instruction_set set() { return std::get<0>(GetParam()); }
  static std::uint32_t words() { return std::get<1>(GetParam()); }
};

class SlicedKernels : public DistanceKernels {};

std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>> sorted(const std::vector<tile_hit> &hits) {
  std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>> tuples;
  for (const tile_hit &hit : hits) {
    tuples.emplace_back(hit.query, hit.row, hit.distance);
  }
  std::sort(tuples.begin(), tuples.end());
  return tuples;
}

using find_function = std::size_t (*)(const distance_tile &, std::size_t *, tile_hit *, std::size_t);

std::vector<tile_hit> found(find_function find, const distance_tile &tile, std::size_t capacity) {
  std::vector<tile_hit> hits;
  std::vector<tile_hit> part(capacity);
  std::size_t query = 0;
  while (query < tile.n_queries) {
    const std::size_t before = query;
    const std::size_t count = find(tile, &query, part.data(), capacity);
    EXPECT_LE(count, capacity);
    EXPECT_GT(query, before) << "no progress";
    hits.insert(hits.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(count));
    if (query <= before) {
      break;
    }
  }
  return hits;
}

std::vector<tile_hit> defined(const distance_tile &tile) {
  std::vector<tile_hit> hits;
  for (std::uint32_t q = 0; q < tile.n_queries; ++q) {
    for (std::uint32_t r = 0; r < tile.n_rows; ++r) {
      const std::uint32_t distance =
          hamming_distance(tile.queries + q * tile.words, tile.rows + r * tile.words, tile.words);
      if (distance <= tile.limits[q]) {
        hits.push_back({q, r, distance});
      }
    }
  }
  return hits;
}

TEST_P(DistanceKernels, DistancesEqualTheDefinition) {
  const distance_kernels &kernels = kernels_for(set());
  for (const std::size_t n : {0U, 1U, 2U, 7U, 8U, 9U, 15U, 16U, 17U, 63U, 64U, 65U, 200U}) {
    const std::vector<std::uint64_t> rows = random_rows(n + 1, words(), 1000 + n);
    const std::vector<std::uint64_t> query = random_rows(1, words(), 7);
    // The second start is not on a cache line, whatever the first is.
    for (const std::size_t first : {0U, 1U}) {
      std::vector<std::uint32_t> distances(n, any_distance);
      kernels.distances(query.data(), rows.data() + first * words(), n, words(), distances.data());
      for (std::size_t r = 0; r < n; ++r) {
        ASSERT_EQ(distances[r], hamming_distance(query.data(), rows.data() + (first + r) * words(), words()));
      }
    }
  }
}

TEST_P(DistanceKernels, FindEqualsTheDefinition) {
  const distance_kernels &kernels = kernels_for(set());
  const std::uint32_t bits = words() * 64;
  for (const std::uint32_t limit :
       {0U, 1U, 8U, 31U, 32U, 44U, 45U, 47U, 64U, 72U, 73U, 90U, bits - 1, bits, any_distance}) {
    for (const std::size_t n_rows : {std::size_t{1}, std::size_t{5}, kernels.tile_rows - 1, kernels.tile_rows}) {
      for (const std::size_t n_queries : {1U, 2U, 3U, 4U, 5U, 33U}) {
        const std::vector<std::uint64_t> rows = random_rows(n_rows, words(), n_rows);
        const std::vector<std::uint64_t> queries =
            planted_queries(rows, words(), n_queries, std::min<std::size_t>(limit + 2ULL, bits), limit);
        const std::vector<std::uint32_t> limits(n_queries, limit);
        const distance_tile tile{rows.data(), n_rows, queries.data(), n_queries, limits.data(), limit, words()};
        for (const std::size_t capacity : {kernels.tile_rows, kernels.tile_rows * 3 + 1}) {
          ASSERT_EQ(sorted(found(kernels.find, tile, capacity)), sorted(defined(tile)))
              << "limit " << limit << ", rows " << n_rows << ", queries " << n_queries;
        }
      }
    }
  }
}

TEST_P(DistanceKernels, FindHoldsEachQueryToItsOwnLimit) {
  const distance_kernels &kernels = kernels_for(set());
  const std::size_t n_queries = 40;
  const std::vector<std::uint64_t> rows = random_rows(kernels.tile_rows, words(), 3);
  const std::vector<std::uint64_t> queries = planted_queries(rows, words(), n_queries, 40, 4);
  std::vector<std::uint32_t> limits;
  for (std::uint32_t q = 0; q < n_queries; ++q) {
    limits.push_back(q % 3 == 0 ? 0 : q * 3);
  }
  const std::uint32_t largest = *std::max_element(limits.begin(), limits.end());
  const distance_tile tile{rows.data(),   kernels.tile_rows, queries.data(), n_queries,
                           limits.data(), largest,           words()};
  EXPECT_EQ(sorted(found(kernels.find, tile, 1024)), sorted(defined(tile)));
}

// Distances right at the limit, on codes that differ only behind every prefix, or only within it.
TEST_P(DistanceKernels, FindSeesDifferencesWhereverTheyAre) {
  const distance_kernels &kernels = kernels_for(set());
  const std::uint32_t bits = words() * 64;
  for (const std::uint32_t ones : {30U, 31U, 32U}) {
    for (std::uint32_t first = 0; first + ones <= bits; ++first) {
      std::vector<std::uint64_t> row(words(), 0);
      for (std::uint32_t bit = first; bit < first + ones; ++bit) {
        row[bit / 64] |= std::uint64_t{1} << (bit % 64);
      }
      // Five queries alike, so that no path for few queries is taken.
      std::vector<std::uint64_t> queries(std::size_t{5} * words(), 0);
      const std::vector<std::uint32_t> five(5, 31);
      const distance_tile tile{row.data(), 1, queries.data(), 5, five.data(), 31, words()};
      ASSERT_EQ(found(kernels.find, tile, 1024).size(), ones <= 31 ? 5U : 0U) << ones << " bits from " << first;
    }
  }
}

TEST_P(SlicedKernels, EqualTheDefinition) {
  const distance_kernels &kernels = kernels_for(set());
  for (const std::uint32_t limit : {0U, 1U, 15U, 30U, 31U}) {
    const std::vector<std::uint64_t> rows = random_rows(sliced_tile_rows, words(), limit + 1);
    const std::size_t n_queries = 200;
    const std::vector<std::uint64_t> queries = planted_queries(rows, words(), n_queries, limit + 3, limit);
    const std::vector<std::uint32_t> limits(n_queries, limit);
    const distance_tile tile{rows.data(), sliced_tile_rows, queries.data(), n_queries, limits.data(), limit, words()};
    for (const std::size_t capacity : {sliced_tile_rows, 2 * sliced_tile_rows + 1}) {
      ASSERT_EQ(sorted(found(kernels.find_sliced, tile, capacity)), sorted(defined(tile))) << "limit " << limit;
    }
  }
}

// All rows alike: every query that is near one is near all, and each call ends where the next one has to go on.
TEST_P(SlicedKernels, ReturnEveryRow) {
  const distance_kernels &kernels = kernels_for(set());
  const std::vector<std::uint64_t> rows(sliced_tile_rows * words(), 0x5555555555555555ULL);
  std::vector<std::uint64_t> queries(std::size_t{3} * words(), 0x5555555555555555ULL);
  queries[0] ^= 0x7fffffffULL;                // 31 bits of the first group
  queries[words()] ^= 0xffffffffULL;          // 32: too many
  queries[3 * words() - 1] ^= 0x7fffffffULL;  // 31 bits of the last word
  const std::vector<std::uint32_t> limits(3, 31);
  const distance_tile tile{rows.data(), sliced_tile_rows, queries.data(), 3, limits.data(), 31, words()};
  const std::vector<tile_hit> hits = found(kernels.find_sliced, tile, sliced_tile_rows);
  EXPECT_EQ(sorted(hits), sorted(defined(tile)));
  EXPECT_EQ(hits.size(), 2 * sliced_tile_rows);
}

// Exactly 31 and 32 differing bits, at every place of the prefix.
TEST_P(SlicedKernels, CountEveryBitOfThePrefix) {
  const distance_kernels &kernels = kernels_for(set());
  const std::uint32_t bits = words() * 64;
  for (const std::uint32_t ones : {1U, 31U, 32U}) {
    std::vector<std::uint64_t> rows(sliced_tile_rows * words(), 0);
    for (std::uint32_t r = 0; r < sliced_tile_rows; ++r) {
      for (std::uint32_t i = 0; i < ones; ++i) {
        const std::uint32_t bit = (r + i * 5) % bits;  // 32 steps of 5 come back to no place
        rows[r * words() + bit / 64] |= std::uint64_t{1} << (bit % 64);
      }
    }
    const std::vector<std::uint64_t> query(words(), 0);
    const std::vector<std::uint32_t> limit(1, 31);
    const distance_tile tile{rows.data(), sliced_tile_rows, query.data(), 1, limit.data(), 31, words()};
    EXPECT_EQ(found(kernels.find_sliced, tile, sliced_tile_rows).size(), ones <= 31 ? sliced_tile_rows : 0U);
  }
}

using kernel_parameters = std::tuple<instruction_set, std::uint32_t>;

std::string name_of(const testing::TestParamInfo<kernel_parameters> &parameters) {
  return std::string(instruction_set_name(std::get<0>(parameters.param))) + "_" +
         std::to_string(std::get<1>(parameters.param) * 64);
}

// The instruction sets of this machine whose kernels have a bit-sliced form; it may be none.
std::vector<kernel_parameters> sliced_parameters() {
  std::vector<kernel_parameters> all;
  for (const instruction_set set : {instruction_set::scalar, instruction_set::avx2, instruction_set::avx512}) {
    if (can_run(set) && kernels_for(set).find_sliced != nullptr) {
      for (const std::uint32_t words : {2U, 3U, 4U, 5U, 9U, 32U}) {
        all.emplace_back(set, words);
      }
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, DistanceKernels,
                         testing::Combine(testing::Values(instruction_set::scalar, instruction_set::avx2,
                                                          instruction_set::avx512),
                                          testing::Values(1U, 2U, 3U, 4U, 5U, 7U, 8U, 9U, 16U, 31U, 32U)),
                         name_of);

INSTANTIATE_TEST_SUITE_P(All, SlicedKernels, testing::ValuesIn(sliced_parameters()), name_of);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SlicedKernels);

}  // namespace
}  // namespace libmatch::detail
