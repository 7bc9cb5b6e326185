// Every kernel that this machine can run, against the definition: widths, limits, tails, unaligned rows.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
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
using test::random_source;

constexpr std::uint32_t any_distance = 0xffffffffU;
// Where sums are bytes, a limit of 256 must not become 0.
constexpr std::uint32_t over_a_byte = 256;

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

// Buckets of random words and what lies within a limit of a query, by the definition.
struct bucket_fixture {
  bucket_fixture(std::uint32_t size, std::uint32_t width) : n_words(width) {
    random_source random(size + width);
    words.assign(std::size_t{(size + bucket_lanes - 1) / bucket_lanes * bucket_lanes} * n_words, 0);
    for (std::uint32_t &word : words) {
      word = static_cast<std::uint32_t>(random.next());
    }
    // Near ones, so that some are found.
    for (std::uint32_t position = 0; position < size; position += 3) {
      for (std::uint32_t w = 0; w < n_words; ++w) {
        word(position, w) = 1U << (position % 32);
      }
    }
  }
  std::uint32_t &word(std::uint32_t position, std::uint32_t w) {
    return words[(position / bucket_lanes * n_words + w) * bucket_lanes + position % bucket_lanes];
  }
  bool within(const std::uint32_t *query, std::uint32_t position, std::uint32_t limit) {
    int distance = 0;
    for (std::uint32_t w = 0; w < n_words; ++w) {
      distance += std::popcount(query[w] ^ word(position, w));
    }
    return static_cast<std::uint32_t>(distance) <= limit;
  }

  std::uint32_t n_words;
  aligned_vector<std::uint32_t> words;
};

using position_pairs = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

// Buckets at the beginning, across blocks, of one position, whole blocks, and the last.
constexpr std::pair<std::uint32_t, std::uint32_t> bucket_places[] = {{0, 5},   {5, 6},   {6, 37},   {37, 64},
                                                                     {64, 80}, {80, 99}, {99, 300}, {300, 301}};

TEST_P(DistanceKernels, ProbeEqualsTheDefinition) {
  for (std::uint32_t n_words = 1; n_words <= max_inline_words; ++n_words) {
    bucket_fixture first(301, n_words);
    bucket_fixture second(301, n_words);
    const std::uint32_t *tables[] = {first.words.data(), second.words.data()};
    const std::vector<std::uint32_t> query{0, 4, 0, 0xffffffffU, 7, 0};
    for (const std::uint32_t limit : {0U, 1U, 3U, 31U, 32 * n_words, over_a_byte, any_distance}) {
      std::vector<bucket_probe> probes;
      position_pairs expected;
      for (const auto &[begin, end] : bucket_places) {
        for (std::uint32_t table = 0; table < 2; ++table) {
          bucket_fixture &buckets = table == 0 ? first : second;
          for (std::uint32_t position = begin; position < end; ++position) {
            if (buckets.within(query.data() + table * n_words, position, limit)) {
              expected.emplace_back(static_cast<std::uint32_t>(probes.size()), position);
            }
          }
          probes.push_back({begin, end, table, limit});
        }
      }
      for (const std::size_t capacity : {std::size_t{16}, std::size_t{37}, std::size_t{2000}}) {
        position_pairs found;
        std::vector<bucket_hit> hits(capacity);
        probe_cursor cursor;
        while (cursor.probe < probes.size()) {
          const bucket_probes all{tables, query.data(), n_words, probes.data(), probes.size()};
          const std::size_t count = kernels().probe(all, &cursor, hits.data(), capacity);
          ASSERT_LE(count, capacity);
          for (std::size_t i = 0; i < count; ++i) {
            found.emplace_back(hits[i].source, hits[i].position);
          }
        }
        ASSERT_EQ(found, expected) << n_words << " words, limit " << limit << ", capacity " << capacity;
      }
    }
  }
}

