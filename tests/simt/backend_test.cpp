// The backend as the library sees it: what stays on a device, several devices, and what is said where one cannot be
// used.
#include "backend/cuda.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "backend/cpu.h"
#include "core/identity.h"
#include "cuda/buckets.h"
#include "cuda/device.h"
#include "cuda/segment.h"
#include "simt/searches.h"
#include "support/backends.h"

namespace libmatch::detail {
namespace {

using test::row_list;
using test::table_question;

search_result search(const backend &device, const std::vector<segment_view> &views, const table_question &question) {
  thread_pool threads(2);
  progress_meter progress(nullptr, 0);
  return device.search_range(views, question.batch(), 31, threads, progress);
}

std::shared_ptr<const backend> processor() { return make_cpu_backend(instruction_set::scalar); }

// A list with names, so that its rows stay on the device.
struct named_list {
  named_list(const std::vector<std::size_t> &sizes, std::uint64_t seed) : list(sizes, 4, seed) {
    for (std::size_t s = 0; s < sizes.size(); ++s) {
      rows.push_back(std::make_unique<identity>());
      removed.push_back(next_identity());
    }
  }

  std::vector<segment_view> views() const {
    std::vector<segment_view> all = list.views();
    for (std::size_t s = 0; s < all.size(); ++s) {
      all[s].identity = rows[s]->number();
      all[s].removed_identity = removed[s];
    }
    return all;
  }

  row_list list;
  std::vector<std::unique_ptr<identity>> rows;
  std::vector<std::uint64_t> removed;
};

class simulated_devices {
 public:
  simulated_devices(std::size_t count, std::size_t memory_bytes) {
    simt::simulated_device device;
    device.memory_bytes = memory_bytes;
    simt::set_devices(std::vector<simt::simulated_device>(count, device));
  }
  ~simulated_devices() { simt::set_devices({simt::simulated_device{}}); }
  simulated_devices(const simulated_devices &) = delete;
  simulated_devices &operator=(const simulated_devices &) = delete;
};

TEST(simt_backend, keeps_segments_until_they_end) {
  named_list named({500, 70}, 3);
  const auto queries = test::planted_queries(named.list.rows[0], 4, 5, 40, 4);
  const table_question question(named.list, queries);
  const auto device = test::open_any_backend("simt");
  const auto opened = cuda::device::open(0);
  const search_result expected = search(*processor(), named.views(), question);

  test::expect_equal(search(*device, named.views(), question), expected);
  const std::size_t bytes = opened->segments().bytes();
  EXPECT_GT(bytes, 500U * 44);
  const std::size_t asked = simt::allocations_asked();
  test::expect_equal(search(*device, named.views(), question), expected);
  const std::size_t asked_again = simt::allocations_asked() - asked;
  EXPECT_EQ(opened->segments().bytes(), bytes);

  // One more segment is sent alone, those before it stay where they are.
  named_list more({500, 70, 300}, 3);
  more.rows[0] = std::move(named.rows[0]);
  more.rows[1] = std::move(named.rows[1]);
  more.removed[0] = named.removed[0];
  more.removed[1] = named.removed[1];
  const std::size_t before = simt::allocations_asked();
  test::expect_equal(search(*device, more.views(), question), search(*processor(), more.views(), question));
  EXPECT_EQ(simt::allocations_asked() - before, asked_again + 3) << "rows, plane and removed bits of one segment";

  more.rows[2].reset(new identity);
  more.rows[1].reset(new identity);
  more.rows[0].reset(new identity);
  const std::vector<segment_view> none;
  search(*device, none, question);
  EXPECT_EQ(opened->segments().bytes(), 0U);
}

TEST(simt_backend, sees_rows_that_were_removed) {
  named_list named({500}, 3);
  const auto queries = test::planted_queries(named.list.rows[0], 4, 5, 20, 4);
  const table_question question(named.list, queries);
  const auto device = test::open_any_backend("simt");
  test::expect_equal(search(*device, named.views(), question), search(*processor(), named.views(), question));
  std::fill(named.list.removed[0].begin(), named.list.removed[0].end(), 0x5555555555555555U);
  named.removed[0] = next_identity();
  test::expect_equal(search(*device, named.views(), question), search(*processor(), named.views(), question));
  std::vector<segment_view> all = named.views();
  all[0].removed = nullptr;
  test::expect_equal(search(*device, all, question), search(*processor(), all, question));
}

TEST(simt_backend, makes_room_for_other_segments) {
  const simulated_devices small(1, std::size_t{1} << 20);
  const auto device = test::open_any_backend("simt");
  std::vector<std::unique_ptr<named_list>> lists;
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    lists.push_back(std::make_unique<named_list>(std::vector<std::size_t>{5000}, seed));
    const auto queries = test::planted_queries(lists.back()->list.rows[0], 4, 3, 20, 4);
    const table_question question(lists.back()->list, queries);
    test::expect_equal(search(*device, lists.back()->views(), question),
                       search(*processor(), lists.back()->views(), question));
  }
}

TEST(simt_backend, says_what_does_not_fit_or_goes_on_with_the_processor) {
  const simulated_devices small(1, std::size_t{1} << 18);
  const named_list named({20000}, 3);
  const auto queries = test::planted_queries(named.list.rows[0], 4, 3, 20, 4);
  const table_question question(named.list, queries);
  try {
    search(*test::open_any_backend("simt"), named.views(), question);
    FAIL() << "20,000 rows in 256 KiB";
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_OUT_OF_MEMORY);
    EXPECT_NE(std::string(failure.what()).find("CUDA device 0 has no room"), std::string::npos) << failure.what();
  }
  const auto lenient = make_cuda_backend(*libmatch_cuda_backend_table(), {"simt", {0}, true});
  test::expect_equal(search(*lenient, named.views(), question), search(*processor(), named.views(), question));
}

