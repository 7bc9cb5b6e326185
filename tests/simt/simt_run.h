// What tests of the executor share: memory that is given back, and a kernel run from values to values.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "launch.cuh"
#include "simt/executor.h"
#include "simt/schedules.h"

namespace libmatch::cuda {

class device_array {
 public:
  explicit device_array(const std::vector<unsigned> &values) : size_(values.size()) {
    EXPECT_EQ(cudaMalloc(&data_, 4 * size_), cudaSuccess);
    EXPECT_EQ(cudaMemcpy(data_, values.data(), 4 * size_, cudaMemcpyHostToDevice), cudaSuccess);
  }
  ~device_array() { EXPECT_EQ(cudaFree(data_), cudaSuccess); }
  device_array(const device_array &) = delete;
  device_array &operator=(const device_array &) = delete;

  unsigned *data() const { return data_; }
  template <class type>
  type *as() const {
    return reinterpret_cast<type *>(data_);
  }
  std::vector<unsigned> values() const {
    std::vector<unsigned> found(size_);
    EXPECT_EQ(cudaMemcpy(found.data(), data_, 4 * size_, cudaMemcpyDeviceToHost), cudaSuccess);
    return found;
  }

 private:
  unsigned *data_ = nullptr;
  std::size_t size_;
};

// The array that the kernel's last argument points to, afterwards.
template <class kernel, class... arguments>
std::vector<unsigned> run_kernel(kernel which, const launch_shape &shape, const std::vector<unsigned> &start,
                                 arguments... given) {
  device_array out(start);
  EXPECT_EQ(launch(shape, which, given..., out.data()), cudaSuccess);
  EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess) << simt::take_failure();
  return out.values();
}

template <class kernel>
std::vector<unsigned> run_kernel(kernel which, const launch_shape &shape, std::size_t size) {
  return run_kernel(which, shape, std::vector<unsigned>(size, 0));
}

}  // namespace libmatch::cuda