TEST_P(DistanceKernels, VisitEqualsTheDefinition) {
  random_source random(5);
  for (std::uint32_t n_words = 1; n_words <= max_inline_words; ++n_words) {
    bucket_fixture buckets(301, n_words);
    for (const std::size_t n_visitors : {1U, 2U, 5U}) {
      std::vector<std::uint32_t> queries(n_visitors * n_words, 0);
      for (std::size_t w = n_words; w < queries.size(); ++w) {
        queries[w] = static_cast<std::uint32_t>(random.next() & random.next() & random.next());
      }
      for (const std::uint32_t limit : {0U, 3U, 31U, over_a_byte, any_distance}) {
        for (const auto &[begin, end] : bucket_places) {
          position_pairs expected;
          for (std::uint32_t v = 0; v < n_visitors; ++v) {
            for (std::uint32_t position = begin; position < end; ++position) {
              if (buckets.within(queries.data() + v * n_words, position, limit)) {
                expected.emplace_back(v, position);
              }
            }
          }
          std::sort(expected.begin(), expected.end());
          for (const std::size_t capacity : {2 * bucket_lanes * n_visitors, std::size_t{3000}}) {
            position_pairs found;
            std::vector<bucket_hit> hits(capacity);
            std::uint32_t position = begin;
            while (position < end) {
              const bucket_visitors all{buckets.words.data(), n_words, end, queries.data(), n_visitors, limit};
              const std::size_t count = kernels().visit(all, &position, hits.data(), capacity);
              ASSERT_LE(count, capacity);
              for (std::size_t i = 0; i < count; ++i) {
                found.emplace_back(hits[i].source, hits[i].position);
              }
            }
            std::sort(found.begin(), found.end());
            ASSERT_EQ(found, expected) << n_words << " words, limit " << limit << ", from " << begin;
          }
        }
      }
    }
  }
}

// Lines of any contents, some near the codes 0 and 1, and what visits of them find, by the definition.
struct line_fixture {
  static constexpr std::uint32_t n_lines = 128;

  line_fixture() : words(std::size_t{n_lines} * words_of_line) {
    random_source random(11);
    for (std::uint32_t &word : words) {
      word = static_cast<std::uint32_t>(random.next());
    }
    for (std::uint32_t line = 0; line < n_lines; ++line) {
      std::uint32_t *own = &words[std::size_t{line} * words_of_line];
      if (line % 3 == 0) {
        std::fill_n(own, words_of_line - 1, line % 2 == 0 ? 0U : 1U << (line % 32));
      }
      // 0 to 7 rows, one more than there can be; every other line goes on in another, a smaller one at times.
      own[words_of_line - 1] = (line % 2 == 0 ? 0U : (line % 5 == 0 ? line / 2 : line * 4'000'001U) << 3) | line % 8;
    }
  }

  std::uint32_t next_of(std::uint32_t line) const { return words[(line + 1) * words_of_line - 1] >> 3; }
  bool within(std::uint32_t line, std::uint32_t row, std::uint64_t low, std::uint32_t high,
              std::uint32_t limit) const {
    const auto *bytes = reinterpret_cast<const unsigned char *>(&words[std::size_t{line} * words_of_line]);
    int distance = 0;
    for (std::size_t byte = 0; byte < 8; ++byte) {
      distance += std::popcount(static_cast<unsigned>(bytes[8 * row + byte] ^ (low >> (8 * byte) & 0xff)));
    }
    for (std::size_t byte = 0; byte < 2; ++byte) {
      distance += std::popcount(static_cast<unsigned>(bytes[48 + 2 * row + byte] ^ (high >> (8 * byte) & 0xff)));
    }
    return row < (words[(line + 1) * words_of_line - 1] & 7U) && static_cast<std::uint32_t>(distance) <= limit;
  }

  aligned_vector<std::uint32_t> words;
};

// What is found of lines, and room for it.
struct line_results {
  explicit line_results(std::size_t n_visits) : hits(rows_of_line * n_visits), more(n_visits) {}

  static position_pairs pairs(const std::vector<bucket_hit> &from, std::size_t n) {
    position_pairs pairs;
    for (std::size_t i = 0; i < n; ++i) {
      pairs.emplace_back(from[i].source, from[i].position);
    }
    return pairs;
  }

  // By the definition.
  void expect(const line_fixture &table, std::uint32_t line, std::uint32_t source, std::uint64_t low,
              std::uint32_t high, std::uint32_t limit) {
    for (std::uint32_t row = 0; row < rows_of_line; ++row) {
      if (table.within(line, row, low, high, limit)) {
        expected.emplace_back(source, line * rows_of_line + row);
      }
    }
    if (table.next_of(line) > line) {
      expected_more.emplace_back(source, table.next_of(line));
    }
  }
  void compare(std::size_t n_hits) const {
    EXPECT_EQ(pairs(hits, n_hits), expected);
    EXPECT_EQ(pairs(more, n_more), expected_more);
  }

