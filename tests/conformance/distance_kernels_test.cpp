// The kernels that compare rows with queries, every one that this machine can run, against the definition: widths,
// limits, tails, unaligned rows.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "core/aligned_vector.h"
#include "core/cpu_features.h"
#include "distance/definition.h"
#include "distance/dispatch.h"
#include "support/instruction_sets.h"
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
  static std::uint32_t bits() { return words() * 64; }
  static const distance_kernels &kernels() { return kernels_for(set()); }
};

using hit_tuples = std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>>;

hit_tuples sorted(const std::vector<tile_hit> &hits) {
  hit_tuples tuples;
  for (const tile_hit &hit : hits) {
    tuples.emplace_back(hit.query, hit.row, hit.distance);
  }
  std::sort(tuples.begin(), tuples.end());
  return tuples;
}

// Rows, their planes and queries, laid out for distance_kernels::find.
struct tile_fixture {
  tile_fixture(const distance_kernels &with, std::vector<std::uint64_t> codes, std::uint32_t width,
               std::vector<std::uint64_t> asked, std::vector<std::uint32_t> within, std::uint32_t n_planes)
      : kernels(with), rows(std::move(codes)), queries(std::move(asked)), limits(std::move(within)) {
    // What was there before must not shine through.
    const std::size_t n_rows = rows.size() / width;
    const std::size_t n_tiles = (n_rows + tile_rows - 1) / tile_rows;
    planes.assign(n_tiles * n_planes * tile_words, ~std::uint64_t{0});
    for (std::size_t tile = 0; tile < n_tiles; ++tile) {
      kernels.slice(rows.data() + tile * tile_rows * width, std::min(tile_rows, n_rows - tile * tile_rows), width, 0,
                    n_planes, planes.data() + tile * n_planes * tile_words);
    }
    tiles = {planes.data(), n_planes, width, rows.data(), n_rows, queries.data(), limits.size(), limits.data(), {}};
  }

  std::vector<tile_hit> found(std::size_t capacity) const { return found_by(kernels.find, capacity); }
  std::vector<tile_hit> found_coarse(std::size_t capacity) const { return found_by(kernels.find_coarse, capacity); }

  std::vector<tile_hit> found_by(decltype(distance_kernels::find) find, std::size_t capacity) const {
    std::vector<tile_hit> hits;
    std::vector<tile_hit> part(capacity);
    const std::size_t n_tiles = (tiles.n_rows + tile_rows - 1) / tile_rows;
    tile_cursor cursor;
    while (cursor.tile < n_tiles) {
      const tile_cursor before = cursor;
      const std::size_t count = find(tiles, &cursor, part.data(), capacity);
      EXPECT_LE(count, capacity);
      hits.insert(hits.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(count));
      if (std::tie(cursor.tile, cursor.query) <= std::tie(before.tile, before.query)) {
        ADD_FAILURE() << "no progress";
        break;
      }
    }
    return hits;
  }

  std::vector<tile_hit> defined() const {
    std::vector<tile_hit> hits;
    for (std::uint32_t q = 0; q < tiles.n_queries; ++q) {
      for (std::uint32_t r = 0; r < tiles.n_rows; ++r) {
        const std::uint32_t distance =
            hamming_distance(tiles.queries + q * tiles.words, tiles.rows + r * tiles.words, tiles.words);
        if (distance <= tiles.limits[q]) {
          hits.push_back({q, r, distance});
        }
      }
    }
    return hits;
  }

  const distance_kernels &kernels;
  std::vector<std::uint64_t> rows;
  std::vector<std::uint64_t> queries;
  std::vector<std::uint32_t> limits;
  aligned_vector<std::uint64_t> planes;
  sliced_tiles tiles{};
};

std::uint32_t whole_planes(std::uint32_t words) { return (words * 64 + chunk_bits - 1) / chunk_bits * chunk_bits; }

// Some prefixes and the whole code.
std::vector<std::uint32_t> plane_counts(std::uint32_t words) {
  std::vector<std::uint32_t> counts{whole_planes(words)};
  for (const std::uint32_t planes : {24U, 96U, 120U, 144U, 240U}) {
    if (planes < words * 64) {
      counts.push_back(planes);
    }
  }
  return counts;
}

