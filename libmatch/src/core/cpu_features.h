// What this processor and its operating system can run: on x86 by exact CPUID bits and XCR0.
#pragma once

#include <array>
#include <cstdint>

namespace libmatch::detail {

struct cpu_features {
  bool popcnt = false;
  bool avx2 = false;
  bool avx512f = false;
  bool avx512bw = false;
  bool avx512dq = false;
  bool avx512vl = false;
  bool avx512vpopcntdq = false;
  bool avx512vnni = false;  // used where it is there; no instruction_set needs it
};

// Detected once; the same answer ever after.
const cpu_features &host_cpu_features() noexcept;

// The code paths that the library knows, worst first. Each names what it needs of the processor.
enum class instruction_set : std::uint8_t {
  scalar,    // the compiler's baseline
  neon,      // AArch64, which always has it
  avx2,      // AVX2, POPCNT
  avx512bw,  // AVX-512 F, BW, DQ, VL, POPCNT
  avx512     // AVX-512 F, BW, DQ, VL, VPOPCNTDQ, POPCNT
};

inline constexpr std::array instruction_sets_best_first{instruction_set::avx512, instruction_set::avx512bw,
                                                        instruction_set::avx2, instruction_set::neon,
                                                        instruction_set::scalar};

const char *instruction_set_name(instruction_set set) noexcept;
// Whether this build has the code and this machine can run it.
bool can_run(instruction_set set) noexcept;

}  // namespace libmatch::detail
