// A stack with code that can be left and entered again. Fibers belong to the thread of the host that made them.
#pragma once

#include <cstddef>

namespace libmatch::simt {

// Where a fiber, or the host, stands while something else runs.
struct context {
  void *stack_pointer = nullptr;
  const void *stack_begin = nullptr;
  std::size_t stack_bytes = 0;
  void *asan_fake_stack = nullptr;
  void *tsan_fiber = nullptr;
};

// Leaves `from` and goes on with `to`; returns when something switches back to `from`.
void switch_context(context &from, context &to);

// What a fiber does first: `from` is where it was entered from.
void first_entry(context &from);

class fiber {
 public:
  using function = void (*)();

  // The function runs when the fiber is first switched to, and must never return.
  explicit fiber(function entry);
  ~fiber();
  fiber(const fiber &) = delete;
  fiber &operator=(const fiber &) = delete;

  // Forgets where it stands: the next switch to it begins anew.
  void restart();
  context &place() { return place_; }

 private:
  function entry_;
  void *mapping_;
  context place_;
};

// For ThreadSanitizer: `place` is where the calling thread of the host stands. What AddressSanitizer knows of its
// stack stays, which the first entry of any fiber told.
void enter_from_host(context &place);

// What the executor does between threads is none of ThreadSanitizer's business.
class unseen_by_sanitizer {
 public:
  unseen_by_sanitizer() { resume(); }
  ~unseen_by_sanitizer() { suspend(); }
  unseen_by_sanitizer(const unseen_by_sanitizer &) = delete;
  unseen_by_sanitizer &operator=(const unseen_by_sanitizer &) = delete;

  // For a while, where one is alive.
#ifdef LIBMATCH_SIMT_TSAN
  static void suspend();
  static void resume();
#else
  static void suspend() {}
  static void resume() {}
#endif
};

// What happened before a release of an object is seen after its acquire: for ThreadSanitizer, nothing else.
#ifdef LIBMATCH_SIMT_TSAN
void release_to(void *object);
void acquire_from(void *object);
#else
inline void release_to(void *) {}
inline void acquire_from(void *) {}
#endif

// For AddressSanitizer, nothing else.
#ifdef LIBMATCH_SIMT_ASAN
void poison(void *memory, std::size_t bytes);
void unpoison(void *memory, std::size_t bytes);
#else
inline void poison(void *, std::size_t) {}
inline void unpoison(void *, std::size_t) {}
#endif

}  // namespace libmatch::simt