TEST_P(DistanceKernels, DistancesEqualTheDefinition) {
  for (const std::size_t n : {0U, 1U, 2U, 7U, 8U, 9U, 15U, 16U, 17U, 63U, 64U, 65U, 200U}) {
    const std::vector<std::uint64_t> rows = random_rows(n + 1, words(), 1000 + n);
    const std::vector<std::uint64_t> query = random_rows(1, words(), 7);
    // The second start is not on a cache line, whatever the first is.
    for (const std::size_t first : {0U, 1U}) {
      std::vector<std::uint32_t> distances(n, any_distance);
      kernels().distances(query.data(), rows.data() + first * words(), n, words(), distances.data());
      for (std::size_t r = 0; r < n; ++r) {
        ASSERT_EQ(distances[r], hamming_distance(query.data(), rows.data() + (first + r) * words(), words()));
      }
    }
  }
}

TEST_P(DistanceKernels, DistancesAtEqualTheDefinition) {
  const std::vector<std::uint64_t> rows = random_rows(50, words(), 5);
  const std::vector<std::uint64_t> query = random_rows(1, words(), 7);
  const std::vector<std::uint32_t> numbers{49, 0, 17, 17, 3, 48, 1, 30, 2};
  for (std::size_t n = 0; n <= numbers.size(); ++n) {
    std::vector<std::uint32_t> distances(n, any_distance);
    kernels().distances_at(query.data(), rows.data(), numbers.data(), n, words(), distances.data());
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_EQ(distances[i], hamming_distance(query.data(), rows.data() + numbers[i] * words(), words()));
    }
  }
}

TEST_P(DistanceKernels, PlanesHoldTheBitsOfTheRows) {
  for (const std::size_t n_rows : {std::size_t{1}, std::size_t{63}, std::size_t{65}, tile_rows}) {
    const std::vector<std::uint64_t> rows = random_rows(n_rows, words(), n_rows);
    for (const std::uint32_t n_planes : plane_counts(words())) {
      const tile_fixture fixture(kernels(), rows, words(), {}, {}, n_planes);
      for (std::uint32_t b = 0; b < n_planes; ++b) {
        for (std::size_t r = 0; r < tile_rows; ++r) {
          const bool set = r < n_rows && b < bits() && (rows[r * words() + b / 64] >> (b % 64) & 1U) != 0;
          ASSERT_EQ(fixture.planes[b * tile_words + r / 64] >> (r % 64) & 1U, set ? 1U : 0U) << b << " of " << r;
        }
      }
    }
  }
}

TEST_P(DistanceKernels, FindEqualsTheDefinition) {
  for (const std::uint32_t limit : {0U, 1U, 8U, 31U, 32U, 47U, 64U, 90U, bits() - 1, bits(), any_distance}) {
    for (const std::size_t n_rows : {std::size_t{1}, std::size_t{65}, tile_rows - 1, tile_rows}) {
      for (const std::size_t n_queries : {1U, 7U, 8U, 35U}) {
        const std::vector<std::uint64_t> rows = random_rows(n_rows, words(), n_rows);
        const std::vector<std::uint64_t> queries =
            planted_queries(rows, words(), n_queries, std::min<std::size_t>(limit + 2ULL, bits()), limit);
        const std::uint32_t n_planes = plane_counts(words())[(limit + n_rows) % plane_counts(words()).size()];
        const tile_fixture fixture(kernels(), rows, words(), queries, std::vector<std::uint32_t>(n_queries, limit),
                                   n_planes);
        ASSERT_EQ(sorted(fixture.found(n_rows % 2 == 0 ? tile_rows : 3 * tile_rows + 1)), sorted(fixture.defined()))
            << "limit " << limit << ", rows " << n_rows << ", queries " << n_queries << ", planes " << n_planes;
      }
    }
  }
}

TEST_P(DistanceKernels, FindHoldsEachQueryToItsOwnLimit) {
  const std::vector<std::uint64_t> rows = random_rows(tile_rows, words(), 3);
  for (const std::uint32_t step : {0U, 1U, 7U, 60U}) {
    std::vector<std::uint32_t> limits;
    for (std::uint32_t q = 0; q < 40; ++q) {
      limits.push_back(q % 3 == 0 ? 0 : q * step);
    }
    const tile_fixture fixture(kernels(), rows, words(), planted_queries(rows, words(), 40, 40, 4), limits,
                               whole_planes(words()));
    EXPECT_EQ(sorted(fixture.found(1024)), sorted(fixture.defined()));
  }
}

