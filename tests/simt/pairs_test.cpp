// The pairs of near rows by the kernels of cuda/pairs.cuh, against those that the CPU finds.
#include "cuda/pairs.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <tuple>
#include <vector>

#include "backend/cpu.h"
#include "core/error.h"
#include "simt/searches.h"

namespace libmatch::cuda {
namespace {

using test::row_list;
using test::table_question;

using place_pair = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>;

// Both in the order of places, whichever is first of a pair.
place_pair ordered(std::uint32_t segment_a, std::uint32_t row_a, std::uint32_t segment_b, std::uint32_t row_b,
                   std::uint32_t distance) {
  return std::tie(segment_a, row_a) < std::tie(segment_b, row_b)
             ? place_pair{segment_a, row_a, segment_b, row_b, distance}
             : place_pair{segment_b, row_b, segment_a, row_a, distance};
}

std::vector<place_pair> by_cpu(const row_list &list, std::uint32_t max_distance) {
  detail::thread_pool threads(1);
  const detail::pair_result found = detail::make_cpu_backend(detail::instruction_set::scalar)
                                        ->search_pairs(list.views(), max_distance, threads, nullptr);
  std::vector<place_pair> pairs;
  for (std::size_t i = 0; i < found.distances.size(); ++i) {
    const detail::row_location a = found.first_locations[i];
    const detail::row_location b = found.second_locations[i];
    pairs.push_back(ordered(a.segment, a.row, b.segment, b.row, found.distances[i]));
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

std::vector<place_pair> by_device(const row_list &list, std::uint32_t max_distance,
                                  const pair_options &options = {}) {
  const std::vector<std::uint64_t> no_queries;
  const table_question question(list, no_queries);
  const auto opened = device::open(0);
  table_pairs found{};
  search_pairs(*opened, question.request(), max_distance, &found, options);
  std::vector<place_pair> pairs;
  for (std::size_t i = 0; i < found.size; ++i) {
    const table_pair &p = found.pairs[i];
    pairs.push_back({p.first_segment, p.first_row, p.second_segment, p.second_row, p.distance});
    EXPECT_EQ(pairs.back(), ordered(p.first_segment, p.first_row, p.second_segment, p.second_row, p.distance));
  }
  release(&found);
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

TEST(simt_pairs, are_what_the_cpu_finds) {
  const std::vector<std::vector<std::size_t>> segment_sizes{{}, {1}, {63, 1, 64}, {129, 0, 5}, {600, 200}};
  for (const std::uint32_t words : {1U, 4U, 8U}) {
    for (const std::vector<std::size_t> &sizes : segment_sizes) {
      const row_list list(sizes, words, 11);
      for (const std::uint32_t max_distance : {0U, 12U, 31U}) {
        EXPECT_EQ(by_device(list, max_distance), by_cpu(list, max_distance)) << words << ", " << max_distance;
      }
    }
  }
}

TEST(simt_pairs, in_any_schedule) {
  const row_list list({300, 150}, 4, 3);
  const std::vector<place_pair> expected = by_cpu(list, 31);
  ASSERT_GT(expected.size(), 30U);
  simt::for_each_seed(simt::seeds_of_operations, [&](const std::string &seed) {
    SCOPED_TRACE(seed);
    EXPECT_EQ(by_device(list, 31), expected);
  });
}

// Batches smaller than a segment, and with more hits than are wanted at once.
TEST(simt_pairs, by_batches) {
  const row_list list({500, 90}, 4, 13);
  pair_options options;
  options.rows_at_once = 128;
  EXPECT_EQ(by_device(list, 31, options), by_cpu(list, 31));
  options.hits_at_once = 20000;
  const row_list small({200, 30}, 4, 14);
  EXPECT_EQ(by_device(small, 256, options), by_cpu(small, 256));
}

TEST(simt_pairs, bear_short_memory) {
  const row_list list({200, 30}, 4, 15);
  const std::vector<place_pair> expected = by_cpu(list, 31);
  test::expect_it_bears_short_memory([&] { EXPECT_EQ(by_device(list, 31), expected); });
}

}  // namespace
}  // namespace libmatch::cuda
