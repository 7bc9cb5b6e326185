// Near codes of keypoints by the kernels of cuda/keypoints.cuh, in many schedules, against those that the CPU finds.
#include <gtest/gtest.h>

#include <cstdint>
#include <tuple>
#include <vector>

#include "backend/backend.h"
#include "core/error.h"
#include "simt/searches.h"
#include "support/backends.h"
#include "support/reference_list.h"

namespace libmatch::detail {
namespace {

// A segment with tables between two without.
struct keypoint_question {
  test::reference_list first{20, 1};
  test::reference_list second{180, 2};
  test::reference_list third{15, 3};
  std::vector<std::uint32_t> starts{0, 30, 30, 47};
  std::vector<std::uint64_t> queries = test::planted_queries(second.codes, keypoint_codes::words, 47, 40, 9);

  using pair = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>;

  std::vector<pair> ask(const std::string &backend_name, const keypoint_search_options &options) const {
    thread_pool threads(1);
    progress_meter progress(nullptr, 0);
    const std::vector<keypoint_codes> segments{first.view(false), second.view(true), third.view(false)};
    const keypoint_candidates found =
        test::open_any_backend(backend_name)
            ->search_keypoints(segments, {queries.data(), starts}, options, threads, progress);
    std::vector<pair> pairs;
    for (const keypoint_candidate &candidate : found.candidates) {
      for (const keypoint_pair &near : found.pairs_of(candidate)) {
        pairs.emplace_back(candidate.set, candidate.reference.segment, candidate.reference.row, near.query_point,
                           near.reference_point, near.distance);
      }
    }
    return pairs;
  }
};

TEST(simt_keypoints, in_any_schedule) {
  const keypoint_question question;
  keypoint_search_options options;
  options.least_points = 1;
  const auto expected = question.ask("scalar", options);
  ASSERT_GT(expected.size(), 10U);
  simt::for_each_seed(simt::seeds_of_operations, [&](const std::string &seed) {
    SCOPED_TRACE(seed);
    EXPECT_EQ(question.ask("simt", options), expected);
  });
}

// Buckets beyond what a query looks at: all codes are near one another.
TEST(simt_keypoints, of_crowded_buckets) {
  keypoint_question question;
  test::random_source random(5);
  for (std::size_t row = 1; row < question.second.codes.size() / keypoint_codes::words; ++row) {
    std::copy_n(question.second.codes.begin(), keypoint_codes::words,
                question.second.codes.begin() + static_cast<std::ptrdiff_t>(row * keypoint_codes::words));
    test::flip_bits(&question.second.codes[row * keypoint_codes::words], keypoint_codes::words, random.below(12),
                    random);
  }
  question.second.make_tables();
  question.queries = test::planted_queries(question.second.codes, keypoint_codes::words, 47, 20, 9);
  for (const std::uint32_t most : {3U, 64U}) {
    keypoint_search_options options;
    options.least_points = 1;
    options.max_pairs_of_code = most;
    const auto expected = question.ask("scalar", options);
    ASSERT_GT(expected.size(), 60U);
    EXPECT_EQ(question.ask("simt", options), expected) << most;
  }
}

TEST(simt_keypoints, by_several_devices) {
  const keypoint_question question;
  keypoint_search_options options;
  options.least_points = 1;
  const auto expected = question.ask("scalar", options);
  simt::set_devices(std::vector<simt::simulated_device>(3));
  EXPECT_EQ(question.ask("simt", options), expected);
  simt::set_devices(std::vector<simt::simulated_device>(1));
}

TEST(simt_keypoints, bear_short_memory) {
  const keypoint_question question;
  const auto expected = question.ask("scalar", {});
  test::expect_it_bears_short_memory([&] { EXPECT_EQ(question.ask("simt", {}), expected); });
}

}  // namespace
}  // namespace libmatch::detail
