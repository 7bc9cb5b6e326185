// Counts the units of one call and passes them to the caller's callback.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "core/error.h"

namespace libmatch::detail {

// Shared by the threads of one call. The callback runs under a lock that no thread waits for: a thread that finds
// it taken only counts.
class progress_meter {
 public:
  progress_meter(const lm_progress *progress, std::uint64_t total)
      : progress_(progress != nullptr ? *progress : lm_progress{nullptr, nullptr}), total_(total) {}

  std::uint64_t done() const noexcept { return done_.load(std::memory_order_relaxed); }

  // Adds finished units. Throws LM_ERROR_CANCELLED once the callback has asked to stop.
  void add(std::uint64_t units) {
    const std::uint64_t done = done_.fetch_add(units, std::memory_order_relaxed) + units;
    if (progress_.callback == nullptr) {
      return;
    }
    if (std::unique_lock lock(mutex_, std::try_to_lock); lock.owns_lock() && !cancelled_ && done >= reported_) {
      reported_ = done;
      if (progress_.callback(progress_.user_data, done, total_) != 0) {
        cancelled_ = true;
      }
    }
    if (cancelled_) {
      fail(LM_ERROR_CANCELLED, "cancelled by the progress callback after ", done, " of ", total_);
    }
  }

 private:
  const lm_progress progress_;
  const std::uint64_t total_;
  std::atomic<std::uint64_t> done_{0};
  std::atomic<bool> cancelled_{false};
  std::mutex mutex_;
  std::uint64_t reported_ = 0;
};

}  // namespace libmatch::detail
