#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>
#include <vector>

#include "core/error.h"
#include "index/index.h"

namespace libmatch::detail {
namespace {

using ids = std::vector<std::int64_t>;

// One code of 64 bits for each byte: that byte and seven zeros.
std::vector<std::uint8_t> codes_of(const std::vector<std::uint8_t> &first_bytes) {
  std::vector<std::uint8_t> codes;
  for (const std::uint8_t byte : first_bytes) {
    codes.insert(codes.end(), {byte, 0, 0, 0, 0, 0, 0, 0});
  }
  return codes;
}

void add(code_index &index, const std::vector<std::uint8_t> &first_bytes, const ids &given = {},
         const std::vector<const char *> &labels = {}) {
  const std::vector<std::uint8_t> codes = codes_of(first_bytes);
  const new_entries entries{0, first_bytes.size(), codes.data(), given.empty() ? nullptr : given.data(),
                            labels.empty() ? nullptr : labels.data()};
  index.add({&entries, 1});
}

code_index small_index() { return code_index({LM_HASH_CODE, 64, "", LM_VERSION}); }

// "id:first byte:label" of every live code, in the order of the segments.
std::vector<std::string> content(const code_index &index) {
  std::vector<std::string> entries;
  const auto snapshot = index.snapshot();
  for (const segment_entry &entry : snapshot->tables[0].segments) {
    const segment_view view = entry.view();
    for (std::size_t r = 0; r < view.size; ++r) {
      if (!view.is_removed(r)) {
        entries.push_back(std::to_string(view.ids[r]) + ":" + std::to_string(view.rows[r] & 0xff) + ":" +
                          std::string(entry.rows->label(r)));
      }
    }
  }
  return entries;
}

TEST(CodeIndex, CountsIdsOnFromTheLargest) {
  code_index index = small_index();
  add(index, {10, 11});
  add(index, {12}, {40});
  add(index, {13, 14});
  EXPECT_EQ(content(index), (std::vector<std::string>{"0:10:", "1:11:", "40:12:", "41:13:", "42:14:"}));
  index.remove(std::array<std::int64_t, 1>{42});
  add(index, {15});
  EXPECT_EQ(content(index).back(), "43:15:") << "an id that was given is not given again";
}

TEST(CodeIndex, GivesIdsInOrderOverGroups) {
  code_index index = small_index();
  const std::vector<std::uint8_t> codes = codes_of({1, 2});
  const std::vector<std::uint8_t> digest(16, 7);
  const ids code_ids{-1, -3};
  const ids digest_ids{-2};
  const std::array groups{new_entries{0, 2, codes.data(), code_ids.data(), nullptr},
                          new_entries{1, 1, digest.data(), digest_ids.data(), nullptr}};
  index.add(groups);
  EXPECT_EQ(content(index), (std::vector<std::string>{"0:1:", "2:2:"}));
  EXPECT_EQ(index.snapshot()->tables[1].segments.front().rows->data().ids[0], 1);
}

TEST(CodeIndex, RefusesWhenIdsRunOut) {
  code_index index = small_index();
  add(index, {1}, {std::numeric_limits<std::int64_t>::max()});
  EXPECT_THROW(add(index, {2}), error);
  add(index, {3}, {5});
  EXPECT_EQ(content(index).size(), 2U);
}

TEST(CodeIndex, AddsAllOrNone) {
  code_index index = small_index();
  add(index, {1}, {}, {"one"});
  try {
    add(index, {2, 3}, {}, {"two", "\xff"});
    FAIL() << "took a label that is not UTF-8";
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_INVALID_ARGUMENT);
    EXPECT_STREQ(failure.what(), "labels[1] is not UTF-8");
  }
  EXPECT_EQ(content(index), std::vector<std::string>{"0:1:one"});
  add(index, {4});
  EXPECT_EQ(content(index).back(), "1:4:");
}

TEST(CodeIndex, KeepsLabelsThroughMerging) {
  code_index index = small_index();
  add(index, {1});
  add(index, {2}, {}, {"two"});
  add(index, {3});
  add(index, {4}, {}, {nullptr});
  add(index, {5}, {}, {"five"});
  EXPECT_EQ(content(index), (std::vector<std::string>{"0:1:", "1:2:two", "2:3:", "3:4:", "4:5:five"}));
}

TEST(CodeIndex, SingleAdditionsLeaveFewSegments) {
  code_index index = small_index();
  for (int i = 0; i < 1000; ++i) {
    add(index, {static_cast<std::uint8_t>(i)});
  }
  EXPECT_EQ(index.snapshot()->tables[0].live(), 1000U);
  EXPECT_LE(index.snapshot()->tables[0].segments.size(), 10U);  // log2 of 1000
}

TEST(CodeIndex, RemovesEveryEntryOfAnId) {
  code_index index = small_index();
  add(index, {1, 2, 3, 4}, {7, 8, 7, 9});
  const std::vector<std::uint8_t> digest(16, 7);
  const ids digest_ids{7};
  const new_entries digests{1, 1, digest.data(), digest_ids.data(), nullptr};
  index.add({&digests, 1});
  EXPECT_EQ(index.remove(std::array<std::int64_t, 3>{7, 7, 100}), 3);
  EXPECT_EQ(content(index), (std::vector<std::string>{"8:2:", "9:4:"}));
  EXPECT_EQ(index.snapshot()->tables[1].live(), 0U);
  EXPECT_EQ(index.remove(std::array<std::int64_t, 1>{7}), 0);
}

TEST(CodeIndex, ReadersKeepTheirSnapshot) {
  code_index index = small_index();
  add(index, {1, 2, 3});
  const auto before = index.snapshot();
  index.remove(std::array<std::int64_t, 2>{0, 1});
  add(index, {4});
  EXPECT_EQ(before->tables[0].live(), 3U);
  EXPECT_FALSE(before->tables[0].segments.front().view().is_removed(0));
  EXPECT_EQ(index.snapshot()->tables[0].live(), 2U);
}

TEST(CodeIndex, TellsDevicesWhetherTheyMayKeepBuckets) {
  code_index index = small_index();
  add(index, {10});
  const auto told = [&] { return index.snapshot()->tables[0].views().front().device_buckets; };
  EXPECT_EQ(told(), layout_policy::automatic);
  const auto before = index.snapshot();
  index.set_policies({layout_policy::automatic, layout_policy::never, 0});
  EXPECT_EQ(told(), layout_policy::never);
  add(index, {11});
  EXPECT_EQ(told(), layout_policy::never);
  EXPECT_EQ(before->tables[0].views().front().device_buckets, layout_policy::automatic);
}

TEST(CodeIndex, FindsEqualDigestsOnly) {
  code_index index = small_index();
  std::vector<std::uint8_t> digests(60);
  for (std::size_t i = 0; i < digests.size(); ++i) {
    digests[i] = static_cast<std::uint8_t>(i / 20);
  }
  const new_entries entries{2, 3, digests.data(), nullptr, nullptr};
  index.add({&entries, 1});
  index.add({&entries, 1});
  index.remove(std::array<std::int64_t, 1>{4});
  const auto snapshot = index.snapshot();
  const auto found = [&](std::uint8_t byte) {
    std::array<std::uint64_t, 3> row{};
    const std::vector<std::uint8_t> digest(20, byte);
    std::copy(digest.begin(), digest.end(), reinterpret_cast<std::uint8_t *>(row.data()));
    return find_equal(snapshot->tables[2], row.data()).size();
  };
  EXPECT_EQ(found(0), 2U);
  EXPECT_EQ(found(1), 1U);  // one of its two is removed
  EXPECT_EQ(found(2), 2U);
  EXPECT_EQ(found(3), 0U);
}

}  // namespace
}  // namespace libmatch::detail
