#include "isolation/isolated_scanner.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "isolation/sandbox.h"
#include "isolation/worker_path.h"
#include "support/encoded_images.h"
#include "support/files.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

constexpr std::uint64_t memory_bytes = std::uint64_t{1} << 29U;

bytes misbehaving(const std::string &how) {
  const std::string text = "misbehave: " + how;
  return {text.begin(), text.end()};
}

isolation_settings settings_of(const std::string &worker, std::uint32_t files_a_worker) {
  return {{worker, "scalar", memory_bytes}, files_a_worker};
}

scan_request request_of(std::uint32_t max_milliseconds) {
  scan_request request;
  request.options = LM_HASH_OPTIONS_INIT;
  request.options.max_milliseconds = max_milliseconds;
  request.pixels = true;
  request.digests = {LM_HASH_MD5};
  return request;
}

void expect_equal(const scanned_image &a, const scanned_image &b, const std::string &name) {
  EXPECT_EQ(a.frame, b.frame) << name;
  EXPECT_EQ(a.trimmed, b.trimmed) << name;
  EXPECT_EQ(a.width, b.width) << name;
  EXPECT_EQ(a.height, b.height) << name;
  EXPECT_EQ(std::memcmp(&a.part, &b.part, sizeof(a.part)), 0) << name;
  EXPECT_EQ(a.quality, b.quality) << name;
  EXPECT_EQ(a.codes, b.codes) << name;
  EXPECT_EQ(a.keypoints.width, b.keypoints.width) << name;
  EXPECT_EQ(a.keypoints.points.size(), b.keypoints.points.size()) << name;
  EXPECT_EQ(a.keypoints.codes, b.keypoints.codes) << name;
  EXPECT_EQ(a.keypoints.signature, b.keypoints.signature) << name;
  EXPECT_EQ(a.keypoints.view.pixels, b.keypoints.view.pixels) << name;
}

// The program is of this machine's kind only where it was not cross-compiled, and qemu knows no seccomp.
class Isolation : public testing::Test {
 protected:
  void SetUp() override {
#if defined(LIBMATCH_CROSS_COMPILED)
    GTEST_SKIP() << "an emulator starts no programs and filters no system calls";
#endif
  }

  // By the worker that can misbehave.
  static scan_result scan(const bytes &file, std::uint32_t max_milliseconds = 20000) {
    static const isolated_scanner images(settings_of(LIBMATCH_MISBEHAVING_WORKER, 100));
    return scan_file({nullptr, {file.data(), file.size()}}, request_of(max_milliseconds), images);
  }
  static void expect_death(const std::string &how, const std::string &reason) {
    const scan_result result = scan(misbehaving(how));
    EXPECT_EQ(result.scan, LM_SCAN_CRASHED) << how;
    if (sandbox_limits_memory()) {  // a sanitizer ends in ways of its own
      EXPECT_EQ(result.reason, reason) << how;
    }
    EXPECT_TRUE(result.readable) << how;
    EXPECT_NE(result.digests[0], scan_result().digests.emplace_back()) << how;
    const scan_result next = scan(encode_png(slopes(64, 64, 3)));
    EXPECT_EQ(next.scan, LM_SCAN_OK) << next.reason;
  }
};

constexpr const char *asked = ": it asked the system for what it may not have";

}  // namespace

TEST_F(Isolation, GivesWhatScanningHereGives) {
  const isolated_scanner isolated(settings_of(LIBMATCH_WORKER, 7));
  const auto direct = make_direct_scanner(open_backend("scalar"));
  std::vector<named_file> files = every_variety();
  files.push_back({"nothing", {}});
  files.push_back({"text", {'t', 'e', 'x', 't'}});
  files.push_back({"larger than a socket takes", encode_png(slopes(1500, 1200, 3))});
  scan_request request = request_of(60000);
  request.options.orientations = LM_ORIENTATIONS_TRUE;
  request.options.keypoints = 100;
  request.options.trim_borders = 1;
  std::size_t points = 0;
  for (const named_file &file : files) {
    const scan_source source{nullptr, {file.content.data(), file.content.size()}};
    const scan_result here = scan_file(source, request, *direct);
    const scan_result there = scan_file(source, request, isolated);
    EXPECT_EQ(there.scan, here.scan) << file.name;
    EXPECT_EQ(there.reason, here.reason) << file.name;
    ASSERT_EQ(there.images.size(), here.images.size()) << file.name;
    for (std::size_t i = 0; i < here.images.size(); ++i) {
      expect_equal(there.images[i], here.images[i], file.name);
      points += there.images[i].keypoints.points.size();
    }
    EXPECT_EQ(there.digests, here.digests) << file.name;
  }
  EXPECT_GT(points, 0U);  // there was something to compare
}

TEST_F(Isolation, GivesWhatAQueryIsLookedUpBy) {
  const isolated_scanner isolated(settings_of(LIBMATCH_WORKER, 7));
  const bytes file = encode_png(slopes(700, 300, 3));
  scan_request request = request_of(60000);
  request.options.keypoints = 50;
  request.role = keypoint_role::query;
  const scan_source source{nullptr, {file.data(), file.size()}};
  const scan_result here = scan_file(source, request, *make_direct_scanner(open_backend("scalar")));
  const scan_result there = scan_file(source, request, isolated);
  ASSERT_EQ(there.images.size(), 1U) << there.reason;
  EXPECT_FALSE(there.images[0].keypoints.view.pixels.empty());
  expect_equal(there.images[0], here.images[0], "query");
}

