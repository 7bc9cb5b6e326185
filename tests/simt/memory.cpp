#include "memory.h"

#include <atomic>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>

#include "devices.h"
#include "guarded_memory.h"
#include "simt/executor.h"
#include "simt/runtime.h"
#include "streams.h"

namespace libmatch::simt {
namespace {

// What cudaMalloc promises.
constexpr std::size_t alignment = 256;
// Nothing that a kernel ought to believe.
constexpr unsigned char garbage = 0xCD;

struct allocation {
  guarded_memory memory;
  int device;
};

struct all_memory {
  std::mutex mutex;
  std::map<std::uintptr_t, allocation> allocations;
  std::size_t asked = 0;
  // The number of the one to fail, 0 for none.
  std::size_t to_fail = 0;
};

all_memory &all() {
  static all_memory state;
  return state;
}

std::uintptr_t number(const void *at) { return reinterpret_cast<std::uintptr_t>(at); }

bool fails_now() {
  const std::lock_guard lock(all().mutex);
  if (++all().asked != all().to_fail) {
    return false;
  }
  all().to_fail = 0;
  return true;
}

cudaError_t allocate(void **memory, std::size_t bytes, int device) {
  if (const cudaError_t error = usable(); error != cudaSuccess) {
    return reported(error);
  }
  if (capturing()) {
    return reported(cudaErrorStreamCaptureUnsupported, "memory was asked for while a stream is captured");
  }
  if (memory == nullptr) {
    return reported(cudaErrorInvalidValue);
  }
  if (fails_now()) {
    return reported(cudaErrorMemoryAllocation, "this allocation was told to fail");
  }
  if (bytes == 0) {
    *memory = nullptr;
    return cudaSuccess;
  }
  if (device != host_memory && !take_device_memory(device, bytes)) {
    return reported(cudaErrorMemoryAllocation);
  }
  guarded_memory made(bytes, alignment, garbage);
  if (made.data() == nullptr) {
    if (device != host_memory) {
      return_device_memory(device, bytes);
    }
    return reported(cudaErrorMemoryAllocation);
  }
  *memory = made.data();
  const std::lock_guard lock(all().mutex);
  all().allocations.emplace(number(*memory), allocation{std::move(made), device});
  return cudaSuccess;
}

// Takes it out of the list; what must not be freed is an error.
cudaError_t release(void *memory, bool of_host) {
  std::size_t bytes = 0;
  int device = 0;
  bool intact = true;
  {
    const std::lock_guard lock(all().mutex);
    const auto found = all().allocations.find(number(memory));
    if (found == all().allocations.end() || (found->second.device == host_memory) != of_host) {
      return reported(cudaErrorInvalidValue, "memory is freed that was not allocated so");
    }
    bytes = found->second.memory.bytes();
    device = found->second.device;
    intact = found->second.memory.intact();
    all().allocations.erase(found);
  }
  if (!of_host) {
    return_device_memory(device, bytes);
  }
  return intact ? cudaSuccess
                : reported(cudaErrorIllegalAddress,
                           "something was written beyond an allocation of " + std::to_string(bytes) + " bytes");
}

}  // namespace

std::optional<known_memory> find_memory(const void *at) {
  const std::lock_guard lock(all().mutex);
  auto found = all().allocations.upper_bound(number(at));
  if (found == all().allocations.begin()) {
    return std::nullopt;
  }
  --found;
  const allocation &of = found->second;
  if (number(at) > found->first + of.memory.bytes()) {
    return std::nullopt;
  }
  return known_memory{of.memory.data(), of.memory.bytes(), of.device};
}

bool holds(const known_memory &memory, const void *at, std::size_t bytes) {
  return number(at) >= number(memory.begin) && bytes <= memory.bytes &&
         number(at) - number(memory.begin) <= memory.bytes - bytes;
}

void fail_allocation(std::size_t n) {
  const std::lock_guard lock(all().mutex);
  all().to_fail = n == 0 ? 0 : all().asked + n;
}

std::size_t allocations_asked() {
  const std::lock_guard lock(all().mutex);
  return all().asked;
}

std::size_t allocations_held() {
  const std::lock_guard lock(all().mutex);
  return all().allocations.size();
}

}  // namespace libmatch::simt

using namespace libmatch::simt;

cudaError_t cudaMalloc(void **memory, std::size_t bytes) { return allocate(memory, bytes, current_device()); }

cudaError_t cudaMallocAsync(void **memory, std::size_t bytes, cudaStream_t stream) {
  return allocate(memory, bytes, device_of_stream(stream));
}

cudaError_t cudaMallocHost(void **memory, std::size_t bytes) { return allocate(memory, bytes, host_memory); }

cudaError_t cudaHostAlloc(void **memory, std::size_t bytes, unsigned flags) {
  return flags > cudaHostAllocPortable ? reported(cudaErrorInvalidValue) : allocate(memory, bytes, host_memory);
}

cudaError_t cudaFree(void *memory) {
  // As the runtime does, it waits for the device first.
  const cudaError_t error = cudaDeviceSynchronize();
  if (memory == nullptr || error == cudaErrorStreamCaptureUnsupported) {
    return error;
  }
  const cudaError_t freed = release(memory, false);
  return error != cudaSuccess ? error : freed;
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t *pool, int device) {
  if (pool == nullptr || device < 0 || static_cast<std::size_t>(device) >= libmatch::simt::device_count()) {
    return libmatch::simt::reported(cudaErrorInvalidValue);
  }
  static char pools;
  *pool = reinterpret_cast<cudaMemPool_t>(&pools);
  return cudaSuccess;
}

cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void *value) {
  const bool known = pool != nullptr && attribute == cudaMemPoolAttrReleaseThreshold && value != nullptr;
  return known ? cudaSuccess : libmatch::simt::reported(cudaErrorInvalidValue);
}

cudaError_t cudaFreeAsync(void *memory, cudaStream_t stream) {
  if (memory == nullptr) {
    return cudaSuccess;
  }
  if (capturing()) {
    return reported(cudaErrorStreamCaptureUnsupported, "memory is freed while a stream is captured");
  }
  const cudaError_t error = put_in_stream(stream, [memory] { return release(memory, false); });
  // What a failed kernel left behind is returned all the same.
  return error != cudaErrorLaunchFailure ? error : (release(memory, false), error);
}

cudaError_t cudaFreeHost(void *memory) { return memory == nullptr ? cudaSuccess : release(memory, true); }

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes *attributes, const void *pointer) {
  if (const cudaError_t error = usable(); error != cudaSuccess) {
    return reported(error);
  }
  const auto found = find_memory(pointer);
  void *const at = const_cast<void *>(pointer);
  if (!found || !holds(*found, pointer, 1)) {
    *attributes = {cudaMemoryTypeUnregistered, -2, nullptr, at};
  } else if (found->device == host_memory) {
    *attributes = {cudaMemoryTypeHost, current_device(), at, at};
  } else {
    *attributes = {cudaMemoryTypeDevice, found->device, at, nullptr};
  }
  return cudaSuccess;
}
