// Vectors that begin on a cache line and are not zeroed before they are filled. Large ones lie on huge pages where
// the system has them: a search that jumps about in gigabytes would otherwise wait for page tables most of the time.
#pragma once

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace libmatch::detail {

template <typename T>
class cache_line_allocator {
 public:
  using value_type = T;

  cache_line_allocator() noexcept = default;
  template <typename U>
  explicit cache_line_allocator(const cache_line_allocator<U> & /*other*/) noexcept {}

  T *allocate(std::size_t n) {
    if (n > static_cast<std::size_t>(-1) / sizeof(T)) {
      throw std::bad_array_new_length();
    }
    const std::size_t bytes = n * sizeof(T);
    void *memory = ::operator new(bytes, alignment_of(bytes));
#if defined(__linux__)
    if (bytes >= huge_page) {
      static_cast<void>(madvise(memory, bytes, MADV_HUGEPAGE));  // a wish: without it, it is only slower
    }
#endif
    return static_cast<T *>(memory);
  }
  void deallocate(T *pointer, std::size_t n) noexcept { ::operator delete(pointer, alignment_of(n * sizeof(T))); }

  // resize() leaves new elements as they are; every user writes them before reading.
  template <typename U>
  void construct(U *pointer) noexcept {
    ::new (static_cast<void *>(pointer)) U;
  }
  template <typename U, typename... Arguments>
  void construct(U *pointer, Arguments &&...arguments) {
    ::new (static_cast<void *>(pointer)) U(std::forward<Arguments>(arguments)...);
  }

  friend bool operator==(const cache_line_allocator & /*a*/, const cache_line_allocator & /*b*/) noexcept {
    return true;
  }

 private:
  static constexpr std::size_t huge_page = std::size_t{1} << 21;
  static constexpr std::size_t cache_line = 64;

  static std::align_val_t alignment_of(std::size_t bytes) noexcept {
    return std::align_val_t{bytes >= huge_page ? huge_page : cache_line};
  }
};

template <typename T>
using aligned_vector = std::vector<T, cache_line_allocator<T>>;

}  // namespace libmatch::detail
