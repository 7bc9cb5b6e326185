// The pairs of near codes by every backend against every two rows compared by the definition.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "backend/backend.h"
#include "core/error.h"
#include "distance/definition.h"
#include "support/backends.h"
#include "support/random_codes.h"

namespace libmatch::detail {
namespace {

using test::flip_bits;
using test::random_rows;
using test::random_source;

struct expected_pair {
  std::int64_t first_id;
  std::int64_t second_id;
  std::uint32_t distance;
  row_location first;
  row_location second;

  auto key() const {
    return std::tie(first_id, second_id, distance, first.segment, first.row, second.segment, second.row);
  }
  bool operator==(const expected_pair &other) const { return key() == other.key(); }
  bool operator<(const expected_pair &other) const { return key() < other.key(); }
};

std::ostream &operator<<(std::ostream &out, const expected_pair &p) {
  return out << p.first_id << " and " << p.second_id << " at " << p.distance;
}

// Segments whose rows lie near one another here and there, with removed rows and ids that repeat and are in no order.
struct collection {
  collection(const std::vector<std::size_t> &sizes, std::uint32_t width, std::uint64_t seed) : words(width) {
    random_source random(seed);
    const std::vector<std::uint64_t> centres = random_rows(20, words, random.next());
    for (const std::size_t size : sizes) {
      rows.push_back(random_rows(size, words, random.next()));
      ids.emplace_back();
      removed.emplace_back((size + 63) / 64);
      for (std::size_t r = 0; r < size; ++r) {
        ids.back().push_back(static_cast<std::int64_t>(random.below(2 * size)));
        if (random.below(10) == 0) {
          removed.back()[r / 64] |= std::uint64_t{1} << (r % 64);
        }
        if (random.below(3) == 0) {
          std::uint64_t *code = &rows.back()[r * words];
          std::copy_n(&centres[random.below(20) * words], words, code);
          flip_bits(code, words, random.below(20), random);
        }
      }
    }
    for (std::size_t s = 0; s < sizes.size(); ++s) {
      views.push_back({rows[s].data(), ids[s].data(), s == 1 ? nullptr : removed[s].data(), sizes[s], words});
    }
  }

  std::vector<row_location> live() const {
    std::vector<row_location> places;
    for (std::uint32_t s = 0; s < views.size(); ++s) {
      for (std::uint32_t r = 0; r < views[s].size; ++r) {
        if (!views[s].is_removed(r)) {
          places.push_back({s, r});
        }
      }
    }
    return places;
  }

  std::vector<expected_pair> by_definition(std::uint32_t max_distance) const {
    std::vector<expected_pair> pairs;
    const std::vector<row_location> places = live();
    for (std::size_t b = 0; b < places.size(); ++b) {
      for (std::size_t a = 0; a < b; ++a) {
        const std::uint32_t distance = hamming_distance(code(places[a]), code(places[b]), words);
        if (distance <= max_distance) {
          const bool in_order = id(places[a]) <= id(places[b]);
          const row_location &first = places[in_order ? a : b];
          const row_location &second = places[in_order ? b : a];
          pairs.push_back({id(first), id(second), distance, first, second});
        }
      }
    }
    std::sort(pairs.begin(), pairs.end());
    return pairs;
  }

  const std::uint64_t *code(const row_location &place) const {
    return &rows[place.segment][std::size_t{place.row} * words];
  }
  std::int64_t id(const row_location &place) const { return ids[place.segment][place.row]; }

  std::uint32_t words;
  std::vector<std::vector<std::uint64_t>> rows;
  std::vector<std::vector<std::int64_t>> ids;
  std::vector<std::vector<std::uint64_t>> removed;
  std::vector<segment_view> views;
};

std::vector<expected_pair> pairs_of(const pair_result &result) {
  std::vector<expected_pair> pairs;
  for (std::size_t i = 0; i < result.distances.size(); ++i) {
    pairs.push_back({result.first_ids[i], result.second_ids[i], result.distances[i], result.first_locations[i],
                     result.second_locations[i]});
  }
  return pairs;
}

class SelfJoin : public testing::TestWithParam<std::tuple<std::string, unsigned>> {
 protected:
  SelfJoin() : device(test::open_any_backend(std::get<0>(GetParam()))), threads(std::get<1>(GetParam())) {}

  std::vector<expected_pair> search(const std::vector<segment_view> &segments, std::uint32_t max_distance) {
    return pairs_of(device->search_pairs(segments, max_distance, threads, nullptr));
  }

