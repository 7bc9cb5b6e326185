#include "devices.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

namespace libmatch::simt {
namespace {

constexpr std::size_t shared_bytes_without_asking = std::size_t{48} << 10;

struct device_state {
  simulated_device what;
  std::size_t used_bytes = 0;
  cudaError_t failed = cudaSuccess;
};

struct all_devices {
  std::mutex mutex;
  std::vector<device_state> devices{device_state{}};
  cudaError_t driver_error = cudaSuccess;
  std::map<const void *, std::size_t> dynamic_shared_bytes;
};

all_devices &all() {
  static all_devices state;
  return state;
}

struct thread_errors {
  int device = 0;
  cudaError_t last = cudaSuccess;
  std::string failure;
};

thread_errors &own() {
  static thread_local thread_errors state;
  return state;
}

}  // namespace

cudaError_t reported(cudaError_t error) {
  if (error != cudaSuccess) {
    own().last = error;
  }
  return error;
}

cudaError_t reported(cudaError_t error, const std::string &failure) {
  own().failure = failure;
  return reported(error);
}

cudaError_t usable() {
  all_devices &state = all();
  const std::lock_guard lock(state.mutex);
  if (state.driver_error != cudaSuccess) {
    return state.driver_error;
  }
  if (state.devices.empty()) {
    return cudaErrorNoDevice;
  }
  const auto device = static_cast<std::size_t>(own().device);
  return device < state.devices.size() ? state.devices[device].failed : cudaErrorInvalidDevice;
}

int current_device() { return own().device; }

std::size_t device_count() {
  const std::lock_guard lock(all().mutex);
  return all().devices.size();
}

simulated_device device_of(int number) {
  const std::lock_guard lock(all().mutex);
  return all().devices.at(static_cast<std::size_t>(number)).what;
}

std::size_t shared_bytes_max(int device) {
  // As the programming guide's table of compute capabilities has them.
  const simulated_device what = device_of(device);
  const int capability = 10 * what.major + what.minor;
  const std::size_t kib = capability < 80                        ? 64
                          : capability == 80 || capability == 87 ? 163
                          : capability < 90 || what.major == 12  ? 99
                                                                 : 227;
  return kib << 10;
}

void device_failed(int device, const std::string &failure) {
  {
    const std::lock_guard lock(all().mutex);
    all().devices.at(static_cast<std::size_t>(device)).failed = cudaErrorLaunchFailure;
  }
  reported(cudaErrorLaunchFailure, failure);
}

bool take_device_memory(int device, std::size_t bytes) {
  const std::lock_guard lock(all().mutex);
  device_state &state = all().devices.at(static_cast<std::size_t>(device));
  if (bytes > state.what.memory_bytes - state.used_bytes) {
    return false;
  }
  state.used_bytes += bytes;
  return true;
}

void return_device_memory(int device, std::size_t bytes) {
  const std::lock_guard lock(all().mutex);
  all().devices.at(static_cast<std::size_t>(device)).used_bytes -= bytes;
}

std::size_t device_memory_free(int device) {
  const std::lock_guard lock(all().mutex);
  const device_state &state = all().devices.at(static_cast<std::size_t>(device));
  return state.what.memory_bytes - state.used_bytes;
}

std::size_t dynamic_shared_bytes_max(const void *kernel) {
  const std::lock_guard lock(all().mutex);
  const auto found = all().dynamic_shared_bytes.find(kernel);
  return found == all().dynamic_shared_bytes.end() ? shared_bytes_without_asking : found->second;
}

cudaError_t function_attribute(const void *function, cudaFuncAttribute attribute, int value) {
  if (const cudaError_t error = usable(); error != cudaSuccess) {
    return reported(error);
  }
  if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout) {
    return value >= -1 && value <= 100 ? cudaSuccess : reported(cudaErrorInvalidValue);
  }
  if (value < 0 || static_cast<std::size_t>(value) > shared_bytes_max(current_device())) {
    return reported(cudaErrorInvalidValue, "more shared memory for a kernel than the device has");
  }
  const std::lock_guard lock(all().mutex);
  all().dynamic_shared_bytes[function] = std::max(static_cast<std::size_t>(value), shared_bytes_without_asking);
  return cudaSuccess;
}

void set_devices(const std::vector<simulated_device> &devices) {
  const std::lock_guard lock(all().mutex);
  all().devices.clear();
  for (const simulated_device &what : devices) {
    all().devices.push_back({what});
  }
}

void set_driver_error(cudaError_t error) {
  const std::lock_guard lock(all().mutex);
  all().driver_error = error;
}

std::string take_failure() {
  const std::lock_guard lock(all().mutex);
  for (device_state &state : all().devices) {
    state.failed = cudaSuccess;
  }
  own().last = cudaSuccess;
  return std::exchange(own().failure, {});
}

}  // namespace libmatch::simt

using namespace libmatch::simt;

cudaError_t cudaDriverGetVersion(int *version) {
  // As the runtime does where there is no driver.
  *version = usable() == cudaErrorInsufficientDriver ? 0 : 13000;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version) {
  *version = 13000;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int *count) {
  // On these errors the number is left as it was.
  const cudaError_t error = usable();
  if (error == cudaSuccess || error == cudaErrorLaunchFailure || error == cudaErrorInvalidDevice) {
    *count = static_cast<int>(device_count());
    return cudaSuccess;
  }
  return reported(error);
}

