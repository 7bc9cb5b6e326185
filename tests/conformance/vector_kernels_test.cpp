// Every kernel for vectors of bytes that this machine can run, against the definition: dimensions, limits, tails,
// extreme values.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "core/aligned_vector.h"
#include "core/cpu_features.h"
#include "distance/definition.h"
#include "distance/vector_kernels.h"
#include "support/random_vectors.h"

namespace libmatch::detail {
namespace {

using test::near_vectors;
using test::random_vectors;

struct named_kernels {
  const char *name;
  const vector_kernels *kernels;
};

std::ostream &operator<<(std::ostream &out, const named_kernels &named) { return out << named.name; }

std::vector<named_kernels> runnable_kernels() {
  std::vector<named_kernels> all{{"scalar", &scalar_vector_kernels}};
#if defined(LIBMATCH_X86)
  if (can_run(instruction_set::avx2)) {
    all.push_back({"avx2", &avx2_vector_kernels});
  }
  if (can_run(instruction_set::avx512bw)) {
    all.push_back({"avx512bw", &avx512bw_vector_kernels});
    if (host_cpu_features().avx512vnni) {
      all.push_back({"avx512_vnni", &avx512_vnni_vector_kernels});
    }
  }
#elif defined(LIBMATCH_NEON)
  all.push_back({"neon", &neon_vector_kernels});
#endif
  return all;
}

std::vector<named_kernels> kernels_with_tiles() {
  std::vector<named_kernels> all = runnable_kernels();
  std::erase_if(all, [](const named_kernels &named) { return named.kernels->find == nullptr; });
  return all;
}

using parameters = std::tuple<named_kernels, std::uint32_t>;

class VectorKernels : public testing::TestWithParam<parameters> {
 protected:
  static const vector_kernels &kernels() { return *std::get<0>(GetParam()).kernels; }
  static std::uint32_t words() { return std::get<1>(GetParam()); }
};

class VectorTiles : public VectorKernels {};

using pairs = std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>>;

struct laid_out {
  laid_out(std::size_t n, std::uint32_t words, std::size_t value_bytes)
      : values(n * words * 8 * value_bytes), head(n), whole(n) {}
  laid_out_vectors view() { return {values.data(), head.data(), whole.data()}; }