  std::vector<bucket_hit> hits;
  std::vector<bucket_hit> more;
  std::size_t n_more = 0;
  position_pairs expected;
  position_pairs expected_more;
};

TEST_P(DistanceKernels, ProbesOfLinesEqualTheDefinition) {
  const line_fixture table;
  random_source random(13);
  for (const std::uint32_t n : {1U, 5U, 64U, 100U}) {
    std::vector<std::uint32_t> masks(n + 3);
    for (std::uint32_t &mask : masks) {
      mask = static_cast<std::uint32_t>(random.below(table.n_lines));
    }
    for (const std::uint32_t limit : {0U, 3U, 31U, any_distance}) {
      const std::uint64_t low = limit % 2 == 0 ? random.next() : 1;
      const auto high = static_cast<std::uint32_t>(random.next() << 16 | 2U);  // the upper half does not count
      const std::uint32_t flip = 77;
      line_results results(n);
      for (std::uint32_t i = 0; i < n; ++i) {
        results.expect(table, masks[i] ^ flip, 0, low, high, limit);
      }
      // Lines that are wanted next: of two tables, and they come to an end.
      const std::array<wanted_lines, 2> wanted{{{table.words.data(), 3, n}, {table.words.data(), 4, 2}}};
      line_cursor ahead{masks.data(), wanted.data(), wanted.data() + wanted.size(), n - 1};
      const line_probes probes{table.words.data(), masks.data(), n, flip, limit, {&low, &high}, &ahead};
      results.compare(kernels().probe_lines(probes, results.hits.data(), results.more.data(), &results.n_more));
      ASSERT_EQ(ahead.table - wanted.data(), n == 1 ? 1 : 2);  // n lines on
    }
  }
}

TEST_P(DistanceKernels, VisitsOfLinesEqualTheDefinition) {
  const line_fixture table;
  random_source random(17);
  std::vector<std::uint64_t> low(100);
  std::vector<std::uint32_t> high(low.size());
  for (std::size_t i = 0; i < low.size(); ++i) {
    low[i] = i % 2 == 0 ? i % 4 : random.next();
    high[i] = static_cast<std::uint32_t>(random.below(64) << 16 | (i % 2 == 0 ? 0 : random.below(65536)));
  }
  const std::vector<std::uint32_t> flips{0, 5, 63, 32};
  const std::vector<line_visitors> visitors{{0, 1, 0, 4, 0}, {1, 70, 9, 3, 2}, {71, 0, 1, 4, 1}, {90, 10, 40, 4, 4}};
  // The largest limit of the flips comes first.
  for (const auto &[first_line, limits] : {std::pair{0U, std::vector<std::uint32_t>{any_distance, 31, 7, 4}},
                                           std::pair{64U, std::vector<std::uint32_t>{17, 16, 16, 15}}}) {
    line_results results(4 * low.size());
    for (const line_visitors &each : visitors) {
      for (std::uint32_t f = 0; f < each.n_flips; ++f) {
        for (std::uint32_t q = each.first; q < each.first + each.n; ++q) {
          results.expect(table, first_line + (high[q] >> 16 ^ flips[f] ^ each.flip), q, low[q], high[q],
                         limits[f] - each.weight);
        }
      }
    }
    const line_visits visits{table.words.data(), first_line,         {low.data(), high.data()},
                             flips.data(),       limits.data(),      visitors.data(),
                             visitors.size(),    table.words.data(), 5};
    results.compare(kernels().visit_lines(visits, results.hits.data(), results.more.data(), &results.n_more));
  }
}

TEST_P(DistanceKernels, FurtherLinesEqualTheDefinition) {
  const line_fixture table;
  random_source random(19);
  const std::vector<std::uint64_t> low{0, random.next(), 1};
  const std::vector<std::uint32_t> high{0, 0xfff0U, 0x7ffff};
  for (const std::uint32_t limit : {0U, 31U, any_distance}) {
    line_results results(50);
    for (bucket_hit &line : results.more) {
      // Some behind the last line, as a damaged file may say.
      line = {static_cast<std::uint32_t>(random.below(3)),
              static_cast<std::uint32_t>(random.below(2 * table.n_lines))};
      if (line.position < table.n_lines) {
        results.expect(table, line.position, line.source, low[line.source], high[line.source], limit);
      }
    }
    results.n_more = results.more.size();
    const further_lines lines{table.words.data(), table.n_lines, {low.data(), high.data()}, limit};
    results.compare(kernels().follow_lines(lines, results.hits.data(), results.more.data(), &results.n_more));
  }
}

