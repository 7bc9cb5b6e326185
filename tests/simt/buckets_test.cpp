// Range search by tables that are made on the device (cuda/buckets.cuh), against what the CPU finds.
#include "cuda/buckets.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "backend/cpu.h"
#include "core/error.h"
#include "cuda/range.h"
#include "simt/searches.h"

namespace libmatch::cuda {
namespace {

using test::row_list;
using test::table_question;

// A device that makes tables of every segment that lasts; the test's segments are such.
class simt_buckets : public testing::Test {
 protected:
  simt_buckets() { opened_->set_buckets({1, 1, 1}); }

  detail::search_result by_device(const row_list &list, const table_question &question, std::uint32_t max_distance) {
    search_request request = question.request();
    std::vector<table_segment> segments(request.segments, request.segments + request.n_segments);
    for (std::size_t s = 0; s < segments.size(); ++s) {
      segments[s].identity = s + 1;
    }
    request.segments = segments.data();
    table_hits hits{};
    search_range(*opened_, request, max_distance, &hits);
    detail::search_result result = test::result_of(list, {hits.hits, hits.size}, question.size());
    release(&hits);
    return result;
  }

  void forget(std::size_t n_segments) {
    for (std::size_t s = 0; s < n_segments; ++s) {
      opened_->segments().forget(s + 1);
    }
  }

