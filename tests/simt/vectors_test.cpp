// Searches among vectors of bytes by the kernels of cuda/vectors.cuh, against those of the CPU.
#include "cuda/vectors.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "backend/cpu.h"
#include "simt/searches.h"
#include "support/random_vectors.h"

namespace libmatch::cuda {
namespace {

using test::row_list;
using test::table_question;

row_list vector_list(const std::vector<std::size_t> &sizes, std::uint32_t words, std::uint64_t seed) {
  return {sizes, words, seed, &test::random_vectors};
}

std::vector<std::uint64_t> near_queries(const row_list &list, std::size_t n, std::uint64_t seed) {
  return test::near_vectors(list.first_rows(), list.words, n, seed);
}

// Nearest where k is not 0, else within the distance.
struct wanted {
  std::uint32_t max_distance;
  std::size_t k;
};

detail::search_result by_cpu(const row_list &list, const table_question &question, const wanted &what) {
  return what.k != 0 ? test::nearest_by_cpu(list, question, what.k, detail::metric::squared_euclidean)
                     : test::range_by_cpu(list, question, what.max_distance, detail::metric::squared_euclidean);
}

detail::search_result by_device(const row_list &list, const table_question &question, const wanted &what,
                                const nearest_options &options = {}) {
  const auto opened = device::open(0);
  table_hits hits{};
  if (what.k != 0) {
    search_vector_knn(*opened, question.request(), what.k, &hits, options);
  } else {
    search_vector_range(*opened, question.request(), what.max_distance, &hits);
  }
  detail::search_result result =
      test::result_of(list, {hits.hits, hits.size}, question.size(), what.k != 0 ? what.k : SIZE_MAX);
  release(&hits);
  return result;
}

const std::vector<std::vector<std::size_t>> segment_sizes{{}, {1}, {63, 1, 64}, {129, 0, 5}, {300, 70}};

TEST(simt_vectors, are_what_the_cpu_finds) {
  for (const std::uint32_t words : {2U, 18U, 19U, 128U}) {
    for (const std::vector<std::size_t> &sizes : segment_sizes) {
      const row_list list = vector_list(sizes, words, 31);
      for (const std::size_t n_queries : {0U, 1U, words == 18 ? 70U : 7U}) {
        const auto queries = near_queries(list, n_queries, 32);
        const table_question question(list, queries);
        for (const wanted &what : {wanted{0, 0}, wanted{30, 0}, wanted{words * 8 * 5000, 0}, wanted{~0U, 0},
                                   wanted{0, 1}, wanted{0, 70}}) {
          SCOPED_TRACE(testing::Message() << words << " words, " << n_queries << " queries, within "
                                          << what.max_distance << ", k " << what.k);
          test::expect_equal(by_device(list, question, what), by_cpu(list, question, what));
        }
      }
    }
  }
}

TEST(simt_vectors, in_any_schedule) {
  const row_list list = vector_list({300, 70}, 18, 5);
  const auto queries = near_queries(list, 70, 6);
  const table_question question(list, queries);
  for (const wanted &what : {wanted{30, 0}, wanted{0, 5}}) {
    const detail::search_result expected = by_cpu(list, question, what);
    simt::for_each_seed(simt::seeds_of_operations, [&](const std::string &seed) {
      SCOPED_TRACE(seed);
      test::expect_equal(by_device(list, question, what), expected);
    });
  }
}

TEST(simt_vectors, by_a_sample) {
  const row_list list = vector_list({900, 200}, 18, 7);
  const auto queries = near_queries(list, 20, 8);
  const table_question question(list, queries);
  nearest_options options;
  options.sample_rows = 100;
  options.hits_at_once = 500;
  test::expect_equal(by_device(list, question, {0, 3}, options), by_cpu(list, question, {0, 3}));
}

TEST(simt_vectors, bear_short_memory) {
  const row_list list = vector_list({200, 20}, 18, 11);
  const auto queries = near_queries(list, 5, 12);
  const table_question question(list, queries);
  for (const wanted &what : {wanted{30, 0}, wanted{0, 4}}) {
    const detail::search_result expected = by_cpu(list, question, what);
    test::expect_it_bears_short_memory([&] { test::expect_equal(by_device(list, question, what), expected); });
  }
}

}  // namespace
}  // namespace libmatch::cuda
