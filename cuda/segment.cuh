// Making the plane of a segment from its rows.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "launch.cuh"

namespace libmatch::cuda {

// A thread a row, rows_before_end rows; the rest of the plane is zero already.
static __global__ void split_plane(const std::uint32_t *__restrict__ rows, std::uint32_t n_rows,
                                   std::uint32_t width_words, std::uint32_t plane_words, std::uint64_t plane_stride,
                                   std::uint32_t *__restrict__ plane) {
  const std::uint64_t row = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (row < n_rows) {
    for (std::uint32_t word = 0; word < plane_words; ++word) {
      plane[word * plane_stride + row] = rows[row * width_words + word];
    }
  }
}

}  // namespace libmatch::cuda