TEST_F(Isolation, ADecoderThatDiesCostsItsFile) {
  expect_death("segfault", "the decoder died (signal 11, SIGSEGV)");
  expect_death("abort", "the decoder died (signal 6, SIGABRT)");
  expect_death("exit", "the decoder died (exit status 7)");
}

TEST_F(Isolation, ADecoderThatAsksForMoreThanMemoryDies) {
  for (const char *how : {"connect", "fork", "start a program", "end the context", "run what it wrote"}) {
    expect_death(how, std::string("the decoder died (signal 31, SIGSYS)") + asked);
  }
}

TEST_F(Isolation, AWorkerHasNoFilesNorSecrets) {
  ASSERT_EQ(::setenv("LIBMATCH_TEST_SECRET", "known to the host", 1), 0);
  const temporary_folder folder;
  write_bytes(folder / "open", {1});
  const auto kept_open = std::fopen((folder / "open").c_str(), "rb");
  const isolated_scanner images(settings_of(LIBMATCH_MISBEHAVING_WORKER, 100));
  for (const auto &[how, answer] : {std::pair("open a file", "files: no"),
                                    {"read other descriptors", "other descriptors: no"},
                                    {"read the environment", "the environment: no"}}) {
    const bytes file = misbehaving(how);
    const scan_result result = scan_file({nullptr, {file.data(), file.size()}}, request_of(20000), images);
    EXPECT_EQ(result.reason, answer);
  }
  std::fclose(kept_open);
  ::unsetenv("LIBMATCH_TEST_SECRET");
}

TEST_F(Isolation, ADecoderMayStartThreads) { EXPECT_EQ(scan(misbehaving("start a thread")).reason, "threads: yes"); }

TEST_F(Isolation, ADecoderThatHangsIsEnded) {
  const auto start = std::chrono::steady_clock::now();
  const scan_result result = scan(misbehaving("hang"), 300);
  EXPECT_EQ(result.scan, LM_SCAN_LIMIT);
  EXPECT_EQ(result.reason, "took longer than 300 ms");
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(300));
}

TEST_F(Isolation, MemoryIsLimited) {
  if (!sandbox_limits_memory()) {
    GTEST_SKIP() << "a sanitizer reserves more memory than any limit allows";
  }
  const scan_result result = scan(misbehaving("allocate"));
  EXPECT_EQ(result.scan, LM_SCAN_LIMIT);
  EXPECT_EQ(result.reason, "not enough memory to decode it");
  const scan_result large = scan(bytes(memory_bytes / 2 * 3 / 2));
  EXPECT_EQ(large.scan, LM_SCAN_LIMIT);
  EXPECT_EQ(large.reason, "the file's 402653184 bytes are over the limit of 268435456");
}

TEST_F(Isolation, AFileThatAWorkerCannotHoldIsOverItsLimit) {
  if (!sandbox_limits_memory()) {
    GTEST_SKIP() << "a sanitizer reserves more memory than any limit allows";
  }
  isolation_settings settings = settings_of(LIBMATCH_WORKER, 100);
  settings.worker.max_memory_bytes = std::uint64_t{1} << 26U;
  const isolated_scanner images(settings);
  const bytes file(std::size_t{1} << 27U);
  const scan_result result = scan_file({nullptr, {file.data(), file.size()}}, request_of(20000), images);
  EXPECT_EQ(result.scan, LM_SCAN_LIMIT);
  EXPECT_EQ(result.reason, "not enough memory in a worker to take it in");
}

TEST_F(Isolation, WhatAWorkerSaysIsNotBelieved) {
  for (const char *how : {"speak nonsense", "promise much"}) {
    const scan_result result = scan(misbehaving(how));
    EXPECT_EQ(result.scan, LM_SCAN_CRASHED) << how;
    EXPECT_EQ(result.reason, "the decoder died: its process gave no answer that makes sense") << how;
  }
  expect_death("hang up", "the decoder died (signal 9, SIGKILL)");
}

TEST_F(Isolation, WorkersAreCollected) {
  {
    const isolated_scanner images(settings_of(LIBMATCH_MISBEHAVING_WORKER, 1));
    for (const char *how : {"segfault", "exit", "nothing"}) {
      const bytes file = how == std::string("nothing") ? encode_png(slopes(8, 8, 3)) : misbehaving(how);
      scan_file({nullptr, {file.data(), file.size()}}, request_of(20000), images);
    }
  }
  // Workers of the test before live on in scan()'s static scanner: they have not ended.
  EXPECT_LE(::waitpid(-1, nullptr, WNOHANG), 0);
}

TEST_F(Isolation, AProgramThatIsNoWorkerIsRefused) {
  const auto message_of = [](const std::string &program) -> std::string {
    try {
      const isolated_scanner images(settings_of(program, 1));
    } catch (const error &failure) {
      EXPECT_EQ(failure.status(), LM_ERROR_UNSUPPORTED);
      return failure.what();
    }
    return "none";
  };
  EXPECT_EQ(message_of("/bin/true"), "isolation: /bin/true does not answer as a worker does");
  const temporary_folder folder;
  const std::string text = folder / "text";
  write_bytes(text, {'n', 'o'});
  ::chmod(text.c_str(), 0700);
  EXPECT_EQ(message_of(text), "isolation: " + text + " cannot be started: Exec format error");
}

TEST(FindWorker, NamesWhatIsMissing) {
  try {
    find_worker("/no/such/worker");
    FAIL();
  } catch (const error &failure) {
    EXPECT_STREQ(failure.what(), "isolation: /no/such/worker is no program that can be started");
  }
  EXPECT_EQ(find_worker("/bin/true"), "/bin/true");
}
