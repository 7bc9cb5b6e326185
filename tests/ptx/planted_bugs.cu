// The kernels of tests/simt with their planted mistakes, for nvcc.
#include "tests/simt/planted_bugs.cuh"

namespace libmatch::cuda {

#define LM_PLANTED(kernel, bug)                                                                                   \
  template __global__ void kernel<planted::bug>(const std::uint32_t *, unsigned, const std::uint32_t *, unsigned, \
                                                std::uint32_t *);

LM_PLANTED(distance_sums, nothing)
LM_PLANTED(distance_sums, no_barrier_before_fill)
LM_PLANTED(distance_sums, no_barrier_after_fill)
LM_PLANTED(distance_sums, shared_write_beyond)
LM_PLANTED(distance_sums, shared_read_beyond)
LM_PLANTED(distance_sums, divergent_barrier)
LM_PLANTED(distance_sums, early_return)
LM_PLANTED(distance_sums_by_copies, nothing)
LM_PLANTED(distance_sums_by_copies, no_copy_wait)
LM_PLANTED(matches_by_votes, nothing)
LM_PLANTED(matches_by_votes, divergent_collective)
LM_PLANTED(matches_by_votes, racing_blocks)
LM_PLANTED(distances_of_neighbours, nothing)
LM_PLANTED(distances_of_neighbours, no_syncwarp)

}  // namespace libmatch::cuda
