// Every way of searching gives the same answer: whole rows, planes, buckets query by query, buckets bucket by bucket;
// on random codes, near copies, codes all alike, and any number of threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "core/aligned_vector.h"
#include "distance/definition.h"
#include "distance/dispatch.h"
#include "search/buckets.h"
#include "search/line_buckets.h"
#include "search/scan.h"
#include "search/tile_scan.h"
#include "support/instruction_sets.h"
#include "support/random_codes.h"

namespace libmatch::detail {
namespace {

using test::flip_bits;
using test::planted_queries;
using test::random_rows;
using test::random_source;

constexpr std::size_t n_rows = 66'000;  // enough for buckets, and a tail of a tile

// A segment with all its layouts; with bits of a line's substring, buckets are lines.
struct laid_out {
  laid_out(std::vector<std::uint64_t> codes, std::uint32_t width, std::uint32_t line_bits = 0)
      : rows(std::move(codes)), words(width) {
    const std::size_t size = rows.size() / words;
    ids.resize(size);
    std::iota(ids.rbegin(), ids.rend(), std::int64_t{5});
    removed.resize((size + 63) / 64);
    for (std::size_t r = 0; r < size; r += 11) {
      removed[r / 64] |= std::uint64_t{1} << (r % 64);
    }
    thread_pool threads(1);
    if (line_bits == 0) {
      buckets = build_buckets(rows.data(), size, words, threads);
    } else {
      bucket_layout shape = shape_of_lines(size, line_bits);
      shape.lines += static_cast<std::uint32_t>(size);  // however they crowd
      EXPECT_TRUE(build_lines(rows.data(), shape, static_cast<std::uint32_t>(size), threads, nullptr, buckets));
      for (std::uint32_t t = 0; t < shape.tables; ++t) {
        EXPECT_EQ(find_bucket_fault(buckets.layout, rows.data(), words, t).where, bucket_fault::array::none);
      }
    }
    const distance_kernels &kernels = kernels_for(instruction_set::scalar);
    planes.resize(plane_layout::words(size));
    for (std::size_t first = 0; first < size; first += plane_layout::tile_rows) {
      kernels.slice(rows.data() + first * words, std::min(plane_layout::tile_rows, size - first), words, 0,
                    plane_layout::n_planes,
                    planes.data() + first / plane_layout::tile_rows * plane_layout::words_of_tile);
    }
    view.rows = rows.data();
    view.ids = ids.data();
    view.removed = removed.data();
    view.size = size;
    view.words = words;
    if (words * 64 > plane_layout::n_planes) {
      view.planes.planes = planes.data();
    }
    view.buckets = &buckets.layout;
  }
  laid_out(const laid_out &) = delete;

