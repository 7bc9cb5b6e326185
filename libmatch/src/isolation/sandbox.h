// What a worker gives up before it sees the first byte of a file. Linux, x86-64 and 64-bit Arm.
#pragma once

#include <cstdint>

namespace libmatch::detail {

struct sandbox_limits {
  std::uint64_t max_memory_bytes;  // of address space
  std::uint64_t max_cpu_seconds;   // of all its files together: it ends even if nobody is left to end it
};

// The steps, in their order.
enum class sandbox_step : std::int32_t { none = 0, close_files = 1, limits = 2, no_new_privileges = 3, filter = 4 };
const char *sandbox_step_name(sandbox_step step) noexcept;

// Whether memory can be limited: a sanitizer reserves terabytes of addresses for itself.
bool sandbox_limits_memory() noexcept;

// Confines this process for good, all its threads included: of its open files it keeps descriptors 0 to 2, and it can
// open or make none; it takes memory up to the limit, starts threads and no process, and leaves no core. A system
// call that a decoder has no business with ends it by SIGSYS. Returns the step that failed, with the reason in errno;
// what came before it stays done.
sandbox_step enter_sandbox(const sandbox_limits &limits) noexcept;

}  // namespace libmatch::detail
