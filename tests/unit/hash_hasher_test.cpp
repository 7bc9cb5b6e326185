#include "hash/hasher.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace libmatch::detail {

namespace {

lm_status create(void **, char *, std::size_t) { return LM_OK; }
void destroy(void *) {}
lm_status hash_image(void *, const lm_image *, std::uint8_t *, std::uint8_t *, char *, std::size_t) { return LM_OK; }

lm_hasher table() {
  return {LM_HASHER_ABI, LM_HASHER_HAMMING, sizeof(lm_hasher), "a-Name.1_", "v2", 64, 7, 0,
          create,        destroy,           hash_image};
}

void expect_refused_table(const lm_hasher *wrong, lm_status status, const std::string &reason) {
  try {
    check_table(wrong, "file: ");
    ADD_FAILURE() << "taken: " << reason;
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), status) << reason;
    EXPECT_EQ(failure.what(), "file: " + reason);
  }
}

template <typename Change>
void expect_refused(const Change &change, lm_status status, const std::string &reason) {
  lm_hasher wrong = table();
  change(wrong);
  expect_refused_table(&wrong, status, reason);
}

}  // namespace

TEST(HasherTable, WhatIsInOrderIsTaken) {
  lm_hasher good = table();
  check_table(&good, "");
  good.flags = LM_HASHER_THREAD_SAFE;
  good.struct_size += 8;  // of a later header with the same version
  for (const std::uint32_t bits : {64U, 128U, 2048U}) {
    good.size = bits;
    check_table(&good, "");
  }
  good.metric = LM_HASHER_SQUARED_EUCLIDEAN;
  for (const std::uint32_t dimensions : {16U, 17U, 144U, 1024U}) {
    good.size = dimensions;
    check_table(&good, "");
  }
}

TEST(HasherTable, AnotherVersionIsRefused) {
  expect_refused_table(nullptr, LM_ERROR_UNSUPPORTED, "has no table for version 1 of the interface");
  for (const std::uint32_t version : {0U, 2U}) {
    expect_refused([&](lm_hasher &wrong) { wrong.abi = version; }, LM_ERROR_UNSUPPORTED,
                   "is of version " + std::to_string(version) + " of the interface; this library takes 1");
  }
  expect_refused([](lm_hasher &wrong) { wrong.flags = 6; }, LM_ERROR_UNSUPPORTED,
                 "sets a flag that this library does not know");
}

TEST(HasherTable, WhatMakesNoSenseIsRefused) {
  const std::string characters = " is not 1 to 64 letters, digits, '.', '_' and '-'";
  const std::string long_name(65, 'n');
  expect_refused([](lm_hasher &wrong) { wrong.struct_size -= 8; }, LM_ERROR_FORMAT,
                 "struct_size is " + std::to_string(sizeof(lm_hasher) - 8) + ", less than the " +
                     std::to_string(sizeof(lm_hasher)) + " of its version");
  for (const char *name : {static_cast<const char *>(nullptr), "", "a b", "\xc3\xa9", "a\n", long_name.c_str()}) {
    expect_refused([&](lm_hasher &wrong) { wrong.name = name; }, LM_ERROR_FORMAT, "name" + characters);
    expect_refused([&](lm_hasher &wrong) { wrong.version = name; }, LM_ERROR_FORMAT, "version" + characters);
  }
  expect_refused([](lm_hasher &wrong) { wrong.metric = 0; }, LM_ERROR_FORMAT,
                 "metric is neither Hamming nor squared Euclidean");
  expect_refused([](lm_hasher &wrong) { wrong.create = nullptr; }, LM_ERROR_FORMAT, "create is NULL");
  expect_refused([](lm_hasher &wrong) { wrong.destroy = nullptr; }, LM_ERROR_FORMAT, "destroy is NULL");
  expect_refused([](lm_hasher &wrong) { wrong.hash_image = nullptr; }, LM_ERROR_FORMAT, "hash_image is NULL");
  for (const std::uint32_t bits : {0U, 63U, 65U, 2112U, 0xFFFFFFC0U}) {
    expect_refused([&](lm_hasher &wrong) { wrong.size = bits; }, LM_ERROR_FORMAT,
                   "size is " + std::to_string(bits) + " where code has a multiple of 64 from 64 to 2048");
  }
  for (const std::uint32_t dimensions : {0U, 15U, 1025U, 0x20000010U}) {
    expect_refused(
        [&](lm_hasher &wrong) {
          wrong.metric = LM_HASHER_SQUARED_EUCLIDEAN;
          wrong.size = dimensions;
        },
        LM_ERROR_FORMAT,
        "size is " + std::to_string(dimensions) + " where vector8 has a multiple of 1 from 16 to 1024");
  }
}

TEST(PluginHasher, SaysWhatItIsAndWhere) {
  const std::string path = LIBMATCH_TEST_PLUGINS "/picky.so";
  EXPECT_EQ(plugin_hasher(path).identity(), "picky 2.1, a code of 64 bits");
  EXPECT_EQ(plugin_hasher(path).path(), path);
  const std::string relative = std::filesystem::proximate(path);
  ASSERT_NE(relative.front(), '/');
  EXPECT_TRUE(std::filesystem::equivalent(plugin_hasher(relative).path(), path));
  EXPECT_EQ(plugin_hasher(relative).path().front(), '/');
}

}  // namespace libmatch::detail
