// The instructions of cuda/instructions.cuh as the executor has them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "simt/thread.h"
#include "simt/warp.h"

namespace libmatch::simt {

enum class bit_operation { and_bits, xor_bits };

// d = c + the popcounts of all rows of A with all columns of B, for the fragments that cuda/instructions.cuh lays
// out. All 32 lanes take part.
void bit_mma_m16n8k256(bit_operation by, std::int32_t (&d)[4], const std::uint32_t (&a)[4],
                       const std::uint32_t (&b)[2], const std::int32_t (&c)[4], const char *file = __builtin_FILE(),
                       int line = __builtin_LINE());
void bit_mma_m8n8k128(std::int32_t (&d)[2], std::uint32_t a, std::uint32_t b, const std::int32_t (&c)[2],
                      const char *file = __builtin_FILE(), int line = __builtin_LINE());

}  // namespace libmatch::simt
