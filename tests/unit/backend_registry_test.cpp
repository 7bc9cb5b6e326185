#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "backend/backend.h"
#include "core/error.h"

namespace libmatch::detail {
namespace {

TEST(BackendRegistry, EndsWithScalar) {
  ASSERT_FALSE(backend_names().empty());
  EXPECT_EQ(backend_names().back(), "scalar");
}

TEST(BackendRegistry, OpensWhatItNames) {
  for (const std::string &name : backend_names()) {
    EXPECT_EQ(open_backend(name)->name(), name);
  }
  EXPECT_EQ(open_backend("auto")->name(), backend_names().front());
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

TEST(BackendRegistry, RefusesInstructionSetsThatTheMachineLacks) {
  for (const char *name : {"avx2", "avx512"}) {
    const auto &names = backend_names();
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      continue;
    }
    EXPECT_THROW(open_backend(name), error);
  }
}

}  // namespace
}  // namespace libmatch::detail
