#include "guarded_memory.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace libmatch::simt {
namespace {

#ifdef LIBMATCH_SIMT_ASAN
constexpr std::size_t least_guard_bytes = 0;
#else
constexpr std::size_t least_guard_bytes = 64;
#endif
constexpr unsigned char guard_byte = 0xFD;

bool all_guard_bytes(const unsigned char *begin, std::size_t bytes) {
  return std::all_of(begin, begin + bytes, [](unsigned char byte) { return byte == guard_byte; });
}

}  // namespace

guarded_memory::guarded_memory(std::size_t bytes, std::size_t alignment, unsigned char garbage)
    : bytes_(bytes), guard_bytes_(least_guard_bytes == 0 ? 0 : std::max(least_guard_bytes, alignment)) {
  // Not rounded up to the alignment, so that the first byte beyond the end is beyond the allocation.
  if (bytes > SIZE_MAX - 2 * guard_bytes_ ||
      posix_memalign(&allocation_, std::max(alignment, sizeof(void *)),
                     std::max<std::size_t>(bytes + 2 * guard_bytes_, 1)) != 0) {
    allocation_ = nullptr;
    return;
  }
  data_ = static_cast<unsigned char *>(allocation_) + guard_bytes_;
  std::memset(allocation_, guard_byte, guard_bytes_);
  std::memset(data_, garbage, bytes);
  std::memset(data_ + bytes, guard_byte, guard_bytes_);
}

guarded_memory::~guarded_memory() { std::free(allocation_); }

guarded_memory::guarded_memory(guarded_memory &&other) noexcept
    : allocation_(std::exchange(other.allocation_, nullptr)),
      data_(std::exchange(other.data_, nullptr)),
      bytes_(std::exchange(other.bytes_, 0)),
      guard_bytes_(other.guard_bytes_) {}

guarded_memory &guarded_memory::operator=(guarded_memory &&other) noexcept {
  std::swap(allocation_, other.allocation_);
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  std::swap(guard_bytes_, other.guard_bytes_);
  return *this;
}

bool guarded_memory::intact() const {
  return data_ == nullptr ||
         (all_guard_bytes(data_ - guard_bytes_, guard_bytes_) && all_guard_bytes(data_ + bytes_, guard_bytes_));
}

}  // namespace libmatch::simt
