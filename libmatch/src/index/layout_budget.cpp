#include "index/layout_budget.h"

#include <algorithm>

#if defined(__linux__)
#include <unistd.h>
#endif

namespace libmatch::detail {

namespace {

// Without a bound of the caller's, layouts take at most half of the machine's memory.
std::uint64_t default_max_bytes() {
#if defined(__linux__)
  static const long pages = sysconf(_SC_PHYS_PAGES);  // asks the system anew each time, which searches would wait for
  static const long page_size = sysconf(_SC_PAGESIZE);
  if (pages > 0 && page_size > 0) {
    return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_size) / 2;
  }
#endif
  return std::uint64_t{4} << 30;
}

}  // namespace

layout_budget::layout_budget(const index_snapshot &snapshot, std::uint64_t max_bytes)
    : left_(max_bytes != 0 ? max_bytes : default_max_bytes()) {
  std::uint64_t taken = snapshot.keypoints.layout_bytes();
  for (const segment_entry &entry : snapshot.tables[0].segments) {
    taken += entry.rows->layouts().memory_bytes();
  }
  left_ -= std::min(left_, taken);
}

}  // namespace libmatch::detail
