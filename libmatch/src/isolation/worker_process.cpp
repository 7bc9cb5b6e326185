#include "isolation/worker_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

#include "core/error.h"
#include "hash/hasher.h"
#include "isolation/messages.h"
#include "isolation/sandbox.h"

// NOLINTNEXTLINE(readability-redundant-declaration): POSIX has it declared by the program
extern char **environ;

namespace libmatch::detail {

namespace {

constexpr std::chrono::seconds time_to_start{60};
constexpr std::uint64_t receive_size_bytes = std::uint64_t{1} << 20U;
constexpr std::chrono::seconds time_to_end{2};

std::string text_of(int system_error) { return std::generic_category().message(system_error); }

void require_zero(int result, const char *what) {
  if (result != 0) {
    fail(LM_ERROR_DEVICE, "isolation: ", what, ": ", text_of(result));
  }
}

// What a worker is to have of this process's environment: how to find libraries, and what sanitizers are told. Not
// the rest, which may hold secrets.
std::vector<char *> environment_of_worker() {
  constexpr std::array<const char *, 7> passed{
      "LD_LIBRARY_PATH=", "LD_PRELOAD=",    "LIBHEIF_PLUGIN_PATH=", "GLIBC_TUNABLES=",
      "ASAN_OPTIONS=",    "UBSAN_OPTIONS=", "TSAN_OPTIONS="};
  std::vector<char *> variables;
  for (char **variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    if (std::any_of(passed.begin(), passed.end(),
                    [&](const char *name) { return std::strncmp(*variable, name, std::strlen(name)) == 0; })) {
      variables.push_back(*variable);
    }
  }
  variables.push_back(nullptr);
  return variables;
}

// Descriptor 0 is the socket; output goes nowhere; what else this process has open, the worker closes.
class spawn_actions {
 public:
  explicit spawn_actions(int its_socket) {
    require_zero(posix_spawn_file_actions_init(&actions_), "preparing a worker");
    require_zero(posix_spawn_file_actions_adddup2(&actions_, its_socket, 0), "preparing a worker");
    for (const int output : {1, 2}) {
      require_zero(posix_spawn_file_actions_addopen(&actions_, output, "/dev/null", O_WRONLY, 0),
                   "preparing a worker");
    }
  }
  spawn_actions(const spawn_actions &) = delete;
  spawn_actions &operator=(const spawn_actions &) = delete;
  ~spawn_actions() { posix_spawn_file_actions_destroy(&actions_); }
  const posix_spawn_file_actions_t *get() const noexcept { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

// No signal is blocked or ignored in it, and those of the terminal do not reach it: the host deals with them.
class spawn_attributes {
 public:
  spawn_attributes() {
    require_zero(posix_spawnattr_init(&attributes_), "preparing a worker");
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP));
  }
  spawn_attributes(const spawn_attributes &) = delete;
  spawn_attributes &operator=(const spawn_attributes &) = delete;
  ~spawn_attributes() { posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t *get() const noexcept { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

worker_end end_by_signal(int signal, const std::string &death) {
  if (signal == SIGXCPU) {
    return {LM_SCAN_LIMIT, "used more processor time than a worker may"};
  }
  const char *name = sigabbrev_np(signal);
  std::string reason = death + " (signal " + std::to_string(signal) +
                       (name != nullptr ? std::string(", SIG") + name : std::string()) + ")";
  if (signal == SIGSYS) {
    reason += ": it asked the system for what it may not have";
  }
  return {LM_SCAN_CRASHED, std::move(reason)};
}

}  // namespace

std::string death_of(const lm_hash_options &options) {
  return options.hasher == nullptr
             ? "the decoder died"
             : std::string("the decoder or the hasher ") + options.hasher->hasher.table().name + " died";
}

owned_descriptor &owned_descriptor::operator=(owned_descriptor &&other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

owned_descriptor::~owned_descriptor() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

int owned_descriptor::release() noexcept { return std::exchange(descriptor_, -1); }

worker_process::worker_process(const worker_settings &settings) {
  start(settings);
  try {
    check_greeting(settings);
  } catch (...) {
    kill();
    collect();
    throw;
  }
}

worker_process::~worker_process() {
  kill();
  collect();
}

void worker_process::start(const worker_settings &settings) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    fail(LM_ERROR_DEVICE, "isolation: a socket: ", text_of(errno));
  }
  socket_ = owned_descriptor(pair[0]);
  const owned_descriptor its_socket(pair[1]);  // the worker's alone once this is closed: its end will be noticed
  const spawn_actions actions(its_socket.get());
  const spawn_attributes attributes;
  std::string path = settings.path;
  std::string backend = settings.backend;
  std::string memory = std::to_string(settings.max_memory_bytes);
  std::string cpu = std::to_string(max_cpu_time.count());
  std::string hasher = settings.hasher != nullptr ? settings.hasher->hasher.path() : "";
  std::string identity = settings.hasher != nullptr ? settings.hasher->hasher.identity() : "";
  std::vector<char *> arguments{path.data(), backend.data(), memory.data(), cpu.data()};
  if (settings.hasher != nullptr) {
    arguments.insert(arguments.end(), {hasher.data(), identity.data()});
  }
  arguments.push_back(nullptr);
  const std::vector<char *> environment = environment_of_worker();
  const int failed =
      ::posix_spawn(&process_, path.c_str(), actions.get(), attributes.get(), arguments.data(), environment.data());
  if (failed != 0) {
    const bool is_shortage = failed == EAGAIN || failed == ENOMEM || failed == EMFILE || failed == ENFILE;
    fail(is_shortage ? LM_ERROR_DEVICE : LM_ERROR_UNSUPPORTED, "isolation: ", path,
         " cannot be started: ", text_of(failed));
  }
  process_handle_ = owned_descriptor(static_cast<int>(::syscall(SYS_pidfd_open, process_, 0U)));
  if (process_handle_.get() < 0) {
    const int system_error = errno;
    ::kill(process_, SIGKILL);  // nobody has waited for it yet, so the number is still its own
    ::waitpid(process_, nullptr, 0);
    fail(LM_ERROR_UNSUPPORTED, "isolation: pidfd_open: ", text_of(system_error));
  }
}

void worker_process::check_greeting(const worker_settings &settings) {
  const std::string &path = settings.path;
  worker_greeting greeting{};
  if (transfer_in(&greeting, sizeof(greeting), clock::now() + time_to_start) != outcome::done) {
    fail(LM_ERROR_UNSUPPORTED, "isolation: ", path, " does not answer as a worker does",
         settings.hasher != nullptr ? ", or the hasher dies or hangs when a worker loads it" : "");
  }
  if (greeting.magic != greeting_magic || greeting.library_version != LM_VERSION ||
      greeting.options_size_bytes != sizeof(lm_hash_options)) {
    fail(LM_ERROR_UNSUPPORTED, "isolation: ", path, " belongs to another version of the library");
  }
  greeting.hasher_refusal[sizeof(greeting.hasher_refusal) - 1] = '\0';
  if (greeting.hasher_refusal[0] != '\0') {
    fail(LM_ERROR_UNSUPPORTED, "isolation: a worker cannot load the hasher: ", greeting.hasher_refusal);
  }
  if (greeting.refusal != 0) {
    fail(LM_ERROR_UNSUPPORTED, "isolation: a worker cannot confine itself here: ",
         sandbox_step_name(static_cast<sandbox_step>(greeting.refusal)), ": ", text_of(greeting.system_error));
  }
}

worker_process::outcome worker_process::wait_until_ready(short events, clock::time_point deadline) const {
  for (;;) {
    int wait_ms = -1;
    if (deadline != clock::time_point::max()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
      if (left <= 0) {
        return outcome::late;
      }
      wait_ms = static_cast<int>(std::min<std::int64_t>(left, 1000000));
    }
    pollfd waited{socket_.get(), events, 0};
    const int ready = ::poll(&waited, 1, wait_ms);
    if (ready > 0) {
      return outcome::done;
    }
    if (ready < 0 && errno != EINTR) {
      return outcome::lost;
    }
  }
}

worker_process::outcome worker_process::transfer_out(const void *source, std::size_t size,
                                                     clock::time_point deadline) {
  const auto *from = static_cast<const std::uint8_t *>(source);
  while (size != 0) {
    const ssize_t count = ::send(socket_.get(), from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) {
      from += count;
      size -= static_cast<std::size_t>(count);
    } else if (errno == EAGAIN) {
      if (const outcome waited = wait_until_ready(POLLOUT, deadline); waited != outcome::done) {
        return waited;
      }
    } else if (errno != EINTR) {
      return outcome::lost;
    }
  }
  return outcome::done;
}

worker_process::outcome worker_process::transfer_in(void *destination, std::size_t size, clock::time_point deadline) {
  auto *to = static_cast<std::uint8_t *>(destination);
  while (size != 0) {
    if (const outcome waited = wait_until_ready(POLLIN, deadline); waited != outcome::done) {
      return waited;
    }
    const ssize_t count = ::recv(socket_.get(), to, size, MSG_DONTWAIT);
    if (count > 0) {
      to += count;
      size -= static_cast<std::size_t>(count);
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
      return outcome::lost;
    }
  }
  return outcome::done;
}

worker_process::outcome worker_process::receive_reply(std::vector<std::uint8_t> &reply, std::uint64_t max_size_bytes,
                                                      clock::time_point deadline) {
  reply.clear();
  reply_header header{};
  if (const outcome reached = transfer_in(&header, sizeof(header), deadline); reached != outcome::done) {
    return reached;
  }
  if (header.magic != reply_magic || header.size_bytes > max_size_bytes) {
    return outcome::done;  // an empty reply, which is none
  }
  // Memory is taken for what comes, not for what is promised.
  while (reply.size() < header.size_bytes) {
    const std::size_t begin = reply.size();
    reply.resize(begin + std::min<std::uint64_t>(header.size_bytes - begin, receive_size_bytes));
    if (const outcome reached = transfer_in(reply.data() + begin, reply.size() - begin, deadline);
        reached != outcome::done) {
      return reached;
    }
  }
  return outcome::done;
}

std::optional<worker_end> worker_process::ask(const scan_request &request, std::span<const std::uint8_t> bytes,
                                              std::vector<std::uint8_t> &reply) {
  const std::chrono::milliseconds time(request.options.max_milliseconds);
  const clock::time_point deadline = time.count() == 0 ? clock::time_point::max() : clock::now() + time + time / 10;
  file_request message{request.options, request.options.hasher != nullptr ? 1 : 0, request.role, bytes.size()};
  message.options.hasher = nullptr;
  outcome reached = transfer_out(&message, sizeof(message), deadline);
  if (reached == outcome::done) {
    reached = transfer_out(bytes.data(), bytes.size(), deadline);
  }
  if (reached == outcome::done) {
    reached = receive_reply(reply, max_reply_size_bytes(request.options), deadline);
  }
  if (reached == outcome::done) {
    return std::nullopt;
  }
  return end_of(reached, request.options);
}

worker_end worker_process::end_of(outcome reached, const lm_hash_options &options) {
  if (reached == outcome::late) {
    kill();
    collect();
    return {LM_SCAN_LIMIT, "took longer than " + std::to_string(options.max_milliseconds) + " ms"};
  }
  // Its socket is closed; it may yet live.
  pollfd ended{process_handle_.get(), POLLIN, 0};
  if (::poll(&ended, 1, static_cast<int>(std::chrono::milliseconds(time_to_end).count())) != 1) {
    kill();
  }
  const std::string death = death_of(options);
  const std::optional<siginfo_t> how = collect();
  if (!how) {
    return {LM_SCAN_CRASHED, death};
  }
  if (how->si_code != CLD_EXITED) {
    return end_by_signal(how->si_status, death);
  }
  if (how->si_status == exit_out_of_memory) {
    return {LM_SCAN_LIMIT, "not enough memory in a worker to take it in"};
  }
  return {LM_SCAN_CRASHED, death + " (exit status " + std::to_string(how->si_status) + ")"};
}

void worker_process::kill() const noexcept {
  static_cast<void>(::syscall(SYS_pidfd_send_signal, process_handle_.get(), SIGKILL, nullptr, 0U));
}

// Waits for a worker that has ended or was killed. Nothing where the host collects or ignores its children itself.
std::optional<siginfo_t> worker_process::collect() const noexcept {
  siginfo_t how{};
  int result = 0;
  do {
    result = ::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(process_handle_.get()), &how, WEXITED);
  } while (result != 0 && errno == EINTR);
  return result == 0 ? std::optional(how) : std::nullopt;
}

std::chrono::nanoseconds worker_process::cpu_time() const noexcept {
  clockid_t clock_of_it{};
  timespec used{};
  if (::clock_getcpuclockid(process_, &clock_of_it) != 0 || ::clock_gettime(clock_of_it, &used) != 0) {
    return std::chrono::nanoseconds::max();
  }
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace libmatch::detail
