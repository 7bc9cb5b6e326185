// What a thread waited for: others on its processor, a page, a lock, or a machine that stood still.
#pragma once

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace bench {

using clock_type = std::chrono::steady_clock;

inline double seconds_since(clock_type::time_point begin) {
  return std::chrono::duration<double>(clock_type::now() - begin).count();
}

// What the system says of this thread, since it began.
struct thread_account {
  long waits = 0;       // how often it gave up the processor by itself: for a lock, or for a page from the disk
  long losses = 0;      // how often it lost it to others
  long faults = 0;      // pages that were not in its tables
  double ready_us = 0;  // it could have run, but others did
};

class accountant {
 public:
  accountant() : file_("/proc/thread-self/schedstat") {}

  thread_account now() {
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    std::uint64_t ran_ns = 0;
    std::uint64_t ready_ns = 0;
    file_.clear();
    file_.seekg(0);
    file_ >> ran_ns >> ready_ns;
    return {usage.ru_nvcsw, usage.ru_nivcsw, usage.ru_minflt + usage.ru_majflt, static_cast<double>(ready_ns) / 1e3};
  }

 private:
  std::ifstream file_;
};

inline void pin_to_processor(unsigned processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  if (::sched_setaffinity(0, sizeof set, &set) != 0) {
    std::cerr << "not pinned to processor " << processor << "\n";
  }
}

// Tells when a virtual machine's processor stood still, which its system counts as running: a thread on the processor
// of the searches, of a priority that nothing there has, wakes every millisecond. A search can be interrupted at any
// instruction, so when that thread is late, the processor ran nothing.
class stop_witness {
 public:
  stop_witness() {
    thread_ = std::thread([this] {
      pin_to_processor(0);
      const sched_param first{1};
      if (::sched_setscheduler(0, SCHED_FIFO, &first) != 0) {
        std::cerr << "no priority to see the machine stand still by: what it lasts is taken for the search's\n";
        return;
      }
      for (auto due = clock_type::now(); !ended_; due = std::max(due + period, clock_type::now())) {
        std::this_thread::sleep_until(due);
        const auto now = clock_type::now();
        if (now - due > period) {
          const std::lock_guard lock(mutex_);
          stops_.emplace_back(due, now);
        }
      }
    });
  }
  stop_witness(const stop_witness &) = delete;
  stop_witness &operator=(const stop_witness &) = delete;
  ~stop_witness() {
    ended_ = true;
    thread_.join();
  }

  // Microseconds between two times, of which the last is now.
  double stopped_us(clock_type::time_point begin, clock_type::time_point end) {
    std::this_thread::sleep_for(2 * period);  // it has woken by then
    const std::lock_guard lock(mutex_);
    double stopped = 0;
    for (const auto &[from, to] : stops_) {
      const auto both = std::min(to, end) - std::max(from, begin);
      stopped += std::max(0.0, std::chrono::duration<double>(both).count() * 1e6);
    }
    return stopped;
  }

 private:
  static constexpr std::chrono::milliseconds period{1};
  std::atomic<bool> ended_{false};
  std::mutex mutex_;
  std::vector<std::pair<clock_type::time_point, clock_type::time_point>> stops_;
  std::thread thread_;
};

}  // namespace bench
