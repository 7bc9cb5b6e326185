#include "core/identity.h"

#include <algorithm>
#include <atomic>
#include <mutex>

namespace libmatch::detail {

namespace {

// Never destroyed: objects with an identity may be static, too.
struct watchers {
  std::mutex mutex;
  std::vector<identity_watch *> all;
};

watchers &everyone() {
  static auto *const kept = new watchers;
  return *kept;
}

}  // namespace

std::uint64_t next_identity() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

identity::~identity() {
  watchers &told = everyone();
  const std::lock_guard lock(told.mutex);
  for (identity_watch *const watch : told.all) {
    try {
      watch->ended_.push_back(number_);
    } catch (...) {  // without memory for saying so, a copy stays until it is in the way
      continue;
    }
  }
}

identity_watch::identity_watch() {
  watchers &told = everyone();
  const std::lock_guard lock(told.mutex);
  told.all.push_back(this);
}

identity_watch::~identity_watch() {
  watchers &told = everyone();
  const std::lock_guard lock(told.mutex);
  told.all.erase(std::remove(told.all.begin(), told.all.end(), this), told.all.end());
}

std::vector<std::uint64_t> identity_watch::take_ended() {
  const std::lock_guard lock(everyone().mutex);
  std::vector<std::uint64_t> taken;
  taken.swap(ended_);
  return taken;
}

}  // namespace libmatch::detail