cudaError_t cudaSetDevice(int device) {
  const cudaError_t error = usable();
  if (error != cudaSuccess && error != cudaErrorLaunchFailure && error != cudaErrorInvalidDevice) {
    return reported(error);
  }
  if (device < 0 || static_cast<std::size_t>(device) >= device_count()) {
    return reported(cudaErrorInvalidDevice);
  }
  own().device = device;
  return cudaSuccess;
}

cudaError_t cudaGetDevice(int *device) {
  *device = current_device();
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int device) {
  const cudaError_t error = usable();
  if (error != cudaSuccess && error != cudaErrorLaunchFailure) {
    return reported(error);
  }
  if (device < 0 || static_cast<std::size_t>(device) >= device_count()) {
    return reported(cudaErrorInvalidDevice);
  }
  const simulated_device what = device_of(device);
  *properties = {};
  std::snprintf(properties->name, sizeof properties->name, "simulated %d.%d", what.major, what.minor);
  properties->totalGlobalMem = what.memory_bytes;
  properties->sharedMemPerBlock = shared_bytes_without_asking;
  properties->sharedMemPerBlockOptin = shared_bytes_max(device);
  properties->warpSize = 32;
  properties->maxThreadsPerBlock = 1024;
  properties->major = what.major;
  properties->minor = what.minor;
  properties->multiProcessorCount = what.multiprocessors;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int device) {
  cudaDeviceProp properties;
  if (const cudaError_t error = cudaGetDeviceProperties(&properties, device); error != cudaSuccess) {
    return error;
  }
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock:
      *value = properties.maxThreadsPerBlock;
      return cudaSuccess;
    case cudaDevAttrMaxSharedMemoryPerBlock:
      *value = static_cast<int>(properties.sharedMemPerBlock);
      return cudaSuccess;
    case cudaDevAttrWarpSize:
      *value = properties.warpSize;
      return cudaSuccess;
    case cudaDevAttrMultiProcessorCount:
      *value = properties.multiProcessorCount;
      return cudaSuccess;
    case cudaDevAttrComputeCapabilityMajor:
      *value = properties.major;
      return cudaSuccess;
    case cudaDevAttrComputeCapabilityMinor:
      *value = properties.minor;
      return cudaSuccess;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      *value = static_cast<int>(properties.sharedMemPerBlockOptin);
      return cudaSuccess;
    case cudaDevAttrMemoryPoolsSupported:
      *value = 1;
      return cudaSuccess;
  }
  return reported(cudaErrorInvalidValue);
}

cudaError_t cudaMemGetInfo(std::size_t *free_bytes, std::size_t *total_bytes) {
  if (const cudaError_t error = usable(); error != cudaSuccess) {
    return reported(error);
  }
  *free_bytes = device_memory_free(current_device());
  *total_bytes = device_of(current_device()).memory_bytes;
  return cudaSuccess;
}

cudaError_t cudaPeekAtLastError() { return own().last; }

cudaError_t cudaGetLastError() {
  // The error of a kernel stays.
  return usable() == cudaErrorLaunchFailure ? cudaErrorLaunchFailure : std::exchange(own().last, cudaSuccess);
}

namespace {

struct error_text {
  cudaError_t error;
  const char *name;
  const char *text;
};

constexpr error_text error_texts[] = {
    {cudaSuccess, "cudaSuccess", "no error"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {cudaErrorInitializationError, "cudaErrorInitializationError", "initialization error"},
    {cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration", "invalid configuration argument"},
    {cudaErrorInvalidMemcpyDirection, "cudaErrorInvalidMemcpyDirection", "invalid copy direction for memcpy"},
    {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver",
     "CUDA driver version is insufficient for CUDA runtime version"},
    {cudaErrorInvalidDeviceFunction, "cudaErrorInvalidDeviceFunction", "invalid device function"},
    {cudaErrorNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {cudaErrorNotReady, "cudaErrorNotReady", "device not ready"},
    {cudaErrorIllegalAddress, "cudaErrorIllegalAddress", "an illegal memory access was encountered"},
    {cudaErrorLaunchOutOfResources, "cudaErrorLaunchOutOfResources", "too many resources requested for launch"},
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
    {cudaErrorNotPermitted, "cudaErrorNotPermitted", "operation not permitted"},
    {cudaErrorNotSupported, "cudaErrorNotSupported", "operation not supported"},
    {cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported",
     "operation not permitted when stream is capturing"},
    {cudaErrorStreamCaptureInvalidated, "cudaErrorStreamCaptureInvalidated",
     "operation failed due to a previous error during capture"},
    {cudaErrorUnknown, "cudaErrorUnknown", "unknown error"},
};

const error_text &text_of(cudaError_t error) {
  const auto *const found = std::find_if(std::begin(error_texts), std::end(error_texts),
                                         [error](const error_text &text) { return text.error == error; });
  return found == std::end(error_texts) ? std::end(error_texts)[-1] : *found;
}

}  // namespace

const char *cudaGetErrorName(cudaError_t error) { return text_of(error).name; }

// With what the executor knows of it, where that is of the calling thread.
const char *cudaGetErrorString(cudaError_t error) {
  static thread_local std::string text;
  text = text_of(error).text;
  if (error != cudaSuccess && error == own().last && !own().failure.empty()) {
    text += ": " + own().failure;
  }
  return text.c_str();
}
