// The tables of a segment of keypoints: made once, when they are known to pay, and kept for the segment's life.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>

#include "core/keypoint_codes.h"
#include "core/parallel.h"
#include "search/keypoint_tables.h"

namespace libmatch::detail {

// Used by any number of threads at once; a reader sees nothing or the whole.
class derived_keypoint_tables {
 public:
  // Null where there are none.
  const keypoint_table_layout *get() const noexcept { return tables_.load(std::memory_order_acquire); }
  // Makes them, if there are none. Waits for another thread that is about to: the answers of a list are to depend on
  // the list, not on who was first.
  void make(const keypoint_codes &codes, thread_pool &threads);
  std::size_t memory_bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

 private:
  std::mutex making_;
  owned_keypoint_tables owned_;
  std::atomic<const keypoint_table_layout *> tables_{nullptr};
  std::atomic<std::size_t> bytes_{0};
};

}  // namespace libmatch::detail
