#include "core/cpu_features.h"

#if defined(__x86_64__)
#include <cpuid.h>

#include <cstdint>
#endif

namespace libmatch::detail {

#if defined(__x86_64__)

namespace {

constexpr std::uint64_t xcr0_avx = 0x6;      // XMM and YMM state is saved
constexpr std::uint64_t xcr0_avx512 = 0xe6;  // and the mask registers, the upper halves and ZMM16-31

bool bit(unsigned value, unsigned position) { return ((value >> position) & 1U) != 0; }

std::uint64_t read_xcr0() {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<std::uint64_t>(high) << 32) | low;
}

// Bit positions: Intel SDM volume 2A, CPUID, leaves 1 and 7.
cpu_features detect() noexcept {
  cpu_features features;
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0) {
    return features;
  }
  features.popcnt = bit(ecx, 23);
  const bool osxsave = bit(ecx, 27);
  if (!osxsave || __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) {
    return features;
  }
  const std::uint64_t xcr0 = read_xcr0();
  if ((xcr0 & xcr0_avx) == xcr0_avx) {
    features.avx2 = bit(ebx, 5);
  }
  if ((xcr0 & xcr0_avx512) == xcr0_avx512) {
    features.avx512f = bit(ebx, 16);
    features.avx512dq = bit(ebx, 17);
    features.avx512bw = bit(ebx, 30);
    features.avx512vl = bit(ebx, 31);
    features.avx512vnni = bit(ecx, 11);
    features.avx512vpopcntdq = bit(ecx, 14);
  }
  return features;
}

}  // namespace

const cpu_features &host_cpu_features() noexcept {
  static const cpu_features features = detect();
  return features;
}

#else

const cpu_features &host_cpu_features() noexcept {
  static const cpu_features none;
  return none;
}

#endif

const char *instruction_set_name(instruction_set set) noexcept {
  switch (set) {
    case instruction_set::scalar:
      return "scalar";
    case instruction_set::neon:
      return "neon";
    case instruction_set::avx2:
      return "avx2";
    case instruction_set::avx512bw:
      return "avx512bw";
    case instruction_set::avx512:
      return "avx512";
  }
  return "unknown";
}

bool can_run(instruction_set set) noexcept {
  if (set == instruction_set::scalar) {
    return true;
  }
#if defined(LIBMATCH_X86)
  const cpu_features &host = host_cpu_features();
  if (set == instruction_set::avx2) {
    return host.avx2 && host.popcnt;
  }
  const bool avx512bw = host.avx512f && host.avx512bw && host.avx512dq && host.avx512vl && host.popcnt;
  return (set == instruction_set::avx512bw && avx512bw) ||
         (set == instruction_set::avx512 && avx512bw && host.avx512vpopcntdq);
#elif defined(LIBMATCH_NEON)
  return set == instruction_set::neon;
#else
  return false;
#endif
}

}  // namespace libmatch::detail
