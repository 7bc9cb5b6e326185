// Parallel loops of a bounded number of threads, over oneTBB.
#pragma once

#include <tbb/blocked_range.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cstddef>

#include "core/handover.h"

namespace libmatch::detail {

// The threads that the calls of one context may use. Shared by any number of calling threads.
class thread_pool {
 public:
  // threads: 0 for one per available processor. More than that are never used: the work is all computing, and oneTBB
  // would print a warning.
  explicit thread_pool(unsigned threads) : thread_pool(threads, available()) {}

  // As asked for.
  unsigned threads() const noexcept { return threads_; }

  // Calls body(i) for every i < n, each once, in no order. The first exception ends the loop and is rethrown.
  template <typename Body>
  void for_each(std::size_t n, const Body &body) {
    if (arena_.max_concurrency() == 1 || n <= 1) {
      for (std::size_t i = 0; i < n; ++i) {
        body(i);
      }
      return;
    }
    loop_handover handover;
    // isolate: a body that itself waits must not be handed another body of this loop.
    arena_.execute([&] {
      tbb::this_task_arena::isolate([&] {
        tbb::parallel_for(
            tbb::blocked_range<std::size_t>(0, n, 1),
            [&](const tbb::blocked_range<std::size_t> &range) {
              const loop_handover::part part(handover);
              for (std::size_t i = range.begin(); i != range.end(); ++i) {
                body(i);
              }
            },
            tbb::simple_partitioner());
      });
    });
  }

 private:
  thread_pool(unsigned threads, unsigned processors)
      : threads_(threads != 0 ? threads : processors), arena_(static_cast<int>(std::min(threads_, processors))) {}

  static unsigned available() { return static_cast<unsigned>(tbb::info::default_concurrency()); }

  unsigned threads_;
  tbb::task_arena arena_;
};

}  // namespace libmatch::detail
