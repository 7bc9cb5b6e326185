// Range search by every kernel of cuda/range.cuh, against what the CPU finds.
#include "cuda/range.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "backend/cpu.h"
#include "simt/searches.h"

namespace libmatch::cuda {
namespace {

using test::row_list;
using test::table_question;

// Nothing: the kernel of the table.
detail::search_result by_kernel(std::optional<range_kernel> kernel, const row_list &list,
                                const table_question &question, std::uint32_t max_distance) {
  const auto opened = device::open(0);
  const search_request request = question.request();
  device_call call(*opened);
  const auto segments = opened->segments().use_all(call, request, {true, false});
  const auto limit = static_cast<std::int32_t>(std::min(max_distance, list.words * 64));
  const std::vector<std::int32_t> limits(question.size(), limit);
  hit_collector collector(call, 16);  // so few that it has to grow
  collect_range(call, segments, request.queries, limits, request.progress, collector, kernel);
  return test::result_of(list, collector.hits(), question.size());
}

class simulated_capability {
 public:
  explicit simulated_capability(int capability, int multiprocessors = 3) {
    simt::simulated_device device;
    device.multiprocessors = multiprocessors;
    device.major = capability / 10;
    device.minor = capability % 10;
    simt::set_devices({device});
  }
  ~simulated_capability() { simt::set_devices({simt::simulated_device{}}); }
  simulated_capability(const simulated_capability &) = delete;
  simulated_capability &operator=(const simulated_capability &) = delete;
};

struct kernel_case {
  range_kernel kernel;
  int capability;
};

class simt_range : public testing::TestWithParam<kernel_case> {
 protected:
  simulated_capability device_{GetParam().capability};
};

// Tails of tiles of rows and queries, several tiles of both, segments without rows.
TEST_P(simt_range, is_what_the_cpu_finds) {
  const bool few = GetParam().kernel == range_kernel::stream;
  for (const std::vector<std::size_t> &sizes : {std::vector<std::size_t>{1}, {63, 0, 64}, {1300, 5}}) {
    const row_list list(sizes, 4, 31);
    for (const std::size_t n_queries : {std::size_t{1}, std::size_t{few ? 8U : 290U}}) {
      const auto queries = test::planted_queries(list.rows[0], 4, n_queries, 60, 32);
      const table_question question(list, queries);
      for (const std::uint32_t max_distance : {0U, 31U, 40U}) {
        test::expect_equal(by_kernel(GetParam().kernel, list, question, max_distance),
                           test::range_by_cpu(list, question, max_distance));
      }
    }
  }
}

TEST_P(simt_range, in_any_schedule) {
  const row_list list({700, 70}, 4, 5);
  const std::size_t n_queries = GetParam().kernel == range_kernel::stream ? 5 : 270;
  const auto queries = test::planted_queries(list.rows[0], 4, n_queries, 40, 6);
  const table_question question(list, queries);
  const detail::search_result expected = test::range_by_cpu(list, question, 31);
  simt::for_each_seed(simt::seeds_of_operations, [&](const std::string &seed) {
    SCOPED_TRACE(seed);
    test::expect_equal(by_kernel(GetParam().kernel, list, question, 31), expected);
  });
}

// A grid that is too small for all at once: a block goes from tile to tile.
TEST_P(simt_range, in_any_schedule_from_tile_to_tile) {
  const simulated_capability small(GetParam().capability, 1);
  const bool few = GetParam().kernel == range_kernel::stream;
  const row_list list({few ? 9000U : 70U}, 4, 15);
  const auto queries = test::planted_queries(list.rows[0], 4, few ? 5 : 2200, 40, 16);
  const table_question question(list, queries);
  const detail::search_result expected = test::range_by_cpu(list, question, 31);
  simt::for_each_seed(3, [&](const std::string &seed) {
    SCOPED_TRACE(seed);
    test::expect_equal(by_kernel(GetParam().kernel, list, question, 31), expected);
  });
}

// Every pair is a hit.
TEST_P(simt_range, of_everything) {
  const row_list list({150, 70}, 4, 7);
  const auto queries = test::random_rows(7, 4, 8);
  const table_question question(list, queries);
  for (const std::uint32_t max_distance : {256U, 1000U}) {
    test::expect_equal(by_kernel(GetParam().kernel, list, question, max_distance),
                       test::range_by_cpu(list, question, max_distance));
  }
}

INSTANTIATE_TEST_SUITE_P(kernels, simt_range,
                         testing::Values(kernel_case{range_kernel::stream, 80},
                                         kernel_case{range_kernel::prefix, 100}, kernel_case{range_kernel::words, 80},
                                         kernel_case{range_kernel::multiply_128, 75},
                                         kernel_case{range_kernel::multiply_xor, 86},
                                         kernel_case{range_kernel::multiply_and, 90}),
                         [](const auto &parameter) { return range_kernel_name(parameter.param.kernel); });

TEST(simt_range_search, of_any_width_on_any_device) {
  for (const int capability : {75, 80, 90, 100}) {
    const simulated_capability device(capability);
    for (const std::uint32_t words : {1U, 2U, 3U, 4U, 9U}) {
      const row_list list({300, 5}, words, 41);
      for (const std::size_t n_queries : {3U, 20U, 40U}) {
        const auto queries = test::planted_queries(list.rows[0], words, n_queries, 60, 42);
        const table_question question(list, queries);
        for (const std::uint32_t max_distance : {8U, 31U, 50U, 90U}) {
          test::expect_equal(by_kernel(std::nullopt, list, question, max_distance),
                             test::range_by_cpu(list, question, max_distance));
        }
      }
    }
  }
}

TEST(simt_range_search, chooses_by_architecture_and_batch) {
  const auto chosen = [](std::int32_t capability, std::uint64_t n_queries, std::uint32_t max_distance = 31,
                         std::uint32_t width_words = 8) {
    return choose_range_kernel({capability, width_words, prefix_words_for(max_distance, width_words), n_queries});
  };
  for (const std::int32_t capability : {75, 80, 86, 89, 90, 100, 120}) {
    EXPECT_EQ(chosen(capability, 1), range_kernel::stream);
    EXPECT_EQ(chosen(capability, 8), range_kernel::stream);
    EXPECT_EQ(chosen(capability, 9), range_kernel::prefix);
    EXPECT_EQ(chosen(capability, 1000, 8, 2), range_kernel::words);
    EXPECT_EQ(chosen(capability, 1, 60), range_kernel::words);
  }
  EXPECT_EQ(chosen(75, 1000), range_kernel::multiply_128);
  EXPECT_EQ(chosen(80, 1000), range_kernel::multiply_xor);
  EXPECT_EQ(chosen(89, 1000), range_kernel::multiply_xor);
  EXPECT_EQ(chosen(90, 20), range_kernel::prefix);
  EXPECT_EQ(chosen(90, 21), range_kernel::multiply_and);
  EXPECT_EQ(chosen(90, 9, 60), range_kernel::multiply_and) << "not by 96 bits";
  EXPECT_EQ(chosen(100, 1000), range_kernel::prefix);
  EXPECT_EQ(chosen(120, 1000), range_kernel::prefix);
  EXPECT_EQ(chosen(80, 1000, 120), range_kernel::multiply_xor);
  EXPECT_EQ(chosen(80, 1000, 31, 18), range_kernel::prefix);
}

TEST(simt_range_search, bears_short_memory) {
  const row_list list({300, 20}, 4, 11);
  const auto queries = test::planted_queries(list.rows[0], 4, 25, 60, 12);
  const table_question question(list, queries);
  const detail::search_result expected = test::range_by_cpu(list, question, 31);
  test::expect_it_bears_short_memory(
      [&] { test::expect_equal(by_kernel(std::nullopt, list, question, 31), expected); });
}

}  // namespace
}  // namespace libmatch::cuda