  std::shared_ptr<const backend> device;
  thread_pool threads;
};

// Sizes of segments: none, one code, tails of a tile, an empty one, several batches of queries.
const std::vector<std::vector<std::size_t>> segment_sizes{{}, {1}, {63, 1, 64}, {129, 0, 5}, {2500, 700, 300}};

TEST_P(SelfJoin, EqualsTheDefinition) {
  for (const std::uint32_t words : {1U, 4U, 8U}) {
    for (const std::vector<std::size_t> &sizes : segment_sizes) {
      const collection codes(sizes, words, 11);
      for (const std::uint32_t max_distance : {0U, 12U, 31U}) {
        const std::vector<expected_pair> expected = codes.by_definition(max_distance);
        ASSERT_EQ(search(codes.views, max_distance), expected) << words << " words, within " << max_distance;
        if (sizes.size() == 3 && sizes[0] == 2500) {
          EXPECT_GT(expected.size(), 20U);
        }
      }
    }
  }
}

TEST_P(SelfJoin, EveryTwoWithinTheWidth) {
  for (const std::uint32_t words : {1U, 4U, 8U}) {
    const collection codes({150, 90}, words, 5);
    const std::size_t live = codes.live().size();
    const std::vector<expected_pair> pairs = search(codes.views, 64 * words);
    EXPECT_EQ(pairs.size(), live * (live - 1) / 2);
    EXPECT_EQ(pairs, codes.by_definition(64 * words));
  }
}

// The pairs of n equal codes whose ids fall from n to 1.
pair_result pairs_of_equal_codes(std::size_t n, const backend &device, thread_pool &threads) {
  const std::vector<std::uint64_t> rows(n * 4, 0x0123456789abcdef);
  std::vector<std::int64_t> ids(n);
  for (std::size_t r = 0; r < n; ++r) {
    ids[r] = static_cast<std::int64_t>(n - r);
  }
  return device.search_pairs(std::vector<segment_view>{{rows.data(), ids.data(), nullptr, n, 4}}, 0, threads,
                             nullptr);
}

// 1 and 2, 1 and 3, ..., n - 1 and n.
bool holds_every_two(const pair_result &result, std::int64_t n) {
  std::size_t i = 0;
  for (std::int64_t first = 1; first <= n; ++first) {
    for (std::int64_t second = first + 1; second <= n; ++second, ++i) {
      if (result.first_ids[i] != first || result.second_ids[i] != second || result.distances[i] != 0) {
        return false;
      }
    }
  }
  return i == result.distances.size();
}

TEST_P(SelfJoin, EqualCodesArePairsOfAll) {
  const pair_result result = pairs_of_equal_codes(300, *device, threads);
  ASSERT_EQ(result.distances.size(), 44850U);
  EXPECT_TRUE(holds_every_two(result, 300));
}

// So many hits that batches become smaller.
TEST(SelfJoinOfMany, EqualCodesArePairsOfAll) {
  thread_pool threads(2);
  const pair_result result = pairs_of_equal_codes(4200, *open_backend("auto"), threads);
  ASSERT_EQ(result.distances.size(), 8817900U);
  EXPECT_TRUE(holds_every_two(result, 4200));
}

TEST_P(SelfJoin, EqualIdsStandInTheOrderOfTheirPlaces) {
  const std::vector<std::uint64_t> rows{0, 0, 1};
  const std::vector<std::int64_t> ids{7, 7, 7};
  const segment_view segment{rows.data(), ids.data(), nullptr, 3, 1};
  const std::vector<expected_pair> expected{
      {7, 7, 0, {0, 0}, {0, 1}}, {7, 7, 1, {0, 0}, {0, 2}}, {7, 7, 1, {0, 1}, {0, 2}}};
  EXPECT_EQ(search({segment}, 1), expected);
}

struct reports {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  bool grows = true;
};

TEST_P(SelfJoin, ProgressEndsAtItsTotal) {
  const collection codes({2500, 700}, 4, 51);
  reports seen;
  const lm_progress progress{[](void *user_data, std::uint64_t done, std::uint64_t total) {
                               auto &last = *static_cast<reports *>(user_data);
                               last.grows =
                                   last.grows && done >= last.done && (last.total == 0 || last.total == total);
                               last.done = done;
                               last.total = total;
                               return 0;
                             },
                             &seen};
  thread_pool one_thread(1);  // with more, the last report may be of another thread than the last to finish
  device->search_pairs(codes.views, 31, one_thread, &progress);
  EXPECT_TRUE(seen.grows);
  EXPECT_EQ(seen.done, seen.total);
  EXPECT_GT(seen.total, 2000U * 2500U);
}

TEST_P(SelfJoin, CancelsWhenAsked) {
  const collection codes({2500}, 4, 41);
  const lm_progress stop{[](void *, std::uint64_t, std::uint64_t) { return 1; }, nullptr};
  try {
    device->search_pairs(codes.views, 31, threads, &stop);
    FAIL() << "went on";
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_CANCELLED);
  }
}

INSTANTIATE_TEST_SUITE_P(All, SelfJoin, testing::Combine(testing::ValuesIn(backend_names()), testing::Values(1U, 4U)),
                         [](const auto &parameters) {
                           return test::name_in_tests(std::get<0>(parameters.param)) + "_threads" +
                                  std::to_string(std::get<1>(parameters.param));
                         });
INSTANTIATE_TEST_SUITE_P(Simulated, SelfJoin, testing::Values(std::tuple<std::string, unsigned>("simt", 2)),
                         [](const auto &parameters) { return std::get<0>(parameters.param); });

}  // namespace
}  // namespace libmatch::detail
