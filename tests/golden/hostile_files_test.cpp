// Files made to hurt, from their bytes to a verdict, here and in isolation: each has one within its budget.
#include <gtest/gtest.h>

#include <chrono>
#include <libmatch/libmatch.hpp>

#include "support/hostile_images.h"

namespace libmatch::test {
namespace {

constexpr std::uint32_t budget_ms = 3000;
// Reading, hashing what was decoded just in time, and a machine that is busy with other things.
constexpr std::chrono::milliseconds longest{10 * budget_ms};

class HostileFiles : public testing::TestWithParam<bool> {
 protected:
  HostileFiles() {
    if (GetParam()) {
#if defined(LIBMATCH_CROSS_COMPILED)
      skipped_ = true;
#else
      lm_isolation_options options = LM_ISOLATION_OPTIONS_INIT;
      options.worker = LIBMATCH_WORKER;
      context_.isolate(options);
#endif
    }
    index_.add(std::vector<std::uint8_t>(32, 0x5A));
  }
  void SetUp() override {
    if (skipped_) {
      GTEST_SKIP() << "an emulator starts no programs and filters no system calls";
    }
  }

  verdicts match(const std::vector<named_file> &files) const {
    std::vector<lm_buffer> buffers;
    for (const named_file &file : files) {
      buffers.push_back({file.content.data(), file.content.size()});
    }
    lm_hash_options limits = LM_HASH_OPTIONS_INIT;
    limits.max_milliseconds = budget_ms;
    lm_match_options options = LM_MATCH_OPTIONS_INIT;
    options.hash = &limits;
    return match_buffers(context_, index_, buffers, &options);
  }

 private:
  bool skipped_ = false;
  context context_{nullptr, 1};
  index index_{context_};
};

bool says_why(const verdicts &answer, std::size_t i) {
  return answer.verdict(i) == LM_VERDICT_LOW_QUALITY ||
         (answer.verdict(i) == LM_VERDICT_NOT_SCANNED && !answer.reason(i).empty());
}

}  // namespace

TEST_P(HostileFiles, HaveAVerdictWithinTheirBudget) {
  for (const named_file &file : hostile_files()) {
    const auto start = std::chrono::steady_clock::now();
    const verdicts answer = match({file});
    const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
    EXPECT_LT(time, longest) << file.name;
    EXPECT_TRUE(says_why(answer, 0)) << file.name << ": " << answer.verdict(0);
    EXPECT_NE(answer.data().scans[0], LM_SCAN_CRASHED) << file.name << ": " << answer.reason(0);
    RecordProperty(file.name, std::to_string(time.count()) + " ms, " + std::string(answer.reason(0)));
  }
}

TEST_P(HostileFiles, OfRandomBytesHaveAVerdict) {
  const std::vector<named_file> files = random_files_with_magic(1000);
  const auto start = std::chrono::steady_clock::now();
  const verdicts answer = match(files);
  EXPECT_LT(std::chrono::steady_clock::now() - start, longest);
  for (std::size_t i = 0; i < files.size(); ++i) {
    EXPECT_TRUE(says_why(answer, i)) << files[i].name << ": " << answer.verdict(i);
    EXPECT_NE(answer.data().scans[i], LM_SCAN_CRASHED) << files[i].name << ": " << answer.reason(i);
  }
}

INSTANTIATE_TEST_SUITE_P(Both, HostileFiles, testing::Bool(),
                         [](const auto &parameter) { return parameter.param ? "Isolated" : "Here"; });

}  // namespace libmatch::test
