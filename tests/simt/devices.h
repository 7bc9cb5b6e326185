// The simulated devices, and the errors that calls and kernels leave behind.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "simt/executor.h"
#include "simt/runtime.h"

namespace libmatch::simt {

// Remembers it as the calling thread's last error, and returns it.
cudaError_t reported(cudaError_t error);
// As above, with what take_failure() says of it.
cudaError_t reported(cudaError_t error, const std::string &failure);

// An error of the driver, of there being no devices, or of a kernel of the current device; else cudaSuccess.
cudaError_t usable();

int current_device();
std::size_t device_count();
simulated_device device_of(int number);
std::size_t shared_bytes_max(int device);

// A kernel of this device has failed: every later call for it fails, too.
void device_failed(int device, const std::string &failure);

// Takes memory of a device; false if it has not so much left.
bool take_device_memory(int device, std::size_t bytes);
void return_device_memory(int device, std::size_t bytes);
std::size_t device_memory_free(int device);

// What cudaFuncSetAttribute allowed a kernel; what every kernel may have if it did not.
std::size_t dynamic_shared_bytes_max(const void *kernel);

}  // namespace libmatch::simt
