// What device code knows of itself: its place in grid and block, shared memory, barriers of the block, fences, copies
// that arrive later.
#pragma once

#include <cstddef>

#include "simt/types.h"

// Set before a thread is resumed. They belong to the thread of the host that runs the grid.
inline thread_local constinit uint3 threadIdx{};
inline thread_local constinit uint3 blockIdx{};
inline thread_local constinit uint3 blockDim{};
inline thread_local constinit uint3 gridDim{};
inline constexpr int warpSize = 32;

namespace libmatch::simt {

// A line of a kernel: what messages name, and by which threads that ought to meet are known to have met.
struct source_line {
  const char *file;
  int line;
};

enum class barrier_vote { count, any, all };

// All threads of the block meet, and what they wrote is seen by all. Returns the votes taken together.
int block_barrier(bool vote, barrier_vote taken, source_line where);

// The block's array of this key, made by the first thread that asks; its bytes begin as garbage.
void *shared_array(const void *key, std::size_t bytes, std::size_t alignment);
// The bytes that the launch asked for.
void *dynamic_shared_memory();

// A copy of 4, 8 or 16 bytes to shared memory that may arrive at any time until it is waited for; what of it is
// beyond `bytes_there` becomes zero. Copies belong to the group that the thread's next commit closes; a wait leaves
// so many of its latest groups under way.
void copy_async(void *shared, const void *global, std::size_t bytes, std::size_t bytes_there,
                const char *file = __builtin_FILE(), int line = __builtin_LINE());
void copy_async_commit();
void copy_async_wait(unsigned groups_left);

// An error of the kernel found by the kernel: the grid ends, and the stream reports it.
[[noreturn]] void fail_kernel(const char *reason, source_line where);

}  // namespace libmatch::simt

inline void __syncthreads(const char *file = __builtin_FILE(), int line = __builtin_LINE()) {
  libmatch::simt::block_barrier(false, libmatch::simt::barrier_vote::count, {file, line});
}
inline int __syncthreads_count(int vote, const char *file = __builtin_FILE(), int line = __builtin_LINE()) {
  return libmatch::simt::block_barrier(vote != 0, libmatch::simt::barrier_vote::count, {file, line});
}
inline int __syncthreads_or(int vote, const char *file = __builtin_FILE(), int line = __builtin_LINE()) {
  return libmatch::simt::block_barrier(vote != 0, libmatch::simt::barrier_vote::any, {file, line});
}
inline int __syncthreads_and(int vote, const char *file = __builtin_FILE(), int line = __builtin_LINE()) {
  return libmatch::simt::block_barrier(vote != 0, libmatch::simt::barrier_vote::all, {file, line});
}

[[noreturn]] inline void __trap(const char *file = __builtin_FILE(), int line = __builtin_LINE()) {
  libmatch::simt::fail_kernel("__trap", {file, line});
}
