// What tests set and ask of the executor, beyond what CUDA's own calls offer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "simt/runtime.h"

namespace libmatch::simt {

// 0: threads and blocks run in order, one block at a time. 1: both reversed. From 2 on: in a random order of this
// seed, with several blocks at once, switching wherever threads can meet. At first that of LM_SIMT_SEED, or 0.
void set_schedule_seed(std::uint64_t seed);
std::uint64_t schedule_seed();

// at_once: what a stream is given is done before the call returns. late: only when something waits for it, as far as
// CUDA allows that; host code that reads a result without waiting, or frees memory still in use, is found out.
enum class stream_order { at_once, late };
void set_stream_order(stream_order order);

struct simulated_device {
  int major = 8;
  int minor = 0;
  int multiprocessors = 3;
  std::size_t memory_bytes = std::size_t{1} << 30;
};
// Replaces the devices there are: at first one of the default. Not while memory is held on any.
void set_devices(const std::vector<simulated_device> &devices);

// Calls fail with this error as if there were no usable driver, until cudaSuccess is set again.
void set_driver_error(cudaError_t error);

// The n-th allocation from now on fails once, of memory of device or host; 0 takes that back.
void fail_allocation(std::size_t n);
// How many were asked for since the program began.
std::size_t allocations_asked();
// How many are held.
std::size_t allocations_held();

// What the last kernel or call of this thread of the host that failed had done wrong; empty if none did. Forgets it.
// Errors of a kernel stay with its device, as in CUDA, until this is called.
std::string take_failure();

// Kernels run so far.
std::size_t grids_run();

}  // namespace libmatch::simt
