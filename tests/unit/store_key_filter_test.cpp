#include "store/key_filter.h"

#include <gtest/gtest.h>

#include "support/random_codes.h"

namespace libmatch::detail {
namespace {

// Enough for several parts.
constexpr int many = 4'000'000;

TEST(KeyFilter, KnowsWhatWasAddedAndSeldomAnythingElse) {
  key_filter filter;
  EXPECT_FALSE(filter.may_hold(0));
  test::random_source random(1);
  for (int i = 0; i < many; ++i) {
    filter.add(random.next());
  }
  test::random_source again(1);
  for (int i = 0; i < many; ++i) {
    ASSERT_TRUE(filter.may_hold(again.next()));
  }
  int wrong = 0;
  for (int i = 0; i < many; ++i) {
    wrong += filter.may_hold(random.next()) ? 1 : 0;
  }
  EXPECT_LT(wrong, many / 1000);
  EXPECT_GT(wrong, 0);
}

// One code in many lists, and the codes of one item, have half of the key in common.
TEST(KeyFilter, TellsKeysApartThatShareAHalf) {
  for (const unsigned shift : {0U, 32U}) {
    key_filter filter;
    test::random_source random(2);
    constexpr int some = 100'000;
    const auto key = [&] { return (random.next() >> 32) << shift | std::uint64_t{0x12345678} << (32 - shift); };
    for (int i = 0; i < some; ++i) {
      filter.add(key());
    }
    int wrong = 0;
    for (int i = 0; i < some; ++i) {
      wrong += filter.may_hold(key()) ? 1 : 0;
    }
    EXPECT_LT(wrong, some / 1000);
  }
}

}  // namespace
}  // namespace libmatch::detail