  const std::shared_ptr<device> opened_ = device::open(0);
};

// Rows that are near one another, so that there is something in the buckets that are asked.
void plant(row_list &list, std::uint64_t seed) {
  test::random_source random(seed);
  for (std::vector<std::uint64_t> &rows : list.rows) {
    for (std::size_t r = 1; r < rows.size() / list.words; r += 3) {
      std::copy_n(list.rows[0].data(), list.words, &rows[r * list.words]);
      test::flip_bits(&rows[r * list.words], list.words, random.below(40), random);
    }
  }
}

// Queries of which every other one is near the planted rows.
std::vector<std::uint64_t> queries_near(const row_list &list, std::size_t n, std::uint64_t seed) {
  const auto first = list.rows[0].begin();
  return test::planted_queries({first, first + static_cast<std::ptrdiff_t>(list.words)}, list.words, n, 10, seed);
}

TEST_F(simt_buckets, find_what_the_cpu_finds) {
  for (const std::uint32_t words : {1U, 2U, 4U, 9U}) {
    for (const std::vector<std::size_t> &sizes : {std::vector<std::size_t>{1}, {63, 0, 64}, {400, 130}}) {
      row_list list(sizes, words, 41);
      plant(list, 42);
      const auto queries = queries_near(list, 25, 43);
      const table_question question(list, queries);
      // Tables that are not asked, one bit, two bits, and one in some and two in others.
      for (const std::uint32_t max_distance : {0U, 5U, 11U, 31U, 40U, 47U}) {
        SCOPED_TRACE(testing::Message() << words << " words, within " << max_distance);
        test::expect_equal(by_device(list, question, max_distance), test::range_by_cpu(list, question, max_distance));
      }
      forget(sizes.size());
    }
  }
}

TEST_F(simt_buckets, are_made_and_used) {
  row_list list({300}, 4, 51);
  plant(list, 52);
  const auto queries = queries_near(list, 10, 53);
  const table_question question(list, queries);
  table_segment segment = question.request().segments[0];
  segment.identity = 1;
  device_call call(*opened_);
  EXPECT_EQ(opened_->segments().use(call, segment, {.buckets = bucket_need::by_use}).arrays().buckets.rows, nullptr);
  const segment_use used = opened_->segments().use(call, segment, {.buckets = bucket_need::build});
  ASSERT_NE(used.arrays().buckets.rows, nullptr);
  EXPECT_NE(opened_->segments().use(call, segment, {.buckets = bucket_need::by_use}).arrays().buckets.rows, nullptr);
  // The tables of the definition, whatever made them.
  std::vector<std::uint32_t> starts(65537);
  std::vector<std::uint32_t> rows(300);
  call.download(starts.data(), used.arrays().buckets.starts + 5 * 65537, starts.size() * 4);
  call.download(rows.data(), used.arrays().buckets.rows + 5 * 300, rows.size() * 4);
  std::uint32_t position = 0;
  for (std::uint32_t bucket = 0; bucket < 65536; ++bucket) {
    ASSERT_EQ(starts[bucket], position);
    for (std::uint32_t r = 0; r < 300; ++r) {
      if ((list.rows[0][r * 4 + 1] >> 16 & 0xffff) == bucket) {
        ASSERT_EQ(rows[position], r);
        ++position;
      }
    }
  }
  EXPECT_EQ(starts[65536], 300U);
}

TEST_F(simt_buckets, are_made_once_enough_queries_have_asked) {
  opened_->set_buckets({1, 1, 100});
  row_list list({300}, 4, 54);
  const std::vector<std::uint64_t> queries(4);
  table_segment segment = table_question(list, queries).request().segments[0];
  segment.identity = 1;
  device_call call(*opened_);
  const auto tables_after = [&](std::uint64_t n_queries, bucket_need buckets = bucket_need::by_use) {
    return opened_->segments().use(call, segment, {.buckets = buckets, .queries = n_queries}).arrays().buckets.rows;
  };
  EXPECT_EQ(tables_after(60), nullptr);
  EXPECT_EQ(tables_after(39), nullptr);
  EXPECT_NE(tables_after(1), nullptr);
  EXPECT_EQ(tables_after(100, bucket_need::none), nullptr);
  segment.identity = 0;
  EXPECT_EQ(tables_after(100), nullptr) << "they would be dropped after the call";
  EXPECT_EQ(tables_after(100, bucket_need::build_anyway), nullptr);
}

// A million equal codes would keep one warp busy while all others wait.
TEST_F(simt_buckets, are_not_made_of_rows_that_are_alike) {
  row_list list({5000}, 2, 55);
  for (std::size_t r = 0; r < 4500; ++r) {
    std::copy_n(list.rows[0].data(), 2, &list.rows[0][2 * r]);
  }
  const auto queries = queries_near(list, 3, 56);
  const table_question question(list, queries);
  test::expect_equal(by_device(list, question, 8), test::range_by_cpu(list, question, 8));
  table_segment segment = question.request().segments[0];
  segment.identity = 1;
  device_call call(*opened_);
  const auto tables = [&](bucket_need buckets) {
    return opened_->segments().use(call, segment, {.buckets = buckets}).arrays().buckets.rows;
  };
  EXPECT_EQ(tables(bucket_need::build), nullptr);
  EXPECT_NE(tables(bucket_need::build_anyway), nullptr);
}

// Of no device of the fixture: that knows its memory already.
TEST(simt_buckets_memory, is_half_of_the_device_at_most) {
  simt::simulated_device small;
  small.memory_bytes = 2 * (bucket_tables::bytes_for(300, 8) + 300 * 32);  // rows take more: up to whole tiles
  simt::set_devices({small});
  const row_list list({300}, 4, 57);
  const std::vector<std::uint64_t> queries(4);
  table_segment segment = table_question(list, queries).request().segments[0];
  segment.identity = 1;
  {
    const std::shared_ptr<device> opened = device::open(0);
    device_call call(*opened);
    const auto tables = [&](bucket_need buckets) {
      return opened->segments().use(call, segment, {.buckets = buckets}).arrays().buckets.rows;
    };
    EXPECT_EQ(tables(bucket_need::build), nullptr);
    EXPECT_NE(tables(bucket_need::build_anyway), nullptr);
  }
  simt::set_devices({simt::simulated_device{}});
}

TEST_F(simt_buckets, are_wanted_by_the_rule) {
  const bucket_rule rule{1000, 5000, 100};
  const auto need = [&](std::uint64_t n_rows, std::uint64_t n_queries,
                        lm_layout_policy policy = LM_LAYOUT_AUTOMATIC) {
    return need_of_buckets(rule, policy, n_rows, n_queries);
  };
  EXPECT_EQ(need(1000, 9), bucket_need::by_use);
  EXPECT_EQ(need(999, 9), bucket_need::none);
  EXPECT_EQ(need(4999, 8), bucket_need::none) << "the plane is streamed";
  EXPECT_EQ(need(5000, 8), bucket_need::by_use);
  EXPECT_EQ(need(5000, 9, LM_LAYOUT_NEVER), bucket_need::none);
  EXPECT_EQ(need(1, 1, LM_LAYOUT_ALWAYS), bucket_need::build_anyway);
  device_facts facts{};
  for (const std::int32_t capability : {75, 80, 90, 100}) {
    facts.compute_capability = capability;
    EXPECT_TRUE(buckets_pay(facts, 8, 31));
    EXPECT_EQ(buckets_pay(facts, 8, 32), capability == 100) << "products are faster than two bits a table";
    EXPECT_EQ(buckets_pay(facts, 8, 47), capability == 100);
    EXPECT_FALSE(buckets_pay(facts, 8, 48)) << "three bits a table";
    EXPECT_TRUE(buckets_pay(facts, 2, 8)) << "codes of other widths are not multiplied";
    EXPECT_FALSE(buckets_pay(facts, 2, 64)) << "everything is near";
  }
}

TEST_F(simt_buckets, in_any_schedule) {
  row_list list({200, 40}, 4, 61);
  plant(list, 62);
  const auto queries = queries_near(list, 6, 63);
  const table_question question(list, queries);
  const detail::search_result expected = test::range_by_cpu(list, question, 31);
  ASSERT_GT(expected.ids.size(), 10U);
  simt::for_each_seed(simt::seeds_of_operations, [&](const std::string &seed) {
    SCOPED_TRACE(seed);
    test::expect_equal(by_device(list, question, 31), expected);
    forget(2);
  });
}

// Removed rows: the tables stay, their rows are left out.
TEST_F(simt_buckets, leave_out_what_is_removed) {
  row_list list({300}, 4, 71);
  plant(list, 72);
  const auto queries = queries_near(list, 10, 73);
  const table_question question(list, queries);
  test::expect_equal(by_device(list, question, 31), test::range_by_cpu(list, question, 31));
  for (std::uint64_t &word : list.removed[0]) {
    word |= 0x5555555555555555;
  }
  test::expect_equal(by_device(list, question, 31), test::range_by_cpu(list, question, 31));
}

// Without room for the tables the rows are searched without them; without room for anything, that is said.
TEST_F(simt_buckets, bear_short_memory) {
  row_list list({150, 20}, 4, 81);
  plant(list, 82);
  const auto queries = queries_near(list, 3, 83);
  const table_question question(list, queries);
  const detail::search_result expected = test::range_by_cpu(list, question, 31);
  std::size_t answered = 0;
  std::size_t refused = 0;
  for (std::size_t n = 1;; ++n) {
    ASSERT_LT(n, 500U);
    const std::size_t before = simt::allocations_asked();
    simt::fail_allocation(n);
    try {
      test::expect_equal(by_device(list, question, 31), expected);
      ++answered;
    } catch (const detail::error &failure) {
      EXPECT_EQ(failure.status(), LM_ERROR_OUT_OF_MEMORY) << failure.what();
      ++refused;
    }
    simt::fail_allocation(0);
    forget(2);
    if (simt::allocations_asked() - before < n) {
      break;  // there was no n-th
    }
  }
  EXPECT_GT(answered, 10U);
  EXPECT_GT(refused, 3U);
}

}  // namespace
}  // namespace libmatch::cuda
