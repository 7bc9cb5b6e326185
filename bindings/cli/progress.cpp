#include "progress.h"

#include <unistd.h>

#include <cstdio>

#include "output.h"

namespace command {

namespace {

volatile std::sig_atomic_t interrupted = 0;

void on_interrupt(int signal) {
  if (interrupted != 0) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  interrupted = 1;
}

// 1234567 as 1,234,567.
std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t place = digits.size(); place > 3; place -= 3) {
    digits.insert(place - 3, 1, ',');
  }
  return digits;
}

}  // namespace

bool is_progress_visible() { return isatty(STDERR_FILENO) != 0; }

progress_bar::progress_bar(const char *unit, std::uint64_t total)
    : progress_{report, this},
      unit_(unit),
      total_(total),
      is_visible_(is_progress_visible()),
      started_(std::chrono::steady_clock::now()),
      next_draw_(started_ + std::chrono::milliseconds(500)) {  // short work shows no bar
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART;  // reading paths is not cut short as if they had come to an end
  sigaction(SIGINT, &action, &former_action_);
}

progress_bar::~progress_bar() {
  clear();
  sigaction(SIGINT, &former_action_, nullptr);
}

std::int32_t progress_bar::report(void *user_data, std::uint64_t done, std::uint64_t total) {
  auto *bar = static_cast<progress_bar *>(user_data);
  bar->draw(bar->finished_ + done, bar->total_ == total_of_call ? total : bar->total_);
  return interrupted;
}

void progress_bar::draw(std::uint64_t done, std::uint64_t total) {
  const auto now = std::chrono::steady_clock::now();
  if (!is_visible_ || now < next_draw_) {
    return;
  }
  next_draw_ = now + std::chrono::milliseconds(100);
  const double seconds = std::chrono::duration<double>(now - started_).count();
  std::string line = grouped(done);
  if (total != 0 && done <= total) {
    constexpr std::size_t width = 30;
    const auto filled = static_cast<std::size_t>(static_cast<double>(done) / static_cast<double>(total) * width);
    line = '[' + std::string(filled, '#') + std::string(width - filled, '.') + "] " + line + " of " + grouped(total);
  }
  line += std::string(" ") + unit_ + ", " + grouped(static_cast<std::uint64_t>(static_cast<double>(done) / seconds)) +
          " a second";
  std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
  std::fflush(stderr);
  is_drawn_ = true;
}

void progress_bar::clear() {
  if (is_drawn_) {
    std::fputs("\r\x1b[K", stderr);
    is_drawn_ = false;
  }
}

void progress_bar::message(std::string_view text) {
  clear();
  print_message(text);
}

}  // namespace command
