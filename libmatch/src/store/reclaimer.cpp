#include "store/reclaimer.h"

#include <sys/mman.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace libmatch::detail {

namespace {

constexpr std::size_t small = std::size_t{4} << 20;
constexpr std::size_t piece = std::size_t{16} << 20;

// Lives to the end of the process: what is destroyed by then may still hold mappings.
class reclaiming_thread {
 public:
  reclaiming_thread() {
    std::thread([this] { run(); }).detach();
  }

  void push(std::function<void()> release) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(release));
    filled_.notify_one();
  }

 private:
  void run() {
    for (;;) {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return !waiting_.empty(); });
      const std::function<void()> release = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      release();
    }
  }

  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::function<void()>> waiting_;
};

void unmap(void *address, std::size_t size) noexcept {
  auto *bytes = static_cast<char *>(address);
  for (std::size_t done = 0; done < size; done += piece) {
    ::munmap(bytes + done, std::min(piece, size - done));
  }
}

}  // namespace

void reclaim(std::size_t bytes, const std::function<void()> &release) noexcept {
  bool noted = false;
  if (bytes > small) {
    try {
      static auto *const thread = new reclaiming_thread;  // never destroyed: see there
      thread->push(release);
      noted = true;
    } catch (const std::exception &) {
      noted = false;
    }
  }
  if (!noted) {
    release();
  }
}

void reclaim_mapping(void *address, std::size_t size) noexcept {
  try {
    reclaim(size, [address, size] { unmap(address, size); });
  } catch (const std::exception &) {
    unmap(address, size);
  }
}

}  // namespace libmatch::detail
