#include "scan/scan.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/files.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

scan_result scan(const std::string &path, bool pixels, std::vector<lm_hash> digests) {
  scan_request request;
  request.options = LM_HASH_OPTIONS_INIT;
  request.options.max_bytes = 3;
  request.pixels = pixels;
  request.digests = std::move(digests);
  return scan_file({path.c_str(), {nullptr, 0}}, request, *open_backend("scalar"));
}

void expect_refused(const std::string &path) {
  for (const bool pixels : {false, true}) {
    const scan_result result = scan(path, pixels, {LM_HASH_MD5});
    EXPECT_EQ(result.scan, LM_SCAN_UNREADABLE);
    EXPECT_EQ(result.reason, path + ": not a regular file");
    EXPECT_FALSE(result.readable);
  }
}

}  // namespace

TEST(ScanFile, WhatIsNoRegularFileIsNotScanned) {
  const temporary_folder folder;
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  expect_refused(pipe);
  expect_refused("/dev/zero");
}

TEST(ScanFile, AFileOverTheLimitStillHasItsDigest) {
  const temporary_folder folder;
  const std::string path = folder / "file";
  write_bytes(path, {'a', 'b', 'c', 'd'});
  const scan_result result = scan(path, true, {LM_HASH_MD5});
  EXPECT_EQ(result.scan, LM_SCAN_LIMIT);
  EXPECT_TRUE(result.readable);
  EXPECT_EQ(result.digests[0][0], 0xe2);  // MD5 of "abcd": e2fc714c4727ee9395f324cd2e7f331f
}
