#include "isolation/sandbox.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace libmatch::detail {

namespace {

#if defined(__x86_64__)
#define LIBMATCH_SECCOMP_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define LIBMATCH_SECCOMP_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#if defined(LIBMATCH_SECCOMP_ARCHITECTURE)

// Without looking at their arguments. The only open descriptors are the socket and the empty device.
constexpr std::array allowed_calls{
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_recvfrom,
    SYS_sendto,
    SYS_close,
    SYS_munmap,
    SYS_mremap,
    SYS_brk,
    SYS_madvise,
    SYS_futex,
    SYS_membarrier,
    SYS_rseq,
    SYS_set_robust_list,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_restart_syscall,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_gettimeofday,
    SYS_nanosleep,
    SYS_clock_nanosleep,
    SYS_sched_yield,
    SYS_getcpu,
    SYS_getrandom,
    SYS_getpid,
    SYS_gettid,
    SYS_getrusage,
    SYS_sysinfo,
    SYS_uname,
    SYS_sched_getaffinity,
    SYS_exit,
    SYS_exit_group,
};

// What libraries try and do without: they get EACCES. Files that are optional to them, names of threads.
constexpr std::array refused_calls {
#if defined(__x86_64__)
  SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_poll,
#endif
      SYS_openat, SYS_newfstatat, SYS_fstat, SYS_statx, SYS_faccessat, SYS_faccessat2, SYS_readlinkat, SYS_getcwd,
      SYS_lseek, SYS_ioctl, SYS_fcntl, SYS_prctl, SYS_prlimit64, SYS_sched_setaffinity, SYS_sched_getparam,
      SYS_sched_getscheduler, SYS_sched_setscheduler,
};

// Enough for a pipe.
constexpr rlim_t descriptors_of_sanitizers = 64;

class filter_program {
 public:
  void add(std::uint16_t code, std::uint32_t value, std::uint8_t if_true = 0, std::uint8_t if_false = 0) noexcept {
    instructions_[size_++] = {code, if_true, if_false, value};
  }
  void load(std::size_t offset) noexcept { add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
  // The lower half of an argument: flags and process numbers have no more.
  void load_argument(std::size_t i) noexcept { load(offsetof(seccomp_data, args) + i * sizeof(std::uint64_t)); }
  void answer(std::uint32_t action) noexcept { add(BPF_RET | BPF_K, action); }
  void answer_call(long call, std::uint32_t action) noexcept {
    if_call(call, 1);
    answer(action);
  }
  // The next instructions, so many, are for this call. They must end with an answer.
  void if_call(long call, std::uint8_t instructions) noexcept {
    add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, instructions);
  }
  bool install() noexcept {
    const sock_fprog program{static_cast<unsigned short>(size_), instructions_.data()};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
  }

 private:
  std::array<sock_filter, 256> instructions_{};
  std::size_t size_ = 0;
};

constexpr std::uint32_t refuse_with(int system_error) {
  return SECCOMP_RET_ERRNO | (static_cast<std::uint32_t>(system_error) & SECCOMP_RET_DATA);
}

bool install_filter() noexcept {
  constexpr std::uint32_t allow = SECCOMP_RET_ALLOW;
  constexpr std::uint32_t end = SECCOMP_RET_KILL_PROCESS;
  filter_program program;
  program.load(offsetof(seccomp_data, arch));
  program.add(BPF_JMP | BPF_JEQ | BPF_K, LIBMATCH_SECCOMP_ARCHITECTURE, 1, 0);
  program.answer(end);
  program.load(offsetof(seccomp_data, nr));
  for (const long call : allowed_calls) {
    program.answer_call(call, allow);
  }
  for (const long call : refused_calls) {
    program.answer_call(call, refuse_with(EACCES));
  }
  // By a pipe, UndefinedBehaviorSanitizer finds out whether memory can be read.
  if (!sandbox_limits_memory()) {
    program.answer_call(SYS_pipe2, allow);
  }
  // Memory, but none that can be executed.
  for (const long call : {SYS_mmap, SYS_mprotect}) {
    program.if_call(call, 4);
    program.load_argument(2);
    program.add(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1);
    program.answer(end);
    program.answer(allow);
  }
  // Threads, but no process. The flags of clone3 cannot be seen; without it the C library takes clone.
  program.answer_call(SYS_clone3, refuse_with(ENOSYS));
  program.if_call(SYS_clone, 4);
  program.load_argument(0);
  program.add(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1);
  program.answer(allow);
  program.answer(end);
  // Signals to itself: abort().
  program.if_call(SYS_tgkill, 4);
  program.load_argument(0);
  program.add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(getpid()), 0, 1);
  program.answer(allow);
  program.answer(end);
  program.answer(end);
  return program.install();
}

#else

bool install_filter() noexcept {
  errno = ENOSYS;
  return false;
}

#endif

bool limit(decltype(RLIMIT_AS) resource, rlim_t value) noexcept {
  const rlimit both{value, value};
  return setrlimit(resource, &both) == 0;
}

// A limit that is lower already stays.
bool lower(decltype(RLIMIT_AS) resource, std::uint64_t value) noexcept {
  rlimit now{};
  if (getrlimit(resource, &now) != 0) {
    return false;
  }
  return now.rlim_max <= value ? limit(resource, now.rlim_max) : limit(resource, static_cast<rlim_t>(value));
}

bool set_limits(const sandbox_limits &limits) noexcept {
  return (!sandbox_limits_memory() || lower(RLIMIT_AS, limits.max_memory_bytes)) &&
         lower(RLIMIT_CPU, limits.max_cpu_seconds) && limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) &&
         limit(RLIMIT_NOFILE, sandbox_limits_memory() ? 0 : descriptors_of_sanitizers);
}

}  // namespace

const char *sandbox_step_name(sandbox_step step) noexcept {
  switch (step) {
    case sandbox_step::none:
      return "none";
    case sandbox_step::close_files:
      return "closing its other files";
    case sandbox_step::limits:
      return "limiting its resources";
    case sandbox_step::no_new_privileges:
      return "giving up new privileges";
    case sandbox_step::filter:
      return "filtering its system calls (seccomp)";
  }
  return "unknown";
}

bool sandbox_limits_memory() noexcept {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return false;
#else
  return true;
#endif
#else
  return true;
#endif
}

sandbox_step enter_sandbox(const sandbox_limits &limits) noexcept {
  constexpr unsigned first_to_close = 3;
  if (syscall(SYS_close_range, first_to_close, ~0U, 0U) != 0) {
    return sandbox_step::close_files;
  }
  if (!set_limits(limits)) {
    return sandbox_step::limits;
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return sandbox_step::no_new_privileges;
  }
  return install_filter() ? sandbox_step::none : sandbox_step::filter;
}

}  // namespace libmatch::detail
