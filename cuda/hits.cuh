// How kernels report hits: into an array of a size that may prove too small. They count what they could not store, so
// that the host can make room and ask again: a result is never cut.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "backend_table.h"

namespace libmatch::cuda {

struct hit_sink {
  table_hit *hits;
  unsigned long long *count;  // of all hits, stored or not
  std::uint64_t capacity;
};

inline __device__ void report(const hit_sink &sink, std::uint32_t query, std::uint32_t segment, std::uint32_t row,
                              std::uint32_t distance) {
  const unsigned long long place = atomicAdd(sink.count, 1ULL);
  if (place < sink.capacity) {
    sink.hits[place] = table_hit{query, segment, row, distance};
  }
}

inline __device__ bool is_removed(const std::uint32_t *removed, std::uint32_t row) {
  return removed != nullptr && ((removed[row >> 5] >> (row & 31U)) & 1U) != 0;
}

}  // namespace libmatch::cuda
