// How kernels are launched and how they declare shared memory: the one place where builds by nvcc and builds for the
// SIMT executor (tests/simt) differ in either.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <tuple>
#include <utility>

#ifdef LIBMATCH_SIMT
#include "simt/launch.h"

// An array of `count` elements that the threads of a block share. Its bytes begin as anything.
#define LM_SHARED(type, name, count)                 \
  static const char name##_key = 0;                  \
  type(&name)[count] = *static_cast<type(*)[count]>( \
      ::libmatch::simt::shared_array(&name##_key, sizeof(type) * (count), alignof(type)))
// The bytes that the launch asked for, aligned to 16.
#define LM_DYNAMIC_SHARED(type, name) \
  type *const name = static_cast<type *>(::libmatch::simt::dynamic_shared_memory())
#else
#define LM_SHARED(type, name, count) __shared__ type name[count]
#define LM_DYNAMIC_SHARED(type, name)                                       \
  extern __shared__ __align__(16) unsigned char lm_dynamic_shared_memory[]; \
  type *const name = reinterpret_cast<type *>(lm_dynamic_shared_memory)
#endif

namespace libmatch::cuda {

struct launch_shape {
  dim3 grid;
  dim3 block;
  std::size_t dynamic_shared_bytes = 0;
  cudaStream_t stream = nullptr;
};

// Puts the kernel into the stream. What it returns is the launch's error alone; one of the kernel's own comes from
// whatever waits for the stream.
template <class... parameters, class... arguments>
cudaError_t launch(const launch_shape &shape, void (*kernel)(parameters...), arguments &&...given) {
  static_assert(sizeof...(parameters) == sizeof...(arguments), "a kernel takes as many arguments as it declares");
  std::tuple<parameters...> values{static_cast<parameters>(std::forward<arguments>(given))...};
#ifdef LIBMATCH_SIMT
  return simt::launch_kernel({shape.grid, shape.block, shape.dynamic_shared_bytes}, shape.stream, kernel, values);
#else
  return std::apply(
      [&shape, kernel](parameters &...value) {
        void *addresses[sizeof...(parameters) + 1] = {static_cast<void *>(&value)..., nullptr};
        return cudaLaunchKernel(reinterpret_cast<const void *>(kernel), shape.grid, shape.block, addresses,
                                shape.dynamic_shared_bytes, shape.stream);
      },
      values);
#endif
}

}  // namespace libmatch::cuda
