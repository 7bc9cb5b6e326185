// One index and one context in the hands of several threads: every answer is that of some state between two changes.
// ThreadSanitizer runs these; without it they hold the answers.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "libmatch/libmatch.h"

namespace {

template <auto Free>
struct deleter {
  template <typename Handle>
  void operator()(Handle *handle) const {
    Free(handle);
  }
};
using context_handle = std::unique_ptr<lm_context, deleter<lm_context_free>>;
using index_handle = std::unique_ptr<lm_index, deleter<lm_index_free>>;
using matches_handle = std::unique_ptr<lm_matches, deleter<lm_matches_free>>;

constexpr std::size_t code_size_bytes = 32;
constexpr std::uint32_t every_distance = 256;
constexpr int changes = 60;
constexpr std::int64_t codes_each = 5;  // added by one change, all or none

class ConcurrentUse : public testing::Test {
 protected:
  void SetUp() override {
    lm_context *opened = nullptr;
    ASSERT_EQ(lm_context_create(nullptr, 2, &opened), LM_OK) << lm_last_error();
    context.reset(opened);
    lm_index *created = nullptr;
    ASSERT_EQ(lm_index_create(opened, LM_HASH_PDQ256, 256, nullptr, &created), LM_OK) << lm_last_error();
    index.reset(created);
  }

  // The ids of everything in the index, in order.
  std::vector<std::int64_t> search_all() const {
    const std::array<std::uint8_t, code_size_bytes> query{};
    lm_matches *found = nullptr;
    EXPECT_EQ(lm_index_search_range(index.get(), context.get(), query.data(), 1, every_distance, nullptr, &found),
              LM_OK);
    const matches_handle matches(found);
    const lm_matches_data &data = *lm_matches_view(found);
    std::vector<std::int64_t> ids(data.ids, data.ids + data.offsets[1]);
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  void add_codes(int change) const {
    std::array<std::uint8_t, codes_each * code_size_bytes> codes{};
    for (std::size_t i = 0; i < codes.size(); ++i) {
      codes[i] = static_cast<std::uint8_t>((static_cast<std::size_t>(change) * 31 + i) * 7);
    }
    ASSERT_EQ(lm_index_add(index.get(), codes.data(), nullptr, nullptr, codes_each), LM_OK) << lm_last_error();
  }

  // Runs `write` once and `read` on two threads, over and over, until that is done.
  template <typename Write, typename Read>
  void run_side_by_side(const Write &write, const Read &read) {
    std::atomic<bool> done = false;
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i) {
      readers.emplace_back([&] {
        do {
          read();
        } while (!done);
      });
    }
    write();
    done = true;
    for (std::thread &reader : readers) {
      reader.join();
    }
  }

  context_handle context;
  index_handle index;
};

TEST_F(ConcurrentUse, SearchesSeeWholeAdditions) {
  run_side_by_side(
      [&] {
        for (int change = 0; change < changes; ++change) {
          add_codes(change);
        }
      },
      [&] {
        const std::vector<std::int64_t> before = search_all();
        const std::vector<std::int64_t> after = search_all();
        std::vector<std::int64_t> expected(after.size());
        std::iota(expected.begin(), expected.end(), std::int64_t{0});
        EXPECT_EQ(after, expected);
        EXPECT_EQ(after.size() % codes_each, 0U);
        EXPECT_LE(before.size(), after.size());
      });
  EXPECT_EQ(search_all().size(), std::size_t{changes * codes_each});
}

TEST_F(ConcurrentUse, SearchesSeeWholeRemovals) {
  for (int change = 0; change < changes; ++change) {
    add_codes(change);
  }
  run_side_by_side(
      [&] {
        for (std::int64_t first = 0; first < changes * codes_each; first += codes_each) {
          std::array<std::int64_t, codes_each> ids{};
          std::iota(ids.begin(), ids.end(), first);
          std::int64_t removed = 0;
          ASSERT_EQ(lm_index_remove(index.get(), ids.data(), ids.size(), &removed), LM_OK) << lm_last_error();
          ASSERT_EQ(removed, codes_each);
        }
      },
      [&] {
        const std::vector<std::int64_t> ids = search_all();
        EXPECT_EQ(ids.size() % codes_each, 0U);
        if (!ids.empty()) {
          EXPECT_EQ(ids.front() % codes_each, 0);
          EXPECT_EQ(ids.back(), changes * codes_each - 1);
        }
      });
  EXPECT_EQ(lm_index_size(index.get()), 0);
}

TEST_F(ConcurrentUse, WritersAddAllThatIsTheirs) {
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      for (int change = 0; change < 10; ++change) {
        add_codes(writer * 10 + change);
      }
    });
  }
  for (std::thread &writer : writers) {
    writer.join();
  }
  std::vector<std::int64_t> expected(4 * 10 * codes_each);
  std::iota(expected.begin(), expected.end(), std::int64_t{0});
  EXPECT_EQ(search_all(), expected);
}

TEST_F(ConcurrentUse, ImagesHashTheSameOnEveryThread) {
  constexpr std::uint32_t side = 96;
  constexpr std::size_t n = 12;
  std::vector<std::vector<std::uint8_t>> pixels(n, std::vector<std::uint8_t>(std::size_t{side} * side));
  std::vector<lm_image> images;
  for (std::size_t image = 0; image < n; ++image) {
    for (std::size_t i = 0; i < pixels[image].size(); ++i) {
      pixels[image][i] = static_cast<std::uint8_t>((i * i >> (image % 5)) + image * i);
    }
    images.push_back({pixels[image].data(), side, side, side, LM_PIXEL_GRAY8});
  }
  const auto hash_all = [&] {
    std::vector<std::uint8_t> codes(n * code_size_bytes);
    EXPECT_EQ(lm_hash_images(context.get(), nullptr, images.data(), n, nullptr, codes.data(), nullptr), LM_OK);
    return codes;
  };
  const std::vector<std::uint8_t> expected = hash_all();
  run_side_by_side([&] { EXPECT_EQ(hash_all(), expected); }, [&] { EXPECT_EQ(hash_all(), expected); });
}

TEST_F(ConcurrentUse, ErrorsAreOfTheirThread) {
  ASSERT_EQ(lm_index_create(context.get(), LM_HASH_PDQ256, 100, nullptr, nullptr), LM_ERROR_INVALID_ARGUMENT);
  std::thread([] { EXPECT_STREQ(lm_last_error(), ""); }).join();
  EXPECT_STRNE(lm_last_error(), "");
}

}  // namespace