  std::vector<std::uint64_t> rows;
  std::uint32_t words;
  std::vector<std::int64_t> ids;
  std::vector<std::uint64_t> removed;
  aligned_vector<std::uint64_t> planes;
  owned_buckets buckets;
  segment_view view;
};

using matches = std::vector<std::tuple<std::size_t, std::uint32_t, std::int64_t>>;  // query, distance, id

matches to_matches(const search_result &result) {
  matches all;
  for (std::size_t q = 0; q + 1 < result.offsets.size(); ++q) {
    for (auto i = static_cast<std::size_t>(result.offsets[q]); i < static_cast<std::size_t>(result.offsets[q + 1]);
         ++i) {
      all.emplace_back(q, result.distances[i], result.ids[i]);
    }
  }
  return all;
}

matches by_definition(const laid_out &codes, const std::vector<std::uint64_t> &queries, std::uint32_t max_distance) {
  matches all;
  for (std::size_t q = 0; q < queries.size() / codes.words; ++q) {
    for (std::size_t r = 0; r < codes.view.size; ++r) {
      const std::uint32_t distance =
          hamming_distance(&queries[q * codes.words], &codes.rows[r * codes.words], codes.words);
      if (distance <= max_distance && !codes.view.is_removed(r)) {
        all.emplace_back(q, distance, codes.ids[r]);
      }
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

constexpr search_method all_methods[] = {search_method::rows, search_method::planes, search_method::lookups,
                                         search_method::probes, search_method::visits};

class SearchMethods : public testing::TestWithParam<std::tuple<instruction_set, unsigned>> {
 protected:
  void SetUp() override {
    if (!can_run(std::get<0>(GetParam()))) {
      GTEST_SKIP() << "this processor or this build has no " << instruction_set_name(std::get<0>(GetParam()));
    }
  }

  void expect_all_equal(const laid_out &codes, const std::vector<std::uint64_t> &queries,
                        std::uint32_t max_distance) {
    const matches expected = by_definition(codes, queries, max_distance);
    for (const search_method method : all_methods) {
      EXPECT_TRUE(expected == to_matches(search(codes, queries, max_distance, method)))
          << search_method_name(method) << ", distance " << max_distance << ", " << codes.words << " words";
    }
    EXPECT_TRUE(expected == to_matches(search(codes, queries, max_distance, std::nullopt))) << "as planned";
  }

  search_result search(const laid_out &codes, const std::vector<std::uint64_t> &queries, std::uint32_t max_distance,
                       std::optional<search_method> method) {
    const auto set = std::get<0>(GetParam());
    thread_pool threads(std::get<1>(GetParam()));
    progress_meter progress(nullptr, 0);
    return search_range({&codes.view, 1}, {queries.data(), queries.size() / codes.words, codes.words}, max_distance,
                        {kernels_for(set), set, threads, progress, method});
  }
};

TEST_P(SearchMethods, AgreeOnRandomCodes) {
  for (const std::uint32_t words : {1U, 2U, 4U, 9U}) {
    const laid_out codes(random_rows(n_rows, words, 1), words);
    const std::vector<std::uint64_t> queries = planted_queries(codes.rows, words, 20, 40, 2);
    for (const std::uint32_t max_distance : {0U, 8U, 14U, 31U, 40U}) {
      if (max_distance <= 8 * words) {
        expect_all_equal(codes, queries, max_distance);
      }
    }
  }
}

// As many queries as coarse counts are made for, on planes that are stored in part and on none.
TEST_P(SearchMethods, AgreeInLargeBatches) {
  for (const std::uint32_t words : {1U, 2U, 4U, 9U}) {
    laid_out codes(random_rows(2'000, words, 5), words);
    const std::vector<std::uint64_t> queries =
        planted_queries(codes.rows, words, min_queries_for_coarse, std::min<std::size_t>(70, words * 16), 2);
    for (const bool stored : {true, false}) {
      if (!stored) {
        codes.view.planes.planes = nullptr;
      }
      for (const std::uint32_t max_distance : {0U, 7U, 15U, 31U, 47U, 64U}) {
        if (max_distance <= 16 * words) {
          expect_all_equal(codes, queries, max_distance);
        }
      }
    }
  }
}

// Lines: short substrings have long chains, long ones nearly empty buckets; at 45 most tables have a radius of 2.
TEST_P(SearchMethods, AgreeOnRandomCodesInLines) {
  for (const std::uint32_t line_bits : {7U, 11U, 16U}) {
    const laid_out codes(random_rows(20'000, 4, line_bits), 4, line_bits);
    const std::vector<std::uint64_t> queries = planted_queries(codes.rows, 4, 30, 40, 2);
    for (const std::uint32_t max_distance : {0U, 31U, 45U}) {
      expect_all_equal(codes, queries, max_distance);
    }
  }
}

// Groups of near copies: a match is found by many tables, and where the groups are large, most of what a bucket holds
// is one.
TEST_P(SearchMethods, AgreeOnNearCopies) {
  for (const std::size_t groups : {30U, 3000U}) {
    random_source random(7);
    const std::vector<std::uint64_t> centres = random_rows(groups, 4, 3);
    std::vector<std::uint64_t> rows;
    for (std::size_t r = 0; r < n_rows; ++r) {
      const std::uint64_t *centre = &centres[random.below(groups) * 4];
      rows.insert(rows.end(), centre, centre + 4);
      flip_bits(&rows[r * 4], 4, random.below(40), random);
    }
    const std::vector<std::uint64_t> queries(centres.begin(), centres.begin() + 40);
    for (const std::uint32_t line_bits : {0U, 14U}) {
      const laid_out codes(rows, 4, line_bits);
      for (const std::uint32_t max_distance : {0U, 5U, 20U, 31U}) {
        expect_all_equal(codes, queries, max_distance);
      }
    }
  }
}

// One bucket of each table holds everything.
TEST_P(SearchMethods, AgreeOnCodesAllAlike) {
  std::vector<std::uint64_t> queries(8, 0x0123456789abcdefULL);
  queries[4] ^= 0xff;
  for (const std::uint32_t line_bits : {0U, 14U}) {
    const laid_out codes(std::vector<std::uint64_t>(n_rows * 4, 0x0123456789abcdefULL), 4, line_bits);
    for (const std::uint32_t max_distance : {0U, 8U, 31U}) {
      expect_all_equal(codes, queries, max_distance);
    }
  }
}

// Differences spread so that every table is off by just its radius, or by one more.
TEST_P(SearchMethods, AgreeOnDifferencesSpreadOverTheTables) {
  laid_out codes(random_rows(n_rows, 4, 9), 4);
  for (const std::uint32_t max_distance : {15U, 16U, 31U, 32U, 33U, 47U}) {
    std::vector<std::uint64_t> queries;
    for (std::size_t q = 0; q < 6; ++q) {
      const std::uint64_t *row = &codes.rows[(q * 1000 + 1) * 4];
      queries.insert(queries.end(), row, row + 4);
      for (std::uint32_t bit = 0; bit < max_distance + q % 2; ++bit) {
        const std::uint32_t place = bit % 16 * 16 + bit / 16;
        queries[q * 4 + place / 64] ^= std::uint64_t{1} << (place % 64);
      }
    }
    expect_all_equal(codes, queries, max_distance);
  }
}

// The same for lines: differences as the radii of the tables have them, and one more, so that every table but one is
// off by one, or all are; what the first tables let through is what the limits of the later ones count on.
TEST_P(SearchMethods, AgreeOnDifferencesSpreadOverTheLines) {
  const laid_out codes(random_rows(3'000, 4, 9), 4, 14);
  for (const std::uint32_t max_distance : {16U, 31U, 33U, 47U}) {
    const auto radii = choose_radii(codes.buckets.layout, max_distance);
    std::vector<std::uint64_t> queries;
    for (std::uint32_t table = 0; table <= codes.buckets.layout.tables; ++table) {
      const std::uint64_t *row = &codes.rows[(std::size_t{table} * 100 + 1) * 4];
      queries.insert(queries.end(), row, row + 4);
      for (std::uint32_t t = 0; t < codes.buckets.layout.tables; ++t) {
        for (int bit = 0; bit < radii[t] + (t == table ? 0 : 1); ++bit) {
          const std::uint32_t place = t * 14 + static_cast<std::uint32_t>(bit);
          queries[std::size_t{table} * 4 + place / 64] ^= std::uint64_t{1} << (place % 64);
        }
      }
    }
    expect_all_equal(codes, queries, max_distance);
  }
}

INSTANTIATE_TEST_SUITE_P(All, SearchMethods,
                         testing::Combine(testing::ValuesIn(test::architecture_sets), testing::Values(1U, 3U)),
                         [](const auto &parameters) {
                           return std::string(instruction_set_name(std::get<0>(parameters.param))) + "_threads" +
                                  std::to_string(std::get<1>(parameters.param));
                         });

// The pigeonhole principle on a small scale: every difference within the distance is seen by some table.
TEST(Buckets, RadiiMissNothing) {
  for (const std::uint32_t tables : {1U, 2U, 4U, 12U, 16U}) {
    bucket_layout layout;
    layout.tables = tables;
    for (std::uint32_t max_distance = 0; max_distance < 70; ++max_distance) {
      const auto radii = choose_radii(layout, max_distance);
      // The cheapest way to escape all tables is one bit more than the radius in each.
      int escape = 0;
      for (std::uint32_t t = 0; t < tables; ++t) {
        escape += radii[t] + 1;
      }
      EXPECT_EQ(escape, static_cast<int>(max_distance) + 1);
    }
  }
}

TEST(Buckets, MasksAreAllWordsOfTheirWeight) {
  EXPECT_EQ(make_masks(16, -1).masks.size(), 0U);
  EXPECT_EQ(make_masks(16, 0).masks, std::vector<std::uint32_t>{0});
  EXPECT_EQ(make_masks(3, 1).masks, (std::vector<std::uint32_t>{0, 1, 2, 4}));
  EXPECT_EQ(make_masks(16, 2).masks.size(), 137U);
  EXPECT_EQ(make_masks(21, 3).masks.size(), 1562U);
  EXPECT_EQ(count_masks(21, 3), 1562);
  EXPECT_EQ(make_masks(2, 5).masks, (std::vector<std::uint32_t>{0, 1, 2, 3}));
}

TEST(Buckets, LinesServeLongListsOf256Bits) {
  EXPECT_EQ(plan_buckets(1'000'000, 4).lines, 0U);
  EXPECT_EQ(plan_buckets(1'000'000, 4).tables, 16U);
  EXPECT_EQ(plan_buckets(1'000'000, 1).tables, 4U);
  EXPECT_EQ(plan_buckets(30'000'000, 8).width, 21U);
  EXPECT_EQ(plan_buckets(30'000'000, 8).lines, 0U);
  struct {
    std::size_t list;
    std::uint32_t width, tables;
  } const plans[] = {{5'000'000, 20, 12}, {10'000'000, 21, 12}, {20'000'000, 22, 11}, {400'000'000, 23, 11}};
  for (const auto &[list, width, tables] : plans) {
    const bucket_layout layout = plan_buckets(list, 4);
    EXPECT_EQ(layout.width, width) << list;
    EXPECT_EQ(layout.tables, tables) << list;
    EXPECT_GT(layout.lines, layout.buckets());
    EXPECT_TRUE(is_possible(shape_of(layout), 256));
    EXPECT_LT(static_cast<double>(bucket_bytes(layout)) / static_cast<double>(list), 268) << list;
  }
  EXPECT_FALSE(buckets_pay(1000));
  EXPECT_TRUE(buckets_pay(1'000'000));
}

TEST(Buckets, LinesAreForCodesThatDoNotCrowd) {
  thread_pool threads(2);
  owned_buckets made;
  std::vector<std::uint64_t> rows = random_rows(10'000, 4, 3);
  const bucket_layout shape = shape_of_lines(10'000, 11);
  EXPECT_TRUE(build_lines(rows.data(), shape, 30, threads, nullptr, made));
  EXPECT_LE(made.layout.lines, shape.lines + shape.lines / 20);
  for (std::size_t r = 0; r < 31; ++r) {
    std::copy_n(rows.begin(), 4, rows.begin() + static_cast<std::ptrdiff_t>(4 * r));
  }
  EXPECT_FALSE(build_lines(rows.data(), shape, 30, threads, nullptr, made));
  std::fill(rows.begin(), rows.end(), 1);
  EXPECT_FALSE(build_lines(rows.data(), shape, 10'000, threads, nullptr, made));
}

TEST(Buckets, LinesOfNeighboursLieApart) {
  // The number of a bucket can be told from its line, and no two buckets within two bits share the last seven.
  std::vector<bool> taken(1U << 14);
  for (std::uint32_t bucket = 0; bucket < 1U << 14; ++bucket) {
    ASSERT_LT(line_of_bucket(bucket), 1U << 14);
    ASSERT_FALSE(taken[line_of_bucket(bucket)]);
    taken[line_of_bucket(bucket)] = true;
    ASSERT_EQ(line_of_bucket(bucket ^ 0xabc000), line_of_bucket(bucket) ^ line_of_bucket(0xabc000));
  }
  for (const std::uint32_t mask : make_masks(24, 2).masks) {
    EXPECT_TRUE(mask == 0 || (line_of_bucket(mask) & 127) != 0) << mask;
  }
}

}  // namespace
}  // namespace libmatch::detail
