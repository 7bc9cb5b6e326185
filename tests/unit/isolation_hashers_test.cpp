// Plug-in hashers in workers: what one of them does costs the file that it does it to.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "hash/hasher.h"
#include "isolation/isolated_scanner.h"
#include "isolation/sandbox.h"
#include "support/encoded_images.h"
#include "support/files.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

constexpr std::uint64_t memory_bytes = std::uint64_t{1} << 29U;

const std::string plugins = LIBMATCH_TEST_PLUGINS "/";

// What fatal.so does to an image of that width.
enum misdeed : std::uint32_t { crash = 20, hang, take_memory, take_memory_and_crash, call_fork, open_file };

isolation_settings settings_of(const lm_hasher_handle &hasher) {
  return {{LIBMATCH_WORKER, "scalar", memory_bytes, &hasher}, 100};
}

scan_request request_of(const lm_hasher_handle &hasher, std::uint32_t max_milliseconds = 60000) {
  scan_request request;
  request.options = LM_HASH_OPTIONS_INIT;
  request.options.hasher = &hasher;
  request.options.max_milliseconds = max_milliseconds;
  request.pixels = true;
  return request;
}

bytes image_of_width(std::uint32_t width) { return encode_png(slopes(width, 7, 3)); }

scan_result scan(const bytes &file, const scan_request &request, const image_scanner &images) {
  return scan_file({nullptr, {file.data(), file.size()}}, request, images);
}

class IsolatedHasher : public testing::Test {
 protected:
  void SetUp() override {
#if defined(LIBMATCH_CROSS_COMPILED)
    GTEST_SKIP() << "an emulator starts no programs and filters no system calls";
#endif
  }

  // Of an image that ends the process, between two that do not; the outcome of the one.
  static scan_result outcome_of(misdeed deed, std::uint32_t max_milliseconds = 60000) {
    static const lm_hasher_handle fatal(plugins + "fatal.so");
    static const isolated_scanner images(settings_of(fatal));
    const scan_request request = request_of(fatal, max_milliseconds);
    EXPECT_EQ(scan(image_of_width(9), request, images).scan, LM_SCAN_OK);
    scan_result result = scan(image_of_width(deed), request, images);
    const scan_result next = scan(image_of_width(9), request, images);
    EXPECT_EQ(next.scan, LM_SCAN_OK) << next.reason;
    EXPECT_TRUE(result.images.empty());
    return result;
  }
  static void expect_death(misdeed deed, const std::string &how) {
    const scan_result result = outcome_of(deed);
    EXPECT_EQ(result.scan, LM_SCAN_CRASHED);
    if (sandbox_limits_memory()) {  // a sanitizer ends in ways of its own
      EXPECT_EQ(result.reason, "the decoder or the hasher fatal died (" + how);
    }
  }
};

template <typename Call>
void expect_unsupported(const Call &call, const std::string &reason) {
  try {
    call();
    ADD_FAILURE() << "no error; expected: " << reason;
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_UNSUPPORTED);
    EXPECT_EQ(failure.what(), reason);
  }
}

}  // namespace

TEST_F(IsolatedHasher, GivesWhatHashingHereGives) {
  const lm_hasher_handle picky(plugins + "picky.so");
  const isolated_scanner isolated(settings_of(picky));
  const auto direct = make_direct_scanner(open_backend("scalar"));
  const scan_request request = request_of(picky);
  std::vector<bytes> files{{'n', 'o'},
                           encode_apng(12, 7, {{0, 0, slopes(12, 7, 3)}, {0, 0, flat(12, 7, {9, 9, 9})}})};
  for (const std::uint32_t width : {12U, 13U, 14U, 15U, 16U}) {
    files.push_back(image_of_width(width));
  }
  std::size_t codes = 0;
  for (const bytes &file : files) {
    const scan_result here = scan(file, request, *direct);
    const scan_result there = scan(file, request, isolated);
    EXPECT_EQ(there.scan, here.scan) << there.reason;
    EXPECT_EQ(there.reason, here.reason);
    ASSERT_EQ(there.images.size(), here.images.size());
    for (std::size_t i = 0; i < here.images.size(); ++i) {
      EXPECT_EQ(there.images[i].codes, here.images[i].codes);
      EXPECT_EQ(there.images[i].quality, here.images[i].quality);
      ++codes;
    }
  }
  EXPECT_EQ(codes, 4U);
}

