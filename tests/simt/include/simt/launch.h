// How a kernel gets to the executor: by launch() of cuda/launch.cuh alone.
#pragma once

#include <cstddef>
#include <functional>
#include <tuple>
#include <type_traits>
#include <vector>

#include "simt/runtime.h"
#include "simt/thread.h"
#include "simt/types.h"

namespace libmatch::simt {

struct grid_shape {
  dim3 grid;
  dim3 block;
  std::size_t dynamic_shared_bytes = 0;
};

// `pointers`: arguments of the kernel that must be memory of the device that runs it.
cudaError_t launch_grid(const grid_shape &shape, cudaStream_t stream, const void *kernel,
                        const std::vector<const void *> &pointers, std::function<void()> thread_body);

template <class type>
void add_pointer(std::vector<const void *> &pointers, const type &argument) {
  if constexpr (std::is_pointer_v<type> && !std::is_function_v<std::remove_pointer_t<type>>) {
    if (argument != nullptr) {
      pointers.push_back(argument);
    }
  }
}

template <class... parameters>
cudaError_t launch_kernel(const grid_shape &shape, cudaStream_t stream, void (*kernel)(parameters...),
                          const std::tuple<parameters...> &arguments) {
  std::vector<const void *> pointers;
  std::apply([&pointers](const parameters &...argument) { (add_pointer(pointers, argument), ...); }, arguments);
  return launch_grid(shape, stream, reinterpret_cast<const void *>(kernel), pointers,
                     [kernel, arguments] { std::apply(kernel, arguments); });
}

}  // namespace libmatch::simt
