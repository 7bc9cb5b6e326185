// Memory whose neighbourhood is watched: shared arrays of blocks, and what cudaMalloc gives.
#pragma once

#include <cstddef>

namespace libmatch::simt {

// AddressSanitizer watches the bytes around a plain allocation at every access. Without it there are guards on both
// sides, which a write beyond the end is seen in afterwards.
class guarded_memory {
 public:
  guarded_memory() = default;
  // nullptr if there is no such memory. Every byte begins as `garbage`.
  guarded_memory(std::size_t bytes, std::size_t alignment, unsigned char garbage);
  ~guarded_memory();
  guarded_memory(guarded_memory &&other) noexcept;
  guarded_memory &operator=(guarded_memory &&other) noexcept;

  void *data() const { return data_; }
  std::size_t bytes() const { return bytes_; }
  // Whether the guards are as they were.
  bool intact() const;

 private:
  void *allocation_ = nullptr;
  unsigned char *data_ = nullptr;
  std::size_t bytes_ = 0;
  std::size_t guard_bytes_ = 0;
};

}  // namespace libmatch::simt