TEST_F(IsolatedHasher, AHasherThatDiesCostsItsFile) {
  expect_death(crash, "signal 11, SIGSEGV)");
  expect_death(call_fork, "signal 31, SIGSYS): it asked the system for what it may not have");
}

TEST_F(IsolatedHasher, AHasherThatHangsIsEnded) {
  const scan_result result = outcome_of(hang, 300);
  EXPECT_EQ(result.scan, LM_SCAN_LIMIT);
  EXPECT_EQ(result.reason, "took longer than 300 ms");
}

TEST_F(IsolatedHasher, AHasherThatTakesAllMemoryCostsItsFile) {
  if (!sandbox_limits_memory()) {
    GTEST_SKIP() << "a sanitizer reserves more memory than any limit allows";
  }
  const scan_result result = outcome_of(take_memory);
  EXPECT_EQ(result.scan, LM_SCAN_NOT_HASHED);
  EXPECT_EQ(result.reason, "the hasher fatal failed: no memory");
  expect_death(take_memory_and_crash, "signal 11, SIGSEGV)");
}

TEST_F(IsolatedHasher, AHasherHasNoFiles) {
  const scan_result result = outcome_of(open_file);
  EXPECT_EQ(result.scan, LM_SCAN_NOT_HASHED);
  EXPECT_EQ(result.reason, "the hasher fatal failed: files: no");
}

TEST_F(IsolatedHasher, AWorkerHashesByItsOwnHasherOnly) {
  const lm_hasher_handle picky(plugins + "picky.so");
  const lm_hasher_handle again(plugins + "picky.so");
  const isolated_scanner images(settings_of(picky));
  const std::string reason =
      "isolation: the workers of this context have not loaded the hasher picky; name it when isolation is asked for "
      "(lm_isolation_options.hasher, in Python Context's hasher)";
  expect_unsupported([&] { images.check(request_of(again)); }, reason);
  expect_unsupported([&] { scan(image_of_width(9), request_of(again), images); }, reason);
  // Without a hasher there is PDQ, and not the plug-in's codes.
  scan_request request = request_of(picky);
  request.options.hasher = nullptr;
  const scan_result result = scan(image_of_width(9), request, images);
  ASSERT_EQ(result.images.size(), 1U) << result.reason;
  EXPECT_EQ(result.images[0].codes.size(), 32U);
}

TEST_F(IsolatedHasher, WhyAWorkerCannotLoadItIsSaid) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread runs
  ASSERT_EQ(::setenv("LIBMATCH_TEST_LICENCE", "a workstation's", 1), 0);
  const std::string path = plugins + "licensed.so";
  const lm_hasher_handle licensed(path);
  ::unsetenv("LIBMATCH_TEST_LICENCE");  // NOLINT(concurrency-mt-unsafe): likewise
  expect_unsupported(
      [&] { isolated_scanner(settings_of(licensed)); },
      "isolation: a worker cannot load the hasher: " + path + ": the hasher picky cannot begin: no licence found");
}

TEST_F(IsolatedHasher, AnotherPlugInInItsPlaceIsRefused) {
  const temporary_folder folder;
  const std::string path = folder / "hasher.so";
  std::filesystem::copy_file(plugins + "picky.so", path);
  const lm_hasher_handle picky(path);
  std::filesystem::remove(path);
  expect_unsupported(
      [&] { isolated_scanner(settings_of(picky)); },
      "isolation: a worker cannot load the hasher: " + path + ": cannot open: No such file or directory");
  std::filesystem::copy_file(plugins + "fatal.so", path);
  expect_unsupported([&] { isolated_scanner(settings_of(picky)); },
                     "isolation: a worker cannot load the hasher: " + path +
                         ": is now fatal 1, a code of 64 bits, and the context has picky 2.1, a code of 64 bits");
}
