// The versions of PDQ that must agree: the definition and the fast one on each instruction set.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "core/cpu_features.h"
#include "hash/pdq.h"

namespace libmatch::test {

struct pdq_version {
  const char *name;
  bool is_definition;
  detail::instruction_set set;

  bool can_run() const { return is_definition || detail::can_run(set); }
  detail::pdq_result hash(const lm_image &image, lm_orientations orientations) const {
    return is_definition ? detail::pdq_definition(image, orientations) : detail::pdq(image, orientations, set);
  }
};

inline constexpr pdq_version pdq_definition_version{"definition", true, detail::instruction_set::scalar};
inline constexpr pdq_version pdq_fast_versions[] = {
#if defined(__x86_64__)
    {"avx2", false, detail::instruction_set::avx2},
    {"avx512bw", false, detail::instruction_set::avx512bw},
    {"avx512", false, detail::instruction_set::avx512},
#elif defined(__aarch64__)
    {"neon", false, detail::instruction_set::neon},
#endif
    {"scalar", false, detail::instruction_set::scalar}};

inline std::ostream &operator<<(std::ostream &stream, const pdq_version &version) { return stream << version.name; }

}  // namespace libmatch::test

// First in a test of a version.
#define LIBMATCH_SKIP_IF_IT_CANNOT_RUN(version)                             \
  if (!(version).can_run()) {                                               \
    GTEST_SKIP() << "this build or this machine has no " << (version).name; \
  }
