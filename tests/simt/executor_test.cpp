// Kernels that are right, run on the executor in many orders.
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "launch.cuh"
#include "simt/executor.h"

namespace libmatch::cuda {
namespace {

constexpr unsigned tile_rows = 64;

// Sums what is left of each element in its block, by a tile in shared memory.
__global__ void prefix_sums(const unsigned *values, unsigned n, unsigned *sums) {
  LM_SHARED(unsigned, tile, tile_rows);
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  tile[threadIdx.x] = i < n ? values[i] : 0;
  __syncthreads();
  unsigned sum = 0;
  for (unsigned j = 0; j <= threadIdx.x; ++j) {
    sum += tile[j];
  }
  if (i < n) {
    sums[i] = sum;
  }
}

TEST(executor, a_tile_in_shared_memory) {
  constexpr unsigned n = 150;
  std::vector<unsigned> values(n);
  for (unsigned i = 0; i < n; ++i) {
    values[i] = i * i + 1;
  }
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    simt::set_schedule_seed(seed);
    unsigned *device_values = nullptr;
    unsigned *device_sums = nullptr;
    ASSERT_EQ(cudaMalloc(&device_values, n * 4), cudaSuccess);
    ASSERT_EQ(cudaMalloc(&device_sums, n * 4), cudaSuccess);
    ASSERT_EQ(cudaMemcpy(device_values, values.data(), n * 4, cudaMemcpyHostToDevice), cudaSuccess);
    ASSERT_EQ(launch({dim3(3), dim3(tile_rows)}, &prefix_sums, device_values, n, device_sums), cudaSuccess);
    ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess) << simt::take_failure();
    std::vector<unsigned> sums(n);
    ASSERT_EQ(cudaMemcpy(sums.data(), device_sums, n * 4, cudaMemcpyDeviceToHost), cudaSuccess);
    for (unsigned i = 0, sum = 0; i < n; ++i) {
      sum = i % tile_rows == 0 ? values[i] : sum + values[i];
      EXPECT_EQ(sums[i], sum) << i;
    }
    EXPECT_EQ(cudaFree(device_values), cudaSuccess);
    EXPECT_EQ(cudaFree(device_sums), cudaSuccess);
  }
}

}  // namespace
}  // namespace libmatch::cuda
