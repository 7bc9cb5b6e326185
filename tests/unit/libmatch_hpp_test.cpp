#include "libmatch/libmatch.hpp"

#include <gtest/gtest.h>

using namespace std::string_literals;

namespace {

template <typename Call>
void expect_refused(const Call &call, const std::string &reason) {
  try {
    call();
    ADD_FAILURE() << "no error";
  } catch (const libmatch::error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(failure.what(), reason);
  }
}

}  // namespace

TEST(CppWrapper, TakesNoTextWithAZeroByte) {
  const libmatch::context context("scalar", 1);
  const std::vector<std::string> texts{"whole", "cut\0 off"s};
  const std::string reason = "text 1 holds a zero byte: \"cut\\0...\"";
  expect_refused([&] { libmatch::c_strings(texts); }, reason);
  expect_refused([&] { libmatch::hash_files(context, texts); }, reason);
  libmatch::index index(context, 64, LM_HASH_CODE);
  expect_refused([&] { index.add(std::vector<std::uint8_t>(16), {}, texts); }, reason);
  EXPECT_EQ(index.size(), 0);
  expect_refused([&] { libmatch::match_files(context, index, texts); }, reason);
}
