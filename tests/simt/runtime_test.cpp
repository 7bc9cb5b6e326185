// What stands in for the runtime: memory, streams, devices and errors as CUDA has them, and what tests can set.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "simt_run.h"

namespace libmatch::cuda {
namespace {

__global__ void add(unsigned *values, unsigned n, unsigned what) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    values[i] += what;
  }
}

// Whatever a test set is as before after it.
class runtime : public testing::Test {
 protected:
  void TearDown() override {
    simt::set_stream_order(simt::stream_order::at_once);
    simt::set_driver_error(cudaSuccess);
    simt::fail_allocation(0);
    simt::take_failure();
    cudaSetDevice(0);
    EXPECT_EQ(simt::allocations_held(), 0u);
    simt::set_devices({{}});
  }
};

TEST_F(runtime, devices_are_as_they_were_set) {
  simt::set_devices({{7, 5, 40, 1000}, {9, 0, 132, 5000}});
  int count = 0;
  ASSERT_EQ(cudaGetDeviceCount(&count), cudaSuccess);
  EXPECT_EQ(count, 2);
  cudaDeviceProp properties;
  ASSERT_EQ(cudaGetDeviceProperties(&properties, 0), cudaSuccess);
  EXPECT_EQ(properties.major * 10 + properties.minor, 75);
  EXPECT_EQ(properties.sharedMemPerBlockOptin, 64u << 10);
  int processors = 0;
  ASSERT_EQ(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, 1), cudaSuccess);
  EXPECT_EQ(processors, 132);
  EXPECT_EQ(cudaSetDevice(2), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  ASSERT_EQ(cudaSetDevice(1), cudaSuccess);
  std::size_t free_bytes = 0;
  std::size_t total_bytes = 0;
  ASSERT_EQ(cudaMemGetInfo(&free_bytes, &total_bytes), cudaSuccess);
  EXPECT_EQ(total_bytes, 5000u);
  void *memory = nullptr;
  ASSERT_EQ(cudaMalloc(&memory, 4000), cudaSuccess);
  void *more = nullptr;
  EXPECT_EQ(cudaMalloc(&more, 1001), cudaErrorMemoryAllocation);
  ASSERT_EQ(cudaMemGetInfo(&free_bytes, &total_bytes), cudaSuccess);
  EXPECT_EQ(free_bytes, 1000u);
  EXPECT_EQ(cudaFree(memory), cudaSuccess);
}

TEST_F(runtime, without_a_driver_or_a_device_there_is_no_number_of_devices) {
  int count = 77;
  simt::set_driver_error(cudaErrorInsufficientDriver);
  EXPECT_EQ(cudaGetDeviceCount(&count), cudaErrorInsufficientDriver);
  simt::set_driver_error(cudaSuccess);
  simt::set_devices({});
  EXPECT_EQ(cudaGetDeviceCount(&count), cudaErrorNoDevice);
  EXPECT_EQ(count, 77);
}

TEST_F(runtime, the_allocation_that_is_told_to_fails_once) {
  const std::size_t before = simt::allocations_asked();
  simt::fail_allocation(2);
  void *memory[3] = {};
  EXPECT_EQ(cudaMalloc(&memory[0], 10), cudaSuccess);
  EXPECT_EQ(cudaMallocHost(&memory[1], 10), cudaErrorMemoryAllocation);
  EXPECT_EQ(cudaMallocAsync(&memory[2], 10, nullptr), cudaSuccess);
  EXPECT_EQ(simt::allocations_asked(), before + 3);
  EXPECT_EQ(cudaFree(memory[0]), cudaSuccess);
  EXPECT_EQ(cudaFreeAsync(memory[2], nullptr), cudaSuccess);
}