// Distances right at the limit, on codes that differ only behind every prefix, or only within it.
TEST_P(DistanceKernels, FindSeesDifferencesWhereverTheyAre) {
  for (const std::uint32_t ones : {30U, 31U, 32U}) {
    std::vector<std::uint64_t> rows;
    for (std::uint32_t first = 0; first + ones <= bits() && rows.size() < tile_rows * words(); ++first) {
      std::vector<std::uint64_t> row(words(), 0);
      for (std::uint32_t bit = first; bit < first + ones; ++bit) {
        row[bit / 64] |= std::uint64_t{1} << (bit % 64);
      }
      rows.insert(rows.end(), row.begin(), row.end());
    }
    const std::size_t n_rows = rows.size() / words();
    // By planes for a few queries, by tables for many.
    for (const std::size_t n_queries : {1U, 9U}) {
      for (const std::uint32_t n_planes : plane_counts(words())) {
        const tile_fixture fixture(kernels(), rows, words(), std::vector<std::uint64_t>(n_queries * words(), 0),
                                   std::vector<std::uint32_t>(n_queries, 31), n_planes);
        ASSERT_EQ(fixture.found(1024).size(), ones <= 31 ? n_queries * n_rows : 0U) << ones << " ones";
      }
    }
  }
}

// All rows alike: every query that is near one is near all, and each call ends where the next one has to go on.
TEST_P(DistanceKernels, FindReturnsEveryRow) {
  const std::vector<std::uint64_t> rows(tile_rows * words(), 0x5555555555555555ULL);
  std::vector<std::uint64_t> queries(std::size_t{9} * words(), 0x5555555555555555ULL);
  queries[0] ^= 0x7fffffffULL;                // 31 bits of the first word
  queries[words()] ^= 0xffffffffULL;          // 32: too many
  queries[3 * words() - 1] ^= 0x7fffffffULL;  // 31 bits of the last word
  const tile_fixture fixture(kernels(), rows, words(), queries, std::vector<std::uint32_t>(9, 31),
                             plane_counts(words()).back());
  const std::vector<tile_hit> hits = fixture.found(tile_rows);
  EXPECT_EQ(sorted(hits), sorted(fixture.defined()));
  EXPECT_EQ(hits.size(), 8 * tile_rows);
}

