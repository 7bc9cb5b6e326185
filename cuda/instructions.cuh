// The instructions that CUDA C++ has no intrinsic for: the one place of inline assembly. Each function has three
// branches: the assembly where the architecture has the instruction, the executor of tests/simt (LIBMATCH_SIMT), and
// the same by ordinary code, which is also the definition that the other two are tested against.
//
// Bits are multiplied by whole warps: all 32 lanes must arrive together. With g = lane / 4 and t = lane % 4,
// fragments are laid out as in the PTX ISA, "Matrix Fragments for mma":
//
//   m16n8k256   a[0] = A[g][t]     a[1] = A[g + 8][t]      a[2] = A[g][t + 4]     a[3] = A[g + 8][t + 4]
//               b[0] = B[t][g]     b[1] = B[t + 4][g]
//               c[0] = C[g][2t]    c[1] = C[g][2t + 1]     c[2] = C[g + 8][2t]    c[3] = C[g + 8][2t + 1]
//   m8n8k128    a = A[g][t]        b = B[t][g]             c[0] = C[g][2t]        c[1] = C[g][2t + 1]
//
// A[row][word] and B[word][column] are words of 32 bits, so that A holds 16 or 8 codes as rows and B 8 codes as
// columns. How the bits lie in a code does not matter as long as both sides agree: the sum goes over all of them.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#ifdef LIBMATCH_SIMT
#include "warp_instructions.h"
#endif

namespace libmatch::cuda {

// The mask of a whole warp.
inline constexpr unsigned all_lanes = 0xffffffffU;

// The majority of a, b and a third bit, in each place, where only parity = a ^ b ^ third is known: where a and b
// agree it is a, else the third, which then is not the parity. Spelled out because the assembler would pull
// operations in front of this one into it and need three for what one does.
__device__ inline std::uint32_t majority_by_parity(std::uint32_t a, std::uint32_t b, std::uint32_t parity) {
#if defined(__CUDA_ARCH__)
  std::uint32_t result;
  asm("lop3.b32 %0, %1, %2, %3, 0xd4;" : "=r"(result) : "r"(a), "r"(b), "r"(parity));
  return result;
#else
  const std::uint32_t differ = a ^ b;
  return (differ & ~parity) | (a & ~differ);
#endif
}

// The assembler would rather work a value out anew in a loop than keep it: after this it does not know how.
template <typename Integer>
__device__ inline void keep_in_register([[maybe_unused]] Integer &value) {
  static_assert(sizeof(Integer) == 4);
#if defined(__CUDA_ARCH__)
  asm("" : "+r"(value));
#endif
}

// d = c + popcounts of all pairs, by shuffles.
template <bool by_and>
__device__ inline void bit_mma_by_shuffles(std::int32_t (&d)[4], const std::uint32_t (&a)[4],
                                           const std::uint32_t (&b)[2], const std::int32_t (&c)[4]) {
  const int lane = static_cast<int>(threadIdx.x & 31U);
  const int row_lane = lane & ~3;
  const int column_lane = 8 * (lane & 3);
  std::int32_t sums[4] = {c[0], c[1], c[2], c[3]};
  for (int word = 0; word < 8; ++word) {
    const int part = word >> 2;
    const int within = word & 3;
    std::uint32_t rows[2];
    std::uint32_t columns[2];
    for (int half = 0; half < 2; ++half) {
      rows[half] = __shfl_sync(all_lanes, a[2 * part + half], row_lane + within);
      columns[half] = __shfl_sync(all_lanes, b[part], column_lane + 4 * half + within);
    }
    for (int i = 0; i < 4; ++i) {
      const std::uint32_t row = rows[i >> 1];
      const std::uint32_t column = columns[i & 1];
      sums[i] += __popc(by_and ? row & column : row ^ column);
    }
  }
  for (int i = 0; i < 4; ++i) d[i] = sums[i];
}

// d[row][column] = c[row][column] + popcount(A[row] & B[column]), 256 bits. sm_80 and later.
__device__ inline void mma_and_popc_m16n8k256(std::int32_t (&d)[4], const std::uint32_t (&a)[4],
                                              const std::uint32_t (&b)[2], const std::int32_t (&c)[4]) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.and.popc "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};"
      : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
#elif defined(LIBMATCH_SIMT)
  simt::bit_mma_m16n8k256(simt::bit_operation::and_bits, d, a, b, c);
#else
  bit_mma_by_shuffles<true>(d, a, b, c);
#endif
}

// d[row][column] = c[row][column] + the Hamming distance of A[row] and B[column], 256 bits. One instruction on sm_80
// to sm_89; on sm_90 the assembler makes two multiplications of it, so that `and` is better there.
__device__ inline void mma_xor_popc_m16n8k256(std::int32_t (&d)[4], const std::uint32_t (&a)[4],
                                              const std::uint32_t (&b)[2], const std::int32_t (&c)[4]) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.xor.popc "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};"
      : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
#elif defined(LIBMATCH_SIMT)
  simt::bit_mma_m16n8k256(simt::bit_operation::xor_bits, d, a, b, c);
#else
  bit_mma_by_shuffles<false>(d, a, b, c);
#endif
}

// d[row][column] = c[row][column] + the Hamming distance of A[row] and B[column], 128 bits. The one form of sm_75.
__device__ inline void mma_xor_popc_m8n8k128(std::int32_t (&d)[2], std::uint32_t a, std::uint32_t b,
                                             const std::int32_t (&c)[2]) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 750
  asm volatile("mma.sync.aligned.m8n8k128.row.col.s32.b1.b1.s32.xor.popc {%0, %1}, {%2}, {%3}, {%4, %5};"
               : "=r"(d[0]), "=r"(d[1])
               : "r"(a), "r"(b), "r"(c[0]), "r"(c[1]));
#elif defined(LIBMATCH_SIMT)
  simt::bit_mma_m8n8k128(d, a, b, c);
#else
  const std::uint32_t rows[4] = {a, 0, 0, 0};
  const std::uint32_t columns[2] = {b, 0};
  const std::int32_t sums[4] = {c[0], c[1], 0, 0};
  std::int32_t result[4];
  bit_mma_by_shuffles<false>(result, rows, columns, sums);
  d[0] = result[0];
  d[1] = result[1];
#endif
}

// Starts copying 16 bytes from global to shared memory, both aligned to 16; where `present` is false, 16 zero bytes
// are written and `global` is not read. What was copied may be read after copy_async_wait() by the lane that started
// it, and by others after a barrier behind that. Before sm_80 the copy is done at once.
__device__ inline void copy_async_16(void *shared, const void *global, bool present = true) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
  const std::uint32_t bytes = present ? 16U : 0U;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" : : "r"(address), "l"(global), "r"(bytes) : "memory");
#elif defined(LIBMATCH_SIMT)
  simt::copy_async(shared, global, 16, present ? 16 : 0);
#else
  *static_cast<uint4 *>(shared) = present ? *static_cast<const uint4 *>(global) : make_uint4(0, 0, 0, 0);
#endif
}

// Ends a group: the copies that this lane started since the last one.
__device__ inline void copy_async_commit() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" : : : "memory");
#elif defined(LIBMATCH_SIMT)
  simt::copy_async_commit();
#endif
}

// Waits until at most `groups_left` of this lane's groups, the latest, are still under way.
template <int groups_left>
__device__ inline void copy_async_wait() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" : : "n"(groups_left) : "memory");
#elif defined(LIBMATCH_SIMT)
  simt::copy_async_wait(groups_left);
#endif
}

}  // namespace libmatch::cuda
