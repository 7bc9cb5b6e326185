// The context's side of one worker: started, asked, ended.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libmatch/libmatch.h"
#include "scan/scan.h"

namespace libmatch::detail {

struct worker_settings {
  std::string path;
  std::string backend;
  std::uint64_t max_memory_bytes;
  const lm_hasher_handle *hasher = nullptr;  // the plug-in that each worker loads, too; null: none
};

// Owns a file descriptor and says nothing about it.
class owned_descriptor {
 public:
  explicit owned_descriptor(int descriptor = -1) noexcept : descriptor_(descriptor) {}
  owned_descriptor(owned_descriptor &&other) noexcept : descriptor_(other.release()) {}
  owned_descriptor &operator=(owned_descriptor &&other) noexcept;
  ~owned_descriptor();
  int get() const noexcept { return descriptor_; }
  int release() noexcept;

 private:
  int descriptor_;
};

// How a worker ended.
struct worker_end {
  lm_scan scan;
  std::string reason;
};

// "the decoder died"; with a plug-in hasher there is another suspect.
std::string death_of(const lm_hash_options &options);

// Used by one thread at a time.
class worker_process {
 public:
  using clock = std::chrono::steady_clock;

  // Returns once the worker is confined. LM_ERROR_UNSUPPORTED when the program does not run, cannot load the plug-in
  // hasher, or is not let confine itself by this kernel, LM_ERROR_DEVICE when the system has no process or descriptor
  // left.
  explicit worker_process(const worker_settings &settings);
  worker_process(const worker_process &) = delete;
  worker_process &operator=(const worker_process &) = delete;
  // Ends it at once: it has nothing to lose.
  ~worker_process();

  // Has one file decoded and hashed. Afterwards `reply` holds what the worker said, or nothing could be had of it and
  // the answer is why; then it has ended. The options' time is kept strictly, with a little more for a decoder that
  // keeps it itself and says where it stood.
  std::optional<worker_end> ask(const scan_request &request, std::span<const std::uint8_t> bytes,
                                std::vector<std::uint8_t> &reply);

  // The processor time that it has used.
  std::chrono::nanoseconds cpu_time() const noexcept;

  // Its CPU limit ends it if nobody does: a worker that has used half of this is to be replaced.
  static constexpr std::chrono::seconds max_cpu_time{3600};

 private:
  enum class outcome : std::uint8_t { done, lost, late };

  void start(const worker_settings &settings);
  void check_greeting(const worker_settings &settings);
  outcome transfer_out(const void *source, std::size_t size, clock::time_point deadline);
  outcome transfer_in(void *destination, std::size_t size, clock::time_point deadline);
  outcome wait_until_ready(short events, clock::time_point deadline) const;
  outcome receive_reply(std::vector<std::uint8_t> &reply, std::uint64_t max_size_bytes, clock::time_point deadline);
  worker_end end_of(outcome reached, const lm_hash_options &options);
  void kill() const noexcept;
  std::optional<siginfo_t> collect() const noexcept;

  pid_t process_ = -1;
  owned_descriptor socket_;
  owned_descriptor process_handle_;  // a pidfd: it never names another process
};

}  // namespace libmatch::detail