// Several tiles in one call, the last of them not full, with few queries and with many: each call goes on where the
// one before has ended.
TEST_P(DistanceKernels, FindTakesTilesInOrder) {
  const std::size_t n_rows = 3 * tile_rows + 70;
  std::vector<std::uint64_t> rows = random_rows(n_rows, words(), 11);
  // Two thirds of the second tile are near everything that is near one of them.
  for (std::size_t r = tile_rows; r < tile_rows + 350; ++r) {
    std::copy_n(rows.begin(), words(), rows.begin() + static_cast<std::ptrdiff_t>(r * words()));
  }
  for (const std::size_t n_queries : {1U, 2U, 7U, 8U, 33U}) {
    std::vector<std::uint64_t> queries = planted_queries(rows, words(), n_queries, 20, n_queries);
    std::copy_n(rows.begin(), words(), queries.begin());
    std::copy_n(rows.begin(), words(), queries.end() - words());
    for (const std::uint32_t n_planes : {std::min(96U, whole_planes(words())), whole_planes(words())}) {
      for (const std::uint32_t limit : {20U, 31U}) {
        const tile_fixture fixture(kernels(), rows, words(), queries, std::vector<std::uint32_t>(n_queries, limit),
                                   n_planes);
        for (const std::size_t capacity : {tile_rows, 2 * tile_rows + 1, std::size_t{40'000}}) {
          ASSERT_EQ(sorted(fixture.found(capacity)), sorted(fixture.defined())) << n_queries << " queries";
        }
      }
    }
    const std::uint32_t coarse = std::min(160U, words() * 64);
    const tile_fixture fixture(kernels(), rows, words(), queries, std::vector<std::uint32_t>(n_queries, 31), coarse);
    ASSERT_EQ(sorted(fixture.found_coarse(tile_rows)), sorted(fixture.defined())) << n_queries << " queries";
  }
}

// Whole steps of coarse counts: some, as many as the common limit has, and as many as there can be.
std::vector<std::uint32_t> coarse_plane_counts(std::uint32_t words) {
  const std::uint32_t most = std::min(words * 64, 4 * max_coarse_groups);
  std::vector<std::uint32_t> counts{most};
  for (const std::uint32_t planes : {16U, 32U, 48U, 112U, 160U, 176U, 208U}) {
    if (planes < most) {
      counts.push_back(planes);
    }
  }
  return counts;
}

TEST_P(DistanceKernels, FindCoarseEqualsTheDefinition) {
  for (const std::uint32_t n_planes : coarse_plane_counts(words())) {
    for (const std::uint32_t limit : {0U, 1U, 15U, 30U, 31U, 32U, 63U, 64U, 127U, 128U, bits(), any_distance}) {
      const std::size_t n_rows = limit % 2 == 0 ? tile_rows : 65 + limit % 64;
      const std::size_t n_queries = limit == 31 ? 70 : 3;
      const std::vector<std::uint64_t> rows = random_rows(n_rows, words(), n_planes);
      const std::vector<std::uint64_t> queries =
          planted_queries(rows, words(), n_queries, std::min<std::size_t>(limit + 2ULL, bits()), limit);
      const tile_fixture fixture(kernels(), rows, words(), queries, std::vector<std::uint32_t>(n_queries, limit),
                                 n_planes);
      ASSERT_EQ(sorted(fixture.found_coarse(tile_rows + limit % 3)), sorted(fixture.defined()))
          << "limit " << limit << ", planes " << n_planes;
    }
  }
}

TEST_P(DistanceKernels, FindCoarseHoldsEachQueryToItsOwnLimit) {
  const std::vector<std::uint64_t> rows = random_rows(tile_rows, words(), 3);
  for (const std::uint32_t step : {0U, 1U, 7U}) {
    std::vector<std::uint32_t> limits;
    for (std::uint32_t q = 0; q < 40; ++q) {
      limits.push_back(q % 3 == 0 ? 0 : q * step);
    }
    for (const std::uint32_t n_planes : coarse_plane_counts(words())) {
      const tile_fixture fixture(kernels(), rows, words(), planted_queries(rows, words(), 40, 40, 4), limits,
                                 n_planes);
      EXPECT_EQ(sorted(fixture.found_coarse(1024)), sorted(fixture.defined())) << n_planes << " planes";
    }
  }
}

// Every way in which the bits of one group can differ, in each group: no pair that is near may be dropped, and one
// that every group shows to be far is.
TEST_P(DistanceKernels, FindCoarseCountsEachGroup) {
  std::vector<std::uint64_t> rows;
  for (std::uint64_t pattern = 0; pattern < 16; ++pattern) {
    for (std::uint32_t shift = 0; shift < 64 && shift < bits(); shift += 4) {
      std::vector<std::uint64_t> row(words(), 0);
      row[shift / 4 % words()] = pattern << shift;
      rows.insert(rows.end(), row.begin(), row.end());
    }
  }
  const std::size_t n_rows = rows.size() / words();
  std::vector<std::uint64_t> queries(words(), 0);
  for (const std::uint64_t word : {0x5555555555555555ULL, 0x3333333333333333ULL, ~0ULL}) {
    queries.insert(queries.end(), words(), word);
  }
  for (const std::uint32_t limit : {0U, 1U, 2U, 3U, 31U}) {
    for (const std::uint32_t n_planes : coarse_plane_counts(words())) {
      const tile_fixture fixture(kernels(), rows, words(), queries, std::vector<std::uint32_t>(4, limit), n_planes);
      ASSERT_EQ(sorted(fixture.found_coarse(n_rows + tile_rows)), sorted(fixture.defined())) << limit;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, DistanceKernels,
                         testing::Combine(testing::ValuesIn(test::architecture_sets),
                                          testing::Values(1U, 2U, 3U, 4U, 5U, 7U, 8U, 9U, 16U, 31U, 32U)),
                         [](const auto &parameters) {
                           return std::string(instruction_set_name(std::get<0>(parameters.param))) + "_" +
                                  std::to_string(std::get<1>(parameters.param) * 64);
                         });

}  // namespace
}  // namespace libmatch::detail
