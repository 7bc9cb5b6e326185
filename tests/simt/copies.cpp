// Copies and fills, and the launch of kernels: what streams do.
#include <atomic>
#include <cstring>
#include <string>
#include <vector>

#include "devices.h"
#include "grid.h"
#include "memory.h"
#include "simt/executor.h"
#include "simt/launch.h"
#include "simt/runtime.h"
#include "streams.h"

namespace libmatch::simt {
namespace {

std::atomic<std::size_t> grids{0};

enum class place { device, pinned, pageable };

place place_of(const void *at) {
  const auto found = find_memory(at);
  return !found ? place::pageable : found->device == host_memory ? place::pinned : place::device;
}

// Whether bytes of an allocation are all within it; memory that is not ours to know is believed.
bool within(const void *at, std::size_t bytes) {
  const auto found = find_memory(at);
  return !found || holds(*found, at, bytes);
}

bool on_device(const void *at) { return place_of(at) == place::device; }

// Empty if the copy is what its kind says.
std::string why_not(void *to, const void *from, std::size_t bytes, cudaMemcpyKind kind) {
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  if (kind != cudaMemcpyDefault && (on_device(to) != to_device || on_device(from) != from_device)) {
    return "a copy between other kinds of memory than it was said to be";
  }
  if (!within(to, bytes) || !within(from, bytes)) {
    return "a copy of " + std::to_string(bytes) + " bytes beyond an allocation";
  }
  return {};
}

cudaError_t copy_in_stream(void *to, const void *from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  if (bytes == 0) {
    return cudaSuccess;
  }
  if (const std::string wrong = why_not(to, from, bytes, kind); !wrong.empty()) {
    return reported(cudaErrorInvalidValue, wrong);
  }
  const cudaError_t error = put_in_stream(stream, [to, from, bytes] {
    std::memcpy(to, from, bytes);
    return cudaSuccess;
  });
  // Memory that is not pinned is read, or written, before the call returns.
  const bool waits = place_of(to) == place::pageable || place_of(from) == place::pageable;
  return error != cudaSuccess || !waits || captured(stream) ? error : wait_for_stream(stream);
}

}  // namespace

std::size_t grids_run() { return grids; }

cudaError_t launch_grid(const grid_shape &shape, cudaStream_t stream, const void *kernel,
                        const std::vector<const void *> &pointers, std::function<void()> thread_body) {
  const dim3 &grid = shape.grid;
  const dim3 &block = shape.block;
  const std::uint64_t threads = std::uint64_t{block.x} * block.y * block.z;
  if (const cudaError_t error = usable(); error != cudaSuccess) {
    return reported(error);
  }
  if (threads == 0 || threads > 1024 || block.z > 64 || grid.x == 0 || grid.y == 0 || grid.z == 0 ||
      grid.x > 0x7FFFFFFFu || grid.y > 65535 || grid.z > 65535) {
    return reported(cudaErrorInvalidConfiguration, "a grid or a block of a size that CUDA does not have");
  }
  if (shape.dynamic_shared_bytes > dynamic_shared_bytes_max(kernel)) {
    return reported(cudaErrorInvalidValue, "a launch with more shared memory than cudaFuncSetAttribute allowed");
  }
  const int device = device_of_stream(stream);
  for (const void *const pointer : pointers) {
    const auto found = find_memory(pointer);
    if (!found || (found->device != host_memory && found->device != device)) {
      return reported(cudaErrorIllegalAddress, found ? "a kernel is given memory of another device"
                                                     : "a kernel is given memory that no device can reach");
    }
  }
  return put_in_stream(stream, [shape, device, body = std::move(thread_body)] {
    ++grids;
    const std::string wrong = grid_run::here().run(shape, shared_bytes_max(device), body);
    if (wrong.empty()) {
      return cudaSuccess;
    }
    device_failed(device, wrong);
    return cudaErrorLaunchFailure;
  });
}

}  // namespace libmatch::simt

using namespace libmatch::simt;

cudaError_t cudaMemcpyAsync(void *to, const void *from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  return copy_in_stream(to, from, bytes, kind, stream);
}

cudaError_t cudaMemcpy(void *to, const void *from, std::size_t bytes, cudaMemcpyKind kind) {
  const cudaError_t error = copy_in_stream(to, from, bytes, kind, nullptr);
  return error != cudaSuccess ? error : cudaStreamSynchronize(nullptr);
}

cudaError_t cudaMemcpyPeerAsync(void *to, int, const void *from, int, std::size_t bytes, cudaStream_t stream) {
  return copy_in_stream(to, from, bytes, cudaMemcpyDeviceToDevice, stream);
}

cudaError_t cudaMemcpy2DAsync(void *to, std::size_t to_pitch, const void *from, std::size_t from_pitch,
                              std::size_t width, std::size_t height, cudaMemcpyKind kind, cudaStream_t stream) {
  if (width > to_pitch || width > from_pitch) {
    return reported(cudaErrorInvalidValue, "rows that are wider than their pitch");
  }
  for (std::size_t row = 0; row < height; ++row) {
    const cudaError_t error = copy_in_stream(static_cast<char *>(to) + row * to_pitch,
                                             static_cast<const char *>(from) + row * from_pitch, width, kind, stream);
    if (error != cudaSuccess) {
      return error;
    }
  }
  return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void *memory, int value, std::size_t bytes, cudaStream_t stream) {
  if (bytes == 0) {
    return cudaSuccess;
  }
  if (!find_memory(memory) || !within(memory, bytes)) {
    return reported(cudaErrorInvalidValue, "memory is filled that was not allocated");
  }
  return put_in_stream(stream, [memory, value, bytes] {
    std::memset(memory, value, bytes);
    return cudaSuccess;
  });
}

cudaError_t cudaMemset(void *memory, int value, std::size_t bytes) {
  const cudaError_t error = cudaMemsetAsync(memory, value, bytes, nullptr);
  return error != cudaSuccess ? error : cudaStreamSynchronize(nullptr);
}
