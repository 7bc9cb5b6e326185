// Background threads.
#pragma once

#if defined(__linux__)
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace libmatch::detail {

// For threads whose work waits for searches, not they for it.
inline void lower_priority_of_this_thread() {
#if defined(__linux__)
  constexpr int background = 10;
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), background));
#endif
}

}  // namespace libmatch::detail
