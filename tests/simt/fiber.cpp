#include "fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <new>

#ifdef LIBMATCH_SIMT_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#ifdef LIBMATCH_SIMT_TSAN
extern "C" {
void *__tsan_get_current_fiber();
void *__tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void *fiber);
void __tsan_switch_to_fiber(void *fiber, unsigned flags);
void __tsan_acquire(void *object);
void __tsan_release(void *object);
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
void AnnotateIgnoreWritesBegin(const char *file, int line);
void AnnotateIgnoreWritesEnd(const char *file, int line);
}
#endif

// Pushes what a function must keep, changes stacks, pops what the other had pushed. Floating-point modes are the same
// everywhere.
extern "C" void libmatch_simt_switch(void **leave, void *enter);
#if defined(__x86_64__)
asm(R"(.text
.globl libmatch_simt_switch
.hidden libmatch_simt_switch
.type libmatch_simt_switch,@function
libmatch_simt_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp,(%rdi)
  movq %rsi,%rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size libmatch_simt_switch,.-libmatch_simt_switch
)");
#elif defined(__aarch64__)
asm(R"(.text
.globl libmatch_simt_switch
.hidden libmatch_simt_switch
.type libmatch_simt_switch,%function
libmatch_simt_switch:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size libmatch_simt_switch,.-libmatch_simt_switch
)");
#else
#error "the SIMT executor knows x86-64 and 64-bit Arm"
#endif

namespace libmatch::simt {
namespace {

// Kernels call little and keep little on the stack; sanitizers keep more.
#if defined(LIBMATCH_SIMT_ASAN) || defined(LIBMATCH_SIMT_TSAN)
constexpr std::size_t stack_bytes = std::size_t{256} << 10;
#else
constexpr std::size_t stack_bytes = std::size_t{64} << 10;
#endif

std::size_t page_bytes() {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

}  // namespace

void switch_context(context &from, context &to) {
#ifdef LIBMATCH_SIMT_ASAN
  __sanitizer_start_switch_fiber(&from.asan_fake_stack, to.stack_begin, to.stack_bytes);
#endif
#ifdef LIBMATCH_SIMT_TSAN
  // 1: the switch itself orders nothing. Threads of a kernel are ordered by what the kernel does alone.
  __tsan_switch_to_fiber(to.tsan_fiber, 1);
#endif
  libmatch_simt_switch(&from.stack_pointer, to.stack_pointer);
#ifdef LIBMATCH_SIMT_ASAN
  __sanitizer_finish_switch_fiber(from.asan_fake_stack, nullptr, nullptr);
#endif
}

void first_entry([[maybe_unused]] context &from) {
#ifdef LIBMATCH_SIMT_ASAN
  __sanitizer_finish_switch_fiber(nullptr, &from.stack_begin, &from.stack_bytes);
#endif
}

fiber::fiber(function entry)
    // A page that cannot be touched ends the stack.
    : entry_(entry),
      mapping_(mmap(nullptr, stack_bytes + page_bytes(), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
  if (mapping_ == MAP_FAILED || mprotect(mapping_, page_bytes(), PROT_NONE) != 0) {
    throw std::bad_alloc();
  }
  place_.stack_begin = static_cast<char *>(mapping_) + page_bytes();
  place_.stack_bytes = stack_bytes;
  restart();
}

fiber::~fiber() {
#ifdef LIBMATCH_SIMT_TSAN
  __tsan_destroy_fiber(place_.tsan_fiber);
#endif
  // What the last frames have poisoned would be held against whoever is given these addresses next.
  unpoison(static_cast<char *>(mapping_) + page_bytes(), stack_bytes);
  munmap(mapping_, stack_bytes + page_bytes());
}

void fiber::restart() {
  char *const stack = static_cast<char *>(mapping_) + page_bytes();
  unpoison(stack, stack_bytes);
  place_.asan_fake_stack = nullptr;
#ifdef LIBMATCH_SIMT_TSAN
  if (place_.tsan_fiber != nullptr) {
    __tsan_destroy_fiber(place_.tsan_fiber);
  }
  place_.tsan_fiber = __tsan_create_fiber(0);
#endif
  auto *top = reinterpret_cast<void **>(stack + stack_bytes);
#if defined(__x86_64__)
  // At a function's entry the stack is 8 bytes off 16: above the address to enter lies one to return to, never used.
  *--top = nullptr;
  *--top = reinterpret_cast<void *>(entry_);
  for (int saved = 0; saved < 6; ++saved) {
    *--top = nullptr;
  }
#else
  top -= 20;
  for (int saved = 0; saved < 20; ++saved) {
    top[saved] = nullptr;
  }
  top[11] = reinterpret_cast<void *>(entry_);
#endif
  place_.stack_pointer = top;
}

void enter_from_host([[maybe_unused]] context &place) {
#ifdef LIBMATCH_SIMT_TSAN
  place.tsan_fiber = __tsan_get_current_fiber();
#endif
}

#ifdef LIBMATCH_SIMT_TSAN
void unseen_by_sanitizer::suspend() {
  AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
}
void unseen_by_sanitizer::resume() {
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
}
void release_to(void *object) { __tsan_release(object); }
void acquire_from(void *object) { __tsan_acquire(object); }
#endif

#ifdef LIBMATCH_SIMT_ASAN
void poison(void *memory, std::size_t bytes) { __asan_poison_memory_region(memory, bytes); }
void unpoison(void *memory, std::size_t bytes) { __asan_unpoison_memory_region(memory, bytes); }
#endif

}  // namespace libmatch::simt
