// A bar on a terminal, and the end of a long call when the user interrupts it.
#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>
#include <string_view>

#include "libmatch/libmatch.h"

namespace command {

// Shows how far a verb has come, where standard error is a terminal, and makes an interrupt end the running call by
// LM_ERROR_CANCELLED: nothing is left half done. A second interrupt ends the command at once. One at a time.
class progress_bar {
 public:
  static constexpr std::uint64_t total_of_call = UINT64_MAX;

  // unit: "files", "bytes", ...; total: of all calls, or what the one call says; 0 where it is not known.
  explicit progress_bar(const char *unit, std::uint64_t total = total_of_call);
  progress_bar(const progress_bar &) = delete;
  progress_bar &operator=(const progress_bar &) = delete;
  ~progress_bar();

  // For a call to the library; what it does is added to what finished calls did.
  const lm_progress *call() const noexcept { return &progress_; }
  void finish_call(std::uint64_t units) noexcept { finished_ += units; }
  // A message of the command, without tearing the bar.
  void message(std::string_view text);

 private:
  static std::int32_t report(void *user_data, std::uint64_t done, std::uint64_t total);
  void draw(std::uint64_t done, std::uint64_t total);
  void clear();

  lm_progress progress_;
  const char *unit_;
  std::uint64_t total_;
  std::uint64_t finished_ = 0;
  bool is_visible_;
  bool is_drawn_ = false;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point next_draw_;
  struct sigaction former_action_;
};

// Whether progress is shown at all: whether standard error is a terminal.
bool is_progress_visible();

}  // namespace command
