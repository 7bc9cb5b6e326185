// Vectors that begin on a cache line and are not zeroed before they are filled.
#pragma once

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
  static constexpr std::align_val_t alignment{64};

  cache_line_allocator() noexcept = default;
  template <typename U>
  explicit cache_line_allocator(const cache_line_allocator<U> & /*other*/) noexcept {}

  T *allocate(std::size_t n) {
    if (n > static_cast<std::size_t>(-1) / sizeof(T)) {
      throw std::bad_array_new_length();
    }
    return static_cast<T *>(::operator new(n * sizeof(T), alignment));
  }
  void deallocate(T *pointer, std::size_t /*n*/) noexcept { ::operator delete(pointer, alignment); }

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
};

template <typename T>
using aligned_vector = std::vector<T, cache_line_allocator<T>>;

}  // namespace libmatch::detail