TEST(simt_backend, several_devices_share_the_rows) {
  const simulated_devices three(3, std::size_t{1} << 28);
  const auto devices = test::open_any_backend("simt");
  thread_pool threads(2);
  progress_meter progress(nullptr, 0);
  for (const std::vector<std::size_t> &sizes : {std::vector<std::size_t>{1}, {64, 0, 65}, {700, 200, 5}}) {
    const row_list list(sizes, 4, 51);
    const auto queries = test::planted_queries(list.rows[0], 4, 20, 40, 52);
    const table_question question(list, queries);
    test::expect_equal(search(*devices, list.views(), question), search(*processor(), list.views(), question));
    test::expect_equal(devices->search_knn(list.views(), question.batch(), 4, threads, progress),
                       processor()->search_knn(list.views(), question.batch(), 4, threads, progress));
    const pair_result found = devices->search_pairs(list.views(), 31, threads, nullptr);
    const pair_result expected = processor()->search_pairs(list.views(), 31, threads, nullptr);
    EXPECT_EQ(found.first_ids, expected.first_ids);
    EXPECT_EQ(found.second_ids, expected.second_ids);
    EXPECT_EQ(found.distances, expected.distances);
  }
  EXPECT_STREQ(test::open_any_backend("simt:2")->name(), "simt:2");
  EXPECT_THROW(test::open_any_backend("simt:3"), error);
}

// The number of the error that CUDA gives, and a part of what is said.
struct unusable {
  cudaError_t error;
  const char *message;
};

TEST(simt_backend, says_why_there_is_no_device) {
  for (const unusable &driver :
       {unusable{cudaErrorInsufficientDriver, "no NVIDIA driver, or one that is too old for CUDA"},
        unusable{cudaErrorNoDevice, "the NVIDIA driver finds no device"}}) {
    simt::set_driver_error(driver.error);
    try {
      test::open_any_backend("simt");
      ADD_FAILURE() << "opened";
    } catch (const error &failure) {
      EXPECT_EQ(failure.status(), LM_ERROR_UNSUPPORTED);
      EXPECT_NE(std::string(failure.what()).find(driver.message), std::string::npos) << failure.what();
    }
    simt::set_driver_error(cudaSuccess);
  }
  simt::set_devices({});
  EXPECT_THROW(test::open_any_backend("simt"), error);
  simt::simulated_device old;
  old.major = 7;
  simt::set_devices({old});
  EXPECT_THROW(test::open_any_backend("simt"), error);
  simt::set_devices({simt::simulated_device{}});
}

// Memory of the caller's instead of CUDA's pool.
struct counting_allocator {
  static void *allocate(void *user_data, std::uint64_t bytes, void * /*stream*/) {
    void *memory = nullptr;
    if (cudaMalloc(&memory, bytes) != cudaSuccess) {
      return nullptr;
    }
    static_cast<counting_allocator *>(user_data)->held += bytes;
    return memory;
  }
  static void release(void *user_data, void *memory, std::uint64_t bytes, void * /*stream*/) {
    static_cast<counting_allocator *>(user_data)->held -= bytes;
    cudaFree(memory);
  }
  std::uint64_t held = 0;
};

TEST(simt_backend, takes_memory_from_an_allocator) {
  counting_allocator counting;
  {
    const auto opened = cuda::device::open(0);
    opened->set_allocator({counting_allocator::allocate, counting_allocator::release, &counting});
    const named_list named({500}, 3);
    const auto queries = test::planted_queries(named.list.rows[0], 4, 5, 40, 4);
    const table_question question(named.list, queries);
    const auto device = test::open_any_backend("simt");
    test::expect_equal(search(*device, named.views(), question), search(*processor(), named.views(), question));
    EXPECT_EQ(counting.held, opened->segments().bytes());
    EXPECT_THROW(opened->set_allocator({}), error);
  }
  EXPECT_EQ(counting.held, 0U);
}

TEST(simt_backend, keeps_the_buckets_that_an_index_wants) {
  const auto held_with = [](layout_policy policy) {
    const auto opened = cuda::device::open(0);
    const named_list named({500}, 3);
    const auto queries = test::planted_queries(named.list.rows[0], 4, 5, 40, 4);
    const table_question question(named.list, queries);
    std::vector<segment_view> views = named.views();
    views[0].device_buckets = policy;
    const auto device = test::open_any_backend("simt");
    test::expect_equal(search(*device, views, question), search(*processor(), views, question));
    return opened->segments().bytes();
  };
  const std::size_t without = held_with(layout_policy::automatic);
  EXPECT_EQ(held_with(layout_policy::never), without);
  EXPECT_EQ(held_with(layout_policy::always), without + cuda::bucket_tables::bytes_for(500, 8));
}

}  // namespace
}  // namespace libmatch::detail
