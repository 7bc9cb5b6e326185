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
  row_list list(sizes, words, seed);
  for (std::size_t s = 0; s < sizes.size(); ++s) {
    list.rows[s] = test::random_vectors(sizes[s], words, seed + s);
  }
  return list;
}

std::vector<std::uint64_t> near_queries(const row_list &list, std::size_t n, std::uint64_t seed) {
  return test::near_vectors(list.rows.empty() ? std::vector<std::uint64_t>{} : list.rows[0], list.words, n, seed);
}

// Nearest where k is not 0, else within the distance.
struct wanted {
  std::uint32_t max_distance;
  std::size_t k;
};

detail::search_result by_cpu(const row_list &list, const table_question &question, const wanted &what) {
  detail::thread_pool threads(1);
  detail::progress_meter progress(nullptr, 0);
  const auto cpu = detail::make_cpu_backend(detail::instruction_set::scalar);
  const detail::query_batch batch = question.batch(detail::metric::squared_euclidean);
  return what.k != 0 ? cpu->search_knn(list.views(), batch, what.k, threads, progress)
                     : cpu->search_range(list.views(), batch, what.max_distance, threads, progress);
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
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      simt::set_schedule_seed(seed);
      test::expect_equal(by_device(list, question, what), expected);
    }
  }
  simt::set_schedule_seed(0);
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
    test::expect_it_bears_short_memory([&] {
      try {
        test::expect_equal(by_device(list, question, what), expected);
        return true;
      } catch (const detail::error &failure) {
        EXPECT_EQ(failure.status(), LM_ERROR_OUT_OF_MEMORY) << failure.what();
        return false;
      }
    });
  }
}

}  // namespace
}  // namespace libmatch::cuda
