#include "store/reclaimer.h"

#include <sys/mman.h>
#include <unistd.h>

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

reclaiming_thread &the_thread() {
  static auto *const thread = new reclaiming_thread;  // never destroyed: see there
  return *thread;
}

// Unmapping locks the map of the process for as long as it frees pages, and may be stopped meanwhile: every search
// that asks for memory then waits for the thread to run again. Systems that can (Linux from 6.17 on) free pages
// without that lock when asked for them alone; the unmapping after it is short.
void let_go_of_pages(std::span<std::uint8_t> memory) noexcept {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));  // the system rounds up to whole ones
  const std::size_t before = (page - reinterpret_cast<std::uintptr_t>(memory.data()) % page) % page;
  if (memory.size() < before + page) {
    return;
  }
  const std::span<std::uint8_t> pages = memory.subspan(before, (memory.size() - before) / page * page);
  for (std::size_t done = 0; done < pages.size(); done += piece) {
    static_cast<void>(::madvise(pages.data() + done, std::min(piece, pages.size() - done), MADV_DONTNEED));
  }
}

void unmap(void *address, std::size_t size) noexcept {
  auto *bytes = static_cast<std::uint8_t *>(address);
  for (std::size_t done = 0; done < size; done += piece) {
    const std::size_t part = std::min(piece, size - done);
    let_go_of_pages({bytes + done, part});
    ::munmap(bytes + done, part);
  }
}

}  // namespace

void start_reclaiming() { the_thread(); }

void reclaim(std::span<std::uint8_t> memory, const std::function<void()> &release) noexcept {
  if (memory.size() > small) {
    try {
      the_thread().push([memory, release] {
        let_go_of_pages(memory);
        release();
      });
      return;
    } catch (const std::exception &) {
      // Here, then.
    }
  }
  release();
}

void reclaim_mapping(void *address, std::size_t size) noexcept {
  if (size > small) {
    try {
      the_thread().push([address, size] { unmap(address, size); });
      return;
    } catch (const std::exception &) {
      // Here, then.
    }
  }
  unmap(address, size);
}

}  // namespace libmatch::detail
