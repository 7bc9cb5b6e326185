// The nearest rows by the kernels of cuda/knn.cuh, against those that the CPU finds.
#include "cuda/knn.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "backend/cpu.h"
#include "simt/searches.h"

namespace libmatch::cuda {
namespace {

using test::row_list;
using test::table_question;

detail::search_result by_device(const row_list &list, const table_question &question, std::size_t k,
                                const nearest_options &options = {}) {
  const auto opened = device::open(0);
  table_hits hits{};
  search_knn(*opened, question.request(), k, &hits, options);
  detail::search_result result = test::result_of(list, {hits.hits, hits.size}, question.size(), k);
  release(&hits);
  return result;
}

const std::vector<std::vector<std::size_t>> segment_sizes{{}, {1}, {63, 1, 64}, {129, 0, 5}, {500, 100}};

TEST(simt_knn, is_what_the_cpu_finds) {
  for (const std::uint32_t words : {1U, 4U, 9U, 32U}) {
    for (const std::vector<std::size_t> &sizes : segment_sizes) {
      const row_list list(sizes, words, 21);
      for (const std::size_t n_queries : {0U, 1U, words == 4 ? 70U : 9U}) {
        const auto queries = test::planted_queries(list.first_rows(), words, n_queries, 60, 22);
        const table_question question(list, queries);
        for (const std::size_t k : {0U, 1U, 70U}) {
          SCOPED_TRACE(testing::Message() << words << " words, " << n_queries << " queries, k " << k);
          test::expect_equal(by_device(list, question, k), test::nearest_by_cpu(list, question, k));
        }
      }
    }
  }
}

TEST(simt_knn, in_any_schedule) {
  const row_list list({500, 70}, 4, 5);
  const auto queries = test::planted_queries(list.rows[0], 4, 20, 60, 6);
  const table_question question(list, queries);
  const detail::search_result expected = test::nearest_by_cpu(list, question, 7);
  simt::for_each_seed(simt::seeds_of_operations, [&](const std::string &seed) {
    SCOPED_TRACE(seed);
    test::expect_equal(by_device(list, question, 7), expected);
  });
}

// A sample leaves most of its rows to the range search, or says too little where most of it is removed.
TEST(simt_knn, by_a_sample) {
  row_list list({900, 400}, 4, 7);
  const auto queries = test::planted_queries(list.rows[0], 4, 12, 60, 8);
  const table_question question(list, queries);
  nearest_options options;
  options.sample_rows = 100;
  test::expect_equal(by_device(list, question, 2, options), test::nearest_by_cpu(list, question, 2));
  for (std::vector<std::uint64_t> &removed : list.removed) {
    std::fill(removed.begin(), removed.end(), ~std::uint64_t{0} << 30);
  }
  for (const std::size_t k : {1U, 5U, 100U}) {
    test::expect_equal(by_device(list, question, k, options), test::nearest_by_cpu(list, question, k));
  }
}

// Equal codes are all hits: queries are then taken fewer at a time.
TEST(simt_knn, of_equal_codes) {
  row_list list({600}, 4, 9);
  for (std::size_t r = 1; r < 600; ++r) {
    std::copy_n(list.rows[0].begin(), 4, list.rows[0].begin() + static_cast<std::ptrdiff_t>(4 * r));
  }
  const auto queries = test::planted_queries(list.rows[0], 4, 10, 60, 8);
  const table_question question(list, queries);
  nearest_options options;
  options.hits_at_once = 1000;
  test::expect_equal(by_device(list, question, 3, options), test::nearest_by_cpu(list, question, 3));
}

TEST(simt_knn, bears_short_memory) {
  const row_list list({300, 20}, 4, 11);
  const auto queries = test::planted_queries(list.rows[0], 4, 5, 60, 12);
  const table_question question(list, queries);
  const detail::search_result expected = test::nearest_by_cpu(list, question, 4);
  test::expect_it_bears_short_memory([&] { test::expect_equal(by_device(list, question, 4), expected); });
}

}  // namespace
}  // namespace libmatch::cuda
