// The instruction sets that tests run one after the other.
#pragma once

#include <array>

#include "core/cpu_features.h"

namespace libmatch::test {

// Those of this architecture. One that this machine or this build lacks is skipped, and said; those of another
// architecture are not there at all.
#if defined(__x86_64__)
inline constexpr std::array architecture_sets{detail::instruction_set::scalar, detail::instruction_set::avx2,
                                              detail::instruction_set::avx512bw, detail::instruction_set::avx512};
#elif defined(__aarch64__)
inline constexpr std::array architecture_sets{detail::instruction_set::scalar, detail::instruction_set::neon};
#else
inline constexpr std::array architecture_sets{detail::instruction_set::scalar};
#endif

}  // namespace libmatch::test