// Entries in buckets of sizes 0, 1, .. 9 and rows that look them up, with what is near by the definition.
struct lookup_fixture {
  static constexpr std::uint32_t n_buckets = 10;

  lookup_fixture(std::uint32_t width, std::uint32_t substring, std::uint32_t first_word)
      : words(width), place(substring), first_compared(first_word), rows(random_rows(61, width, 3)) {
    for (std::size_t r = 0; r < n_rows(); ++r) {
      const auto bucket = static_cast<std::uint16_t>(r % n_buckets);
      std::memcpy(reinterpret_cast<char *>(&rows[r * words]) + place * sizeof bucket, &bucket, sizeof bucket);
    }
    starts.assign((std::size_t{1} << 16) + 1, n_buckets * (n_buckets - 1) / 2);
    for (std::uint32_t bucket = 0; bucket < n_buckets; ++bucket) {
      starts[bucket] = bucket * (bucket - 1) / 2;
    }
    random_source random(7);
    for (std::size_t entry = 0; entry < starts.back(); ++entry) {
      const std::size_t row = random.next() % n_rows();
      entries.push_back(rows[row * words + first_compared] ^ (std::uint64_t{1} << (entry % 64)));
      entries.push_back(rows[row * words + first_compared + 1] ^ (entry % 5 == 0 ? 0xffffU : 0U));
    }
    entries.resize(entries.size() + 2 * entries_of_step, 0);  // near some rows, but in no bucket
  }
  std::size_t n_rows() const { return rows.size() / words; }

  position_pairs defined(std::uint32_t limit) const {
    position_pairs near;
    for (std::size_t r = 0; r < n_rows(); ++r) {
      const std::size_t bucket = r % n_buckets;
      for (std::uint32_t entry = starts[bucket]; entry < starts[bucket + 1]; ++entry) {
        if (hamming_distance(&rows[r * words + first_compared], &entries[entry * 2], 2) <= limit) {
          near.emplace_back(static_cast<std::uint32_t>(r), entry);
        }
      }
    }
    return near;
  }

  position_pairs found(const distance_kernels &kernels, std::uint32_t limit, std::size_t capacity,
                       std::uint64_t max_steps) const {
    position_pairs near;
    std::vector<bucket_hit> hits(capacity);
    const query_table table{starts.data(), entries.data(), place, first_compared, limit, max_steps};
    lookup_cursor cursor;
    while (cursor.row < n_rows()) {
      const std::size_t count = kernels.look_up(table, rows.data(), n_rows(), words, &cursor, hits.data(), capacity);
      EXPECT_LE(count, capacity);
      for (std::size_t i = 0; i < count; ++i) {
        near.emplace_back(hits[i].source, hits[i].position);
      }
    }
    return near;
  }

  std::uint32_t words;
  std::uint32_t place;
  std::uint32_t first_compared;
  std::vector<std::uint64_t> rows;
  std::vector<std::uint32_t> starts;
  std::vector<std::uint64_t> entries;
};

TEST_P(DistanceKernels, LookUpEqualsTheDefinition) {
  if (words() < 2) {
    GTEST_SKIP() << "two words are compared";
  }
  for (const std::uint32_t place : {0U, 1U, 4 * words() - 1}) {
    for (const std::uint32_t first_word : {0U, words() - 2}) {
      const lookup_fixture fixture(words(), place, first_word);
      for (const std::uint32_t limit : {0U, 1U, 17U, 60U, 128U}) {
        const position_pairs expected = fixture.defined(limit);
        for (const std::size_t capacity : {std::size_t{entries_of_step}, std::size_t{7}, std::size_t{1000}}) {
          for (const std::uint64_t max_steps : {0U, 5U, 1000U}) {  // it stops, and goes on when called again
            ASSERT_EQ(fixture.found(kernels(), limit, capacity, max_steps), expected)
                << "place " << place << ", word " << first_word << ", limit " << limit << ", capacity " << capacity;
          }
        }
      }
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
