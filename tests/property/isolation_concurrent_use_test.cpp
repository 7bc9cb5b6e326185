// Files of which some end the process that reads them, scanned by several threads: none harms another's.
#include <gtest/gtest.h>

#include <cstddef>
#include <string_view>
#include <vector>

#include "isolation/isolated_scanner.h"
#include "support/encoded_images.h"

using namespace libmatch::detail;
using namespace libmatch::test;

TEST(ConcurrentIsolation, FilesHaveWorkersOfTheirOwn) {
#if defined(LIBMATCH_CROSS_COMPILED)
  GTEST_SKIP() << "an emulator starts no programs";
#endif
  const isolated_scanner images({{LIBMATCH_MISBEHAVING_WORKER, "scalar", std::size_t{1} << 29U}, 3});
  const bytes picture = encode_png(slopes(40, 30, 3));
  constexpr std::string_view misbehaviour = "misbehave: segfault";
  const bytes segfault(misbehaviour.begin(), misbehaviour.end());
  std::vector<scan_source> sources;
  for (int i = 0; i < 40; ++i) {
    const bytes &file = i % 8 == 5 ? segfault : picture;
    sources.push_back({nullptr, {file.data(), file.size()}});
  }
  scan_request request;
  request.options = LM_HASH_OPTIONS_INIT;
  request.options.max_milliseconds = 60000;
  request.pixels = true;
  request.digests = {LM_HASH_MD5};
  thread_pool threads(4);
  const std::vector<scan_result> results = scan_files(sources, request, images, threads, nullptr);
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].scan, i % 8 == 5 ? LM_SCAN_CRASHED : LM_SCAN_OK) << i << ": " << results[i].reason;
  }
}
