#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "core/error.h"

namespace libmatch::detail {
namespace {

// Those of the processor: devices come before them.
std::vector<std::string> processor_names() {
  std::vector<std::string> names = backend_names();
  names.erase(names.begin(), std::find_if(names.begin(), names.end(),
                                          [](const std::string &name) { return name.rfind("cuda", 0) != 0; }));
  return names;
}

TEST(BackendRegistry, EndsWithScalar) {
  ASSERT_FALSE(backend_names().empty());
  EXPECT_EQ(backend_names().back(), "scalar");
}

TEST(BackendRegistry, NamesTheBestFirst) {
#if defined(LIBMATCH_NEON)
  EXPECT_EQ(processor_names(), (std::vector<std::string>{"neon", "scalar"}));
#elif defined(LIBMATCH_X86)
  // Which of them there are is the machine's; that each one needs what those behind it need is not.
  const std::vector<std::string> all{"avx512", "avx512bw", "avx2", "scalar"};
  const std::vector<std::string> names = processor_names();
  EXPECT_TRUE(std::equal(names.rbegin(), names.rend(), all.rbegin()));
#else
  EXPECT_EQ(processor_names(), std::vector<std::string>{"scalar"});
#endif
}

TEST(BackendRegistry, OpensWhatItNames) {
  for (const std::string &name : backend_names()) {
    EXPECT_EQ(open_backend(name)->name(), name);
  }
  EXPECT_EQ(open_backend("auto")->name(), backend_names().front());
}

TEST(BackendRegistry, SaysThatThereIsNoDriver) {
  if (dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL) != nullptr) {
    GTEST_SKIP() << "this machine has a driver";
  }
  for (const std::string name : {"cuda", "cuda:0", "cuda:7"}) {
    try {
      open_backend(name);
      ADD_FAILURE() << "opened " << name;
    } catch (const error &failure) {
      const std::string message = failure.what();
      EXPECT_EQ(failure.status(), LM_ERROR_UNSUPPORTED);
      EXPECT_EQ(
          message.find("backend \"" + name + "\": no NVIDIA driver is installed here: libcuda.so.1 was not found"),
          0U)
          << message;
      EXPECT_NE(message.find("; usable here: "), std::string::npos) << message;
    }
  }
}

TEST(BackendRegistry, KnowsNoOtherNamesOfDevices) {
  for (const char *name : {"cuda:", "cuda:-1", "cuda:x", "cuda:0x", "cuda0", "cuda:99999999999"}) {
    try {
      open_backend(name);
      ADD_FAILURE() << "opened " << name;
    } catch (const error &failure) {
      EXPECT_NE(std::string(failure.what()).find("is unknown; usable here: "), std::string::npos) << failure.what();
    }
  }
}

TEST(BackendRegistry, RefusesUnknownNamesAndSaysWhatThereIs) {
  try {
    open_backend("abacus");
    FAIL() << "opened";
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_UNSUPPORTED);
    EXPECT_NE(std::string(failure.what()).find("\"abacus\" is unknown; usable here: "), std::string::npos);
  }
}

TEST(BackendRegistry, RefusesInstructionSetsOfAnotherArchitecture) {
#if defined(__aarch64__)
  const std::string foreign = "avx2";
#else
  const std::string foreign = "neon";
#endif
  try {
    open_backend(foreign);
    FAIL() << "opened";
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_UNSUPPORTED);
    EXPECT_NE(std::string(failure.what())
                  .find("backend \"" + foreign + "\": this build or this processor does not have it; usable here: "),
              std::string::npos);
  }
}

TEST(BackendRegistry, RefusesInstructionSetsThatTheMachineLacks) {
  for (const char *name : {"avx2", "avx512bw", "avx512", "neon"}) {
    const auto &names = backend_names();
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      continue;
    }
    EXPECT_THROW(open_backend(name), error);
  }
}

}  // namespace
}  // namespace libmatch::detail