  aligned_vector<unsigned char> values;
  aligned_vector<std::int32_t> head;
  aligned_vector<std::int32_t> whole;
};

pairs found(const vector_kernels &kernels, const std::vector<std::uint64_t> &rows,
            const std::vector<std::uint64_t> &queries, const std::vector<std::uint32_t> &limits, std::uint32_t words,
            std::size_t capacity) {
  laid_out tile_rows(kernels.tile_rows, words, kernels.value_bytes);
  laid_out tile_queries(limits.size(), words, kernels.value_bytes);
  const vector_tile tile{tile_rows.view(), tile_queries.view(), limits.size(), limits.data(), words};
  kernels.lay_out_rows(rows.data(), rows.size() / words, words, tile.rows);
  kernels.lay_out_queries(queries.data(), limits.size(), words, tile.queries);
  pairs all;
  std::vector<tile_hit> part(capacity);
  for (std::size_t query = 0; query < limits.size();) {
    const std::size_t before = query;
    const std::size_t count = kernels.find(tile, &query, part.data(), capacity);
    EXPECT_LE(count, capacity);
    for (std::size_t i = 0; i < count; ++i) {
      all.emplace_back(part[i].query, part[i].row, part[i].distance);
    }
    if (query <= before) {
      ADD_FAILURE() << "no progress";
      break;
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

pairs defined(const std::vector<std::uint64_t> &rows, const std::vector<std::uint64_t> &queries,
              const std::vector<std::uint32_t> &limits, std::uint32_t words) {
  pairs all;
  for (std::uint32_t q = 0; q < limits.size(); ++q) {
    for (std::uint32_t r = 0; r < rows.size() / words; ++r) {
      const std::uint32_t distance = squared_distance(&queries[q * words], &rows[r * words], words);
      if (distance <= limits[q]) {
        all.emplace_back(q, r, distance);
      }
    }
  }
  return all;
}

TEST_P(VectorKernels, DistancesEqualTheDefinition) {
  for (const std::size_t n : {0U, 1U, 2U, 7U, 8U, 9U, 65U}) {
    const std::vector<std::uint64_t> rows = random_vectors(n + 1, words(), 1000 + n);
    const std::vector<std::uint64_t> query = random_vectors(1, words(), n);
    // The second start is not on a cache line, whatever the first is.
    for (const std::size_t first : {0U, 1U}) {
      std::vector<std::uint32_t> distances(n, 0xffffffffU);
      kernels().distances(query.data(), rows.data() + first * words(), n, words(), distances.data());
      for (std::size_t r = 0; r < n; ++r) {
        ASSERT_EQ(distances[r], squared_distance(query.data(), &rows[(first + r) * words()], words()));
      }
    }
  }
}

TEST_P(VectorKernels, TheLargestDistanceIsExact) {
  const std::vector<std::uint64_t> zeros(words(), 0);
  const std::vector<std::uint64_t> ones(words(), ~std::uint64_t{0});
  const std::uint32_t largest = words() * 8 * 255 * 255;
  std::uint32_t distance = 0;
  kernels().distances(zeros.data(), ones.data(), 1, words(), &distance);
  EXPECT_EQ(distance, largest);
  kernels().distances(ones.data(), zeros.data(), 1, words(), &distance);
  EXPECT_EQ(distance, largest);
}

TEST_P(VectorTiles, FindEqualsTheDefinition) {
  const std::size_t most = kernels().tile_rows;
  for (const std::size_t n_rows : {std::size_t{1}, std::size_t{5}, most - 1, most}) {
    const std::vector<std::uint64_t> rows = random_vectors(n_rows, words(), n_rows);
    for (const std::size_t n_queries : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 33U}) {
      const std::vector<std::uint64_t> queries = near_vectors(rows, words(), n_queries, n_queries);
      for (const std::uint32_t limit : {0U, 1U, 10U, 20'000U, 500'000U, 70'000'000U, 0xffffffffU}) {
        const std::vector<std::uint32_t> limits(n_queries, limit);
        for (const std::size_t capacity : {max_step_hits, 3 * max_step_hits + 1}) {
          ASSERT_EQ(found(kernels(), rows, queries, limits, words(), capacity),
                    defined(rows, queries, limits, words()))
              << "limit " << limit << ", rows " << n_rows << ", queries " << n_queries;
        }
      }
    }
  }
}

// Limits at and just below each query's distance to some row, so that every rounding matters.
TEST_P(VectorTiles, FindHoldsEachQueryToItsOwnLimit) {
  const std::size_t n_queries = 50;
  const std::vector<std::uint64_t> rows = random_vectors(kernels().tile_rows, words(), 3);
  const std::vector<std::uint64_t> queries = near_vectors(rows, words(), n_queries, 4);
  for (std::size_t shift = 0; shift < 8; ++shift) {
    std::vector<std::uint32_t> limits;
    for (std::size_t q = 0; q < n_queries; ++q) {
      const std::size_t row = (q + shift) % kernels().tile_rows;
      const std::uint32_t distance = squared_distance(&queries[q * words()], &rows[row * words()], words());
      limits.push_back(distance - std::min(distance, static_cast<std::uint32_t>(q % 3)));
    }
    ASSERT_EQ(found(kernels(), rows, queries, limits, words(), max_step_hits),
              defined(rows, queries, limits, words()));
  }
}

// The whole difference in one byte, at every place.
TEST_P(VectorTiles, FindSeesDifferencesWhereverTheyAre) {
  for (std::size_t place = 0; place < std::size_t{words()} * 8; ++place) {
    std::vector<std::uint64_t> row(words(), 0);
    row[place / 8] = std::uint64_t{7} << (place % 8 * 8);
    const std::vector<std::uint64_t> queries(std::size_t{7} * words(), 0);
    for (const std::uint32_t limit : {48U, 49U}) {
      const std::vector<std::uint32_t> limits(7, limit);
      ASSERT_EQ(found(kernels(), row, queries, limits, words(), max_step_hits).size(), limit == 49 ? 7U : 0U)
          << "byte " << place;
    }
  }
}

std::string name_of(const testing::TestParamInfo<parameters> &info) {
  return std::string(std::get<0>(info.param).name) + "_" + std::to_string(std::get<1>(info.param) * 8);
}

const auto widths = testing::Values(2U, 3U, 4U, 5U, 8U, 9U, 10U, 16U, 18U, 19U, 65U, 128U);

INSTANTIATE_TEST_SUITE_P(All, VectorKernels, testing::Combine(testing::ValuesIn(runnable_kernels()), widths),
                         name_of);
INSTANTIATE_TEST_SUITE_P(All, VectorTiles, testing::Combine(testing::ValuesIn(kernels_with_tiles()), widths),
                         name_of);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(VectorTiles);

}  // namespace
}  // namespace libmatch::detail
