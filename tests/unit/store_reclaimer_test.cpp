#include "store/reclaimer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <future>
#include <thread>
#include <vector>

using namespace libmatch::detail;

TEST(Reclaimer, GivesPagesBackAndNothingBesideThem) {
  constexpr std::size_t around = 5000;
  constexpr std::size_t bytes = (std::size_t{4} << 20) + 12345;
  std::vector<std::uint8_t> memory(around + bytes + around, 7);
  std::promise<std::thread::id> released;
  start_reclaiming();
  reclaim(std::span(memory).subspan(around, bytes), [&] { released.set_value(std::this_thread::get_id()); });
  EXPECT_NE(released.get_future().get(), std::this_thread::get_id());
  const auto is_seven = [](std::uint8_t byte) { return byte == 7; };
  EXPECT_TRUE(std::all_of(memory.begin(), memory.begin() + around, is_seven));
  EXPECT_TRUE(std::all_of(memory.end() - around, memory.end(), is_seven));
  const auto given_back = static_cast<std::size_t>(std::count(memory.begin(), memory.end(), 0));
  EXPECT_GT(given_back, std::size_t{3} << 20);
}

TEST(Reclaimer, FreesLittleAtOnce) {
  std::vector<std::uint8_t> memory(1000, 7);
  std::thread::id by;
  reclaim(memory, [&] { by = std::this_thread::get_id(); });
  EXPECT_EQ(by, std::this_thread::get_id());
}
