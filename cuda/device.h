// A GPU as this process uses it, and what one call works with on it. CUDA's errors become exceptions here, which
// backend.cpp turns into statuses before they leave the shared object.
#pragma once

#include <cuda_runtime.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "backend_table.h"
#include "core/error.h"

namespace libmatch::cuda {

// LM_ERROR_OUT_OF_MEMORY or LM_ERROR_DEVICE with what was done and what CUDA said, unless code is a success.
void check(cudaError_t code, const char *what);

// Makes a device the thread's current one, and back.
class device_scope {
 public:
  explicit device_scope(int number);
  ~device_scope();
  device_scope(const device_scope &) = delete;
  device_scope &operator=(const device_scope &) = delete;

 private:
  int before_ = 0;
  bool changed_ = false;
};

class segment_store;

// When tables of multi-index hashing are made and searched (buckets.h); measured on an H200 (docs/performance.md).
struct bucket_rule {
  // Shorter lists are scanned nearly as soon as their tables are asked.
  std::uint64_t rows_least = 1'000'000;
  // So few queries that the plane is streamed for (kernel_choice.h) are sooner done by tables from here on.
  std::uint64_t rows_least_for_few = std::uint64_t{1} << 23;
  // Making them is paid back by so many queries, which may come one by one.
  std::uint64_t queries_to_build = 16384;
};

// Shared by all who opened it; used by any number of threads at once.
class device {
 public:
  // LM_ERROR_UNSUPPORTED where there is no driver, or no device of that number.
  static std::shared_ptr<device> open(int number);
  static int count();

  explicit device(int number);
  ~device();
  device(const device &) = delete;
  device &operator=(const device &) = delete;

  const device_facts &facts() const noexcept { return facts_; }
  int number() const noexcept { return facts_.number; }
  segment_store &segments() noexcept { return *segments_; }
  const bucket_rule &buckets() const noexcept { return buckets_; }
  // For tests, whose lists are short. Not while a call is under way.
  void set_buckets(const bucket_rule &rule) noexcept { buckets_ = rule; }

  // Memory in the order of a stream. Where there is none left, segments that no call uses are dropped first.
  void *allocate(std::size_t bytes, cudaStream_t stream);
  void release(void *memory, std::size_t bytes, cudaStream_t stream) noexcept;
  // What several streams may use, once all of them are done.
  void release_shared(void *memory, std::size_t bytes) noexcept;

  // LM_ERROR_INVALID_ARGUMENT while memory of another allocator is held.
  void set_allocator(const table_allocator &allocator);

 private:
  friend class device_call;
  struct idle_call;

  void *try_to_allocate(std::size_t bytes, cudaStream_t stream);
  std::unique_ptr<idle_call> take_idle();
  void keep_idle(std::unique_ptr<idle_call> idle) noexcept;

  device_facts facts_{};
  bool has_pools_ = false;
  table_allocator allocator_{};
  std::atomic<std::size_t> in_use_{0};  // bytes
  std::unique_ptr<segment_store> segments_;
  bucket_rule buckets_;
  std::mutex idle_mutex_;
  std::vector<std::unique_ptr<idle_call>> idle_;
};

// lm_cuda_wait_for_stream: nothing is waited for by the host.
void wait_for_stream(const device &on, cudaStream_t stream, cudaStream_t other);

// What one call works with: the device made current, a stream of its own, and pinned memory to copy through. Streams
// and pinned memory are kept for the next call.
class device_call {
 public:
  explicit device_call(device &owner);
  // Waits for the stream.
  ~device_call();
  device_call(const device_call &) = delete;
  device_call &operator=(const device_call &) = delete;

  device &owner() const noexcept { return owner_; }
  cudaStream_t stream() const noexcept;

  // Copies in the order of the stream. What upload() reads may change once it returned; what download() writes is
  // there once it returned.
  void upload(void *to, const void *from, std::size_t bytes);
  void download(void *to, const void *from, std::size_t bytes);
  void clear(void *memory, std::size_t bytes);
  // Until all that was asked of the stream is done; what went wrong there is thrown.
  void wait();

 private:
  device &owner_;
  device_scope scope_;
  std::unique_ptr<device::idle_call> kept_;
};

// An array on the device for the time of a call, released in the order of its stream.
template <typename T>
class device_array {
 public:
  device_array(device_call &call, std::size_t size)
      : call_(&call), size_(size), data_(static_cast<T *>(allocate(call, size))) {}
  device_array(device_call &call, const T *from, std::size_t size) : device_array(call, size) {
    call.upload(data_, from, size * sizeof(T));
  }
  ~device_array() {
    if (data_ != nullptr) {
      call_->owner().release(data_, size_ * sizeof(T), call_->stream());
    }
  }
  device_array(device_array &&other) noexcept
      : call_(other.call_), size_(std::exchange(other.size_, 0)), data_(std::exchange(other.data_, nullptr)) {}
  device_array &operator=(device_array &&other) noexcept {
    std::swap(call_, other.call_);
    std::swap(size_, other.size_);
    std::swap(data_, other.data_);
    return *this;
  }

  T *data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  void clear() { call_->clear(data_, size_ * sizeof(T)); }
  std::vector<T> download() const {
    std::vector<T> copy(size_);
    call_->download(copy.data(), data_, size_ * sizeof(T));
    return copy;
  }

 private:
  static void *allocate(device_call &call, std::size_t size) {
    if (size > SIZE_MAX / sizeof(T)) {
      detail::fail(LM_ERROR_OUT_OF_MEMORY, "an array of ", size, " items is larger than memory can be");
    }
    return size == 0 ? nullptr : call.owner().allocate(size * sizeof(T), call.stream());
  }

  device_call *call_;
  std::size_t size_;
  T *data_;
};

}  // namespace libmatch::cuda