TEST_F(runtime, copies_stay_within_memory_of_the_kind_they_name) {
  device_array array(std::vector<unsigned>(4, 0));
  std::vector<unsigned> host(5, 1);
  EXPECT_EQ(cudaMemcpy(array.data(), host.data(), 20, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpy(host.data(), array.data(), 16, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemset(array.data() + 1, 1, 16), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpy(array.data(), host.data(), 16, cudaMemcpyDefault), cudaSuccess);
  cudaPointerAttributes attributes;
  ASSERT_EQ(cudaPointerGetAttributes(&attributes, array.data() + 2), cudaSuccess);
  EXPECT_EQ(attributes.type, cudaMemoryTypeDevice);
  ASSERT_EQ(cudaPointerGetAttributes(&attributes, host.data()), cudaSuccess);
  EXPECT_EQ(attributes.type, cudaMemoryTypeUnregistered);
}

TEST_F(runtime, launches_that_no_device_would_take_are_refused) {
  device_array array(std::vector<unsigned>(4, 0));
  unsigned of_host = 0;
  EXPECT_EQ(launch({dim3(1), dim3(1025)}, &add, array.data(), 4u, 1u), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launch({dim3(0), dim3(32)}, &add, array.data(), 4u, 1u), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launch({dim3(1), dim3(32), 50000}, &add, array.data(), 4u, 1u), cudaErrorInvalidValue);
  EXPECT_EQ(cudaFuncSetAttribute(&add, cudaFuncAttributeMaxDynamicSharedMemorySize, 50000), cudaSuccess);
  EXPECT_EQ(launch({dim3(1), dim3(32), 50000}, &add, array.data(), 4u, 1u), cudaSuccess);
  EXPECT_EQ(launch({dim3(1), dim3(32)}, &add, &of_host, 1u, 1u), cudaErrorIllegalAddress);
  EXPECT_EQ(array.values(), std::vector<unsigned>(4, 1));
}

TEST_F(runtime, a_kernel_is_not_given_memory_of_another_device) {
  simt::set_devices({{}, {}});
  unsigned *memory = nullptr;
  ASSERT_EQ(cudaMalloc(&memory, 16), cudaSuccess);
  ASSERT_EQ(cudaSetDevice(1), cudaSuccess);
  EXPECT_EQ(launch({dim3(1), dim3(32)}, &add, memory, 4u, 1u), cudaErrorIllegalAddress);
  ASSERT_EQ(cudaSetDevice(0), cudaSuccess);
  EXPECT_EQ(cudaFree(memory), cudaSuccess);
}

// AddressSanitizer sees it when it is done.
#ifndef LIBMATCH_SIMT_ASAN
__global__ void write_beyond(unsigned *values, unsigned n) { values[n] = 1; }

TEST_F(runtime, what_is_written_beyond_an_allocation_is_seen_when_it_is_freed) {
  unsigned *memory = nullptr;
  ASSERT_EQ(cudaMalloc(&memory, 12), cudaSuccess);
  ASSERT_EQ(launch({dim3(1), dim3(1)}, &write_beyond, memory, 3u), cudaSuccess);
  EXPECT_EQ(cudaFree(memory), cudaErrorIllegalAddress);
}
#endif

__global__ void trap_in_block_2(unsigned *values) {
  if (threadIdx.x == 0) {
    values[blockIdx.x] = 1;
  }
  if (blockIdx.x == 2 && threadIdx.x == 5) {
    __trap();
  }
  __syncthreads();
}

TEST_F(runtime, an_error_of_a_kernel_stays_until_it_is_taken) {
  unsigned *memory = nullptr;
  ASSERT_EQ(cudaMalloc(&memory, 16), cudaSuccess);
  EXPECT_EQ(launch({dim3(4), dim3(64)}, &trap_in_block_2, memory), cudaSuccess);
  EXPECT_EQ(cudaDeviceSynchronize(), cudaErrorLaunchFailure);
  EXPECT_EQ(cudaMemset(memory, 0, 16), cudaErrorLaunchFailure);
  EXPECT_NE(std::string(cudaGetErrorString(cudaErrorLaunchFailure)).find("block (2, 0, 0) thread (5, 0, 0)"),
            std::string::npos)
      << cudaGetErrorString(cudaErrorLaunchFailure);
  EXPECT_NE(simt::take_failure().find("runtime_test.cpp:"), std::string::npos);
  EXPECT_EQ(cudaMemset(memory, 0, 16), cudaSuccess);
  EXPECT_EQ(cudaFree(memory), cudaSuccess);
}

// Sanitizers must know the host's stack again after any number of grids: throwing looks at it.
TEST_F(runtime, the_host_may_throw_after_grids) {
  for (int times = 0; times < 3; ++times) {
    device_array array(std::vector<unsigned>(4, 0));
    EXPECT_EQ(launch({dim3(1), dim3(32)}, &add, array.data(), 4u, 1u), cudaSuccess);
    EXPECT_THROW(array.values().at(4), std::out_of_range);
  }
}

struct pinned_array {
  explicit pinned_array(unsigned n) {
    EXPECT_EQ(cudaMallocHost(&data, 4 * n), cudaSuccess);
    for (unsigned i = 0; i < n; ++i) {
      data[i] = i;
    }
  }
  ~pinned_array() { EXPECT_EQ(cudaFreeHost(data), cudaSuccess); }
  pinned_array(const pinned_array &) = delete;
  pinned_array &operator=(const pinned_array &) = delete;
  unsigned *data = nullptr;
};

TEST_F(runtime, late_streams_do_their_work_when_something_waits) {
  simt::set_stream_order(simt::stream_order::late);
  device_array array(std::vector<unsigned>(4, 0));
  pinned_array pinned(4);
  cudaStream_t stream = nullptr;
  ASSERT_EQ(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
  ASSERT_EQ(cudaMemcpyAsync(array.data(), pinned.data, 16, cudaMemcpyHostToDevice, stream), cudaSuccess);
  ASSERT_EQ(launch({dim3(1), dim3(32), 0, stream}, &add, array.data(), 4u, 10u), cudaSuccess);
  ASSERT_EQ(cudaMemcpyAsync(pinned.data, array.data(), 16, cudaMemcpyDeviceToHost, stream), cudaSuccess);
  EXPECT_EQ(pinned.data[1], 1u);
  EXPECT_EQ(cudaStreamQuery(stream), cudaErrorNotReady);
  ASSERT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
  EXPECT_EQ(pinned.data[1], 11u);
  EXPECT_EQ(cudaStreamDestroy(stream), cudaSuccess);
}

TEST_F(runtime, streams_wait_for_events_of_others) {
  simt::set_stream_order(simt::stream_order::late);
  device_array array(std::vector<unsigned>(4, 0));
  cudaStream_t first = nullptr;
  cudaStream_t second = nullptr;
  cudaEvent_t event = nullptr;
  ASSERT_EQ(cudaStreamCreateWithFlags(&first, cudaStreamNonBlocking), cudaSuccess);
  ASSERT_EQ(cudaStreamCreateWithFlags(&second, cudaStreamNonBlocking), cudaSuccess);
  ASSERT_EQ(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), cudaSuccess);
  ASSERT_EQ(launch({dim3(1), dim3(32), 0, first}, &add, array.data(), 4u, 5u), cudaSuccess);
  ASSERT_EQ(cudaEventRecord(event, first), cudaSuccess);
  ASSERT_EQ(cudaMemsetAsync(array.data(), 1, 4, first), cudaSuccess);
  ASSERT_EQ(cudaStreamWaitEvent(second, event), cudaSuccess);
  pinned_array pinned(4);
  ASSERT_EQ(cudaMemcpyAsync(pinned.data, array.data(), 16, cudaMemcpyDeviceToHost, second), cudaSuccess);
  EXPECT_EQ(cudaEventQuery(event), cudaErrorNotReady);
  ASSERT_EQ(cudaStreamSynchronize(second), cudaSuccess);
  // What came before the event, and nothing that came after it.
  EXPECT_EQ(pinned.data[0], 5u);
  EXPECT_EQ(cudaEventQuery(event), cudaSuccess);
  EXPECT_EQ(cudaStreamDestroy(first), cudaSuccess);
  EXPECT_EQ(cudaStreamDestroy(second), cudaSuccess);
  EXPECT_EQ(cudaEventDestroy(event), cudaSuccess);
}

TEST_F(runtime, a_captured_stream_is_repeated_and_neither_allocates_nor_waits) {
  device_array array(std::vector<unsigned>(4, 0));
  cudaStream_t stream = nullptr;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  ASSERT_EQ(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
  ASSERT_EQ(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal), cudaSuccess);
  ASSERT_EQ(launch({dim3(1), dim3(32), 0, stream}, &add, array.data(), 4u, 2u), cudaSuccess);
  void *memory = nullptr;
  EXPECT_EQ(cudaMalloc(&memory, 16), cudaErrorStreamCaptureUnsupported);
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaErrorStreamCaptureUnsupported);
  EXPECT_EQ(cudaDeviceSynchronize(), cudaErrorStreamCaptureUnsupported);
  ASSERT_EQ(cudaStreamEndCapture(stream, &graph), cudaSuccess);
  EXPECT_EQ(array.values(), std::vector<unsigned>(4, 0));
  ASSERT_EQ(cudaGraphInstantiate(&executable, graph), cudaSuccess);
  ASSERT_EQ(cudaGraphLaunch(executable, stream), cudaSuccess);
  ASSERT_EQ(cudaGraphLaunch(executable, stream), cudaSuccess);
  ASSERT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
  EXPECT_EQ(array.values(), std::vector<unsigned>(4, 4));
  EXPECT_EQ(cudaGraphExecDestroy(executable), cudaSuccess);
  EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
  EXPECT_EQ(cudaStreamDestroy(stream), cudaSuccess);
}

TEST_F(runtime, threads_of_the_host_run_grids_beside_each_other) {
  std::vector<std::thread> threads;
  std::vector<std::vector<unsigned>> found(4);
  for (unsigned number = 0; number < found.size(); ++number) {
    threads.emplace_back([number, &found] {
      cudaStream_t stream = nullptr;
      EXPECT_EQ(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
      device_array array(std::vector<unsigned>(100, number));
      for (unsigned times = 0; times < 3; ++times) {
        EXPECT_EQ(launch({dim3(4), dim3(32), 0, stream}, &add, array.data(), 100u, 7u), cudaSuccess);
      }
      EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
      found[number] = array.values();
      EXPECT_EQ(cudaStreamDestroy(stream), cudaSuccess);
    });
  }
  for (std::thread &thread : threads) {
    thread.join();
  }
  for (unsigned number = 0; number < found.size(); ++number) {
    EXPECT_EQ(found[number], std::vector<unsigned>(100, number + 21));
  }
}

}  // namespace
}  // namespace libmatch::cuda
