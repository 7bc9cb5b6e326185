// Places in an array that many threads append to, taken by a warp at once.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "instructions.cuh"

namespace libmatch::cuda {

// A place for each lane that wants one, from *count on, which grows by as many; all lanes of the warp call it
// together. What a lane gets that wants none is of no use.
__device__ inline std::uint64_t take_places(unsigned long long *count, bool wanted) {
  const std::uint32_t lane = threadIdx.x & 31U;
  const unsigned wanting = __ballot_sync(all_lanes, wanted);
  unsigned long long first = 0;
  if (lane == 0 && wanting != 0) first = atomicAdd(count, static_cast<unsigned long long>(__popc(wanting)));
  first = __shfl_sync(all_lanes, first, 0);
  return first + static_cast<std::uint64_t>(__popc(wanting & ((1U << lane) - 1U)));
}

}  // namespace libmatch::cuda
