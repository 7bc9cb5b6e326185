// Tells ThreadSanitizer how oneTBB hands work from one thread to another. Debian's oneTBB is not compiled with it, so
// it sees neither the hand-over nor, without it, any order between what the threads write. Nothing in any other
// build.
#pragma once

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace libmatch::detail {

// One parallel loop, on the stack of the thread that calls it: what that thread wrote before is seen by every part of
// the loop, and what the parts wrote is seen by it afterwards. Parts are not ordered among themselves: their races
// stay visible.
class loop_handover {
 public:
  loop_handover() noexcept { release(&begin_); }
  ~loop_handover() { acquire(&end_); }
  loop_handover(const loop_handover &) = delete;
  loop_handover &operator=(const loop_handover &) = delete;

  // For as long as a thread runs a part of the loop.
  class part {
   public:
    explicit part(loop_handover &loop) noexcept : loop_(loop) { acquire(&loop_.begin_); }
    ~part() { release(&loop_.end_); }
    part(const part &) = delete;
    part &operator=(const part &) = delete;

   private:
    loop_handover &loop_;
  };

 private:
#if defined(__SANITIZE_THREAD__)
  static void acquire(char *place) noexcept { __tsan_acquire(place); }
  static void release(char *place) noexcept { __tsan_release(place); }
#else
  static void acquire(char *) noexcept {}
  static void release(char *) noexcept {}
#endif

  char begin_ = 0;
  char end_ = 0;
};

}  // namespace libmatch::detail
