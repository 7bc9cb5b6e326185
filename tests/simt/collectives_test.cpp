// What lanes and threads do together, against what CUDA's programming guide says of each call.
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "instructions.cuh"
#include "launch.cuh"
#include "simt/executor.h"
#include "simt_run.h"

namespace libmatch::cuda {
namespace {

constexpr unsigned results = 20;

__global__ void shuffles(unsigned *out) {
  const unsigned lane = threadIdx.x % 32;
  unsigned *const mine = out + threadIdx.x * results;
  const unsigned value = 100 + threadIdx.x;
  mine[0] = __shfl_sync(all_lanes, value, 5);
  mine[1] = __shfl_sync(all_lanes, value, 35);
  mine[2] = __shfl_sync(all_lanes, value, 3, 8);
  mine[3] = __shfl_up_sync(all_lanes, value, 2);
  mine[4] = __shfl_down_sync(all_lanes, value, 3, 16);
  mine[5] = __shfl_xor_sync(all_lanes, value, 9);
  mine[6] = static_cast<unsigned>(__shfl_sync(all_lanes, 0x100000000ULL * value, 1) >> 32);
  mine[7] = __float_as_uint(__shfl_sync(all_lanes, static_cast<float>(lane), 7));
  // Two halves of the warp, each by itself.
  const unsigned half = lane < 16 ? 0x0000FFFFu : 0xFFFF0000u;
  mine[8] = __shfl_sync(half, value, lane < 16 ? 2 : 18);
  mine[9] = __ballot_sync(half, lane % 3 == 0);
  mine[10] = __ballot_sync(all_lanes, lane % 5 == 1);
  mine[11] = static_cast<unsigned>(__any_sync(all_lanes, lane == 31) + 2 * __any_sync(all_lanes, lane == 32));
  mine[12] = static_cast<unsigned>(__all_sync(all_lanes, lane < 32) + 2 * __all_sync(all_lanes, lane < 31));
  mine[13] = __match_any_sync(all_lanes, lane % 4);
  int equal = -1;
  mine[14] = __match_all_sync(all_lanes, lane / 32, &equal) + static_cast<unsigned>(equal);
  mine[15] = __reduce_add_sync(all_lanes, lane);
  mine[16] = static_cast<unsigned>(__reduce_min_sync(all_lanes, 3 - static_cast<int>(lane)));
  mine[17] = __reduce_max_sync(all_lanes, lane ^ 21u);
  mine[18] = __reduce_xor_sync(all_lanes, lane | 64u);
  mine[19] = __reduce_or_sync(half, 1u << lane) & ~__reduce_and_sync(half, lane | 128u);
}

unsigned ballot_where(const std::function<bool(unsigned)> &holds) {
  unsigned ballot = 0;
  for (unsigned lane = 0; lane < 32; ++lane) {
    ballot |= holds(lane) ? 1u << lane : 0u;
  }
  return ballot;
}

TEST(collectives, lanes_exchange_and_vote) {
  simt::for_each_seed(simt::tested_seeds, [](const std::string &seed) {
    constexpr unsigned threads = 64;
    const std::vector<unsigned> out = run_kernel(&shuffles, {dim3(1), dim3(threads)}, threads * results);
    for (unsigned thread = 0; thread < threads; ++thread) {
      const unsigned lane = thread % 32;
      const unsigned base = 100 + thread - lane;
      const bool low = lane < 16;
      const unsigned expected[results] = {
          base + 5,
          base + 3,
          base + lane / 8 * 8 + 3,
          lane < 2 ? base + lane : base + lane - 2,
          lane % 16 + 3 < 16 ? base + lane + 3 : base + lane,
          base + (lane ^ 9u),
          base + 1,
          __float_as_uint(7.0F),
          low ? base + 2 : base + 18,
          ballot_where([](unsigned of) { return of % 3 == 0; }) & (low ? 0xFFFFu : 0xFFFF0000u),
          ballot_where([](unsigned of) { return of % 5 == 1; }),
          1,
          1,
          0x11111111u << lane % 4,
          // All lanes, and the predicate: 2^32 - 1 + 1.
          0,
          496,
          static_cast<unsigned>(-28),
          31,
          // 0 ^ 1 ^ … ^ 31 and an even number of 64s.
          0,
          low ? 0x0000FFFFu & ~128u : 0xFFFF0000u & ~(128u | 16u),
      };
      for (unsigned i = 0; i < results; ++i) {
        ASSERT_EQ(out[thread * results + i], expected[i]) << seed << ", thread " << thread << ", result " << i;
      }
    }
  });
}

__global__ void block_votes(unsigned *out) {
  LM_SHARED(unsigned, total, 1);
  if (threadIdx.x == 0 && threadIdx.y == 0) {
    total[0] = 0;
  }
  __syncthreads();
  atomicAdd(total, threadIdx.x + 10 * threadIdx.y);
  const int threads = static_cast<int>(blockDim.x * blockDim.y);
  const auto number = static_cast<int>(threadIdx.x + blockDim.x * threadIdx.y);
  const int counted = __syncthreads_count(number % 3 == 0 ? 7 : 0);
  const int any = __syncthreads_or(number == threads - 1 ? 1 : 0);
  const int none = __syncthreads_or(number == threads ? 1 : 0);
  const int all = __syncthreads_and(number < threads ? 1 : 0);
  const int not_all = __syncthreads_and(number < threads - 1 ? 1 : 0);
  out[number] = total[0] + 1000u * static_cast<unsigned>(counted) + (any != 0 ? 100000u : 0u) +
                (none != 0 ? 200000u : 0u) + (all != 0 ? 400000u : 0u) + (not_all != 0 ? 800000u : 0u);
}

TEST(collectives, threads_of_a_block_meet_and_vote) {
  simt::for_each_seed(simt::tested_seeds, [](const std::string &seed) {
    const std::vector<unsigned> out = run_kernel(&block_votes, {dim3(1), dim3(10, 5)}, 50);
    // Of 50 threads 17 are a multiple of 3; 5 rows of 0 to 9, 10 columns of 0, 10, … 40.
    EXPECT_EQ(out, std::vector<unsigned>(50, 5 * 45 + 10 * 100 + 17000u + 500000u)) << seed;
  });
}

__global__ void atomics(unsigned *out) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  atomicAdd(&out[0], i);
  atomicSub(&out[1], 1u);
  atomicMax(&out[2], i * 7 % 64);
  atomicMin(&out[3], 1000 - i);
  atomicOr(&out[4], 1u << i % 32);
  atomicAnd(&out[5], ~(1u << i % 5));
  atomicXor(&out[6], i);
  // Each takes the lock's number as its own once.
  for (unsigned seen = out[0] * 0; atomicCAS(&out[7], seen, seen + 1) != seen; ++seen) {
  }
  auto *const wide = reinterpret_cast<unsigned long long *>(out + 8);
  atomicAdd(wide, 0x100000001ULL);
  atomicExch(&out[10], 5u);
}

TEST(collectives, atomic_operations_lose_nothing) {
  simt::for_each_seed(simt::tested_seeds, [](const std::string &seed) {
    std::vector<unsigned> start(11, 0);
    start[3] = 5000;
    start[5] = 0xFFFFFFFFu;
    const std::vector<unsigned> out = run_kernel(&atomics, {dim3(3), dim3(32)}, start);
    unsigned exclusive = 0;
    for (unsigned i = 0; i < 96; ++i) {
      exclusive ^= i;
    }
    EXPECT_EQ(out, (std::vector<unsigned>{95 * 96 / 2, 0u - 96, 63, 905, 0xFFFFFFFFu, 0xFFFFFFE0u, exclusive, 96, 96,
                                          96, 5}))
        << seed;
  });
}

// The whole of both forms of bit products against their definition by shuffles.
__global__ void bit_products(unsigned *out) {
  const unsigned lane = threadIdx.x;
  std::uint32_t a[4];
  std::uint32_t b[2];
  for (unsigned i = 0; i < 4; ++i) {
    a[i] = (lane + 1) * 0x9E3779B9u * (i + 3) ^ lane << 13;
    b[i / 2] = (lane + 7) * 0x85EBCA6Bu * (i + 1) ^ lane << 7;
  }
  const std::int32_t c[4] = {static_cast<std::int32_t>(lane), -4, 0, 1000};
  std::int32_t by_executor[4];
  std::int32_t by_shuffles[4];
  mma_and_popc_m16n8k256(by_executor, a, b, c);
  bit_mma_by_shuffles<true>(by_shuffles, a, b, c);
  unsigned *const mine = out + 20 * lane;
  for (unsigned i = 0; i < 4; ++i) {
    mine[i] = static_cast<unsigned>(by_executor[i]);
    mine[10 + i] = static_cast<unsigned>(by_shuffles[i]);
  }
  mma_xor_popc_m16n8k256(by_executor, a, b, c);
  bit_mma_by_shuffles<false>(by_shuffles, a, b, c);
  for (unsigned i = 0; i < 4; ++i) {
    mine[4 + i] = static_cast<unsigned>(by_executor[i]);
    mine[14 + i] = static_cast<unsigned>(by_shuffles[i]);
  }
  std::int32_t narrow[2];
  mma_xor_popc_m8n8k128(narrow, a[0], b[0], {c[0], c[1]});
  bit_mma_by_shuffles<false>(by_shuffles, {a[0], 0, 0, 0}, {b[0], 0}, c);
  for (unsigned i = 0; i < 2; ++i) {
    mine[8 + i] = static_cast<unsigned>(narrow[i]);
    mine[18 + i] = static_cast<unsigned>(by_shuffles[i]);
  }
}

TEST(collectives, bit_products_are_as_defined) {
  const std::vector<unsigned> out = run_kernel(&bit_products, {dim3(1), dim3(32)}, 32 * 20);
  for (unsigned lane = 0; lane < 32; ++lane) {
    for (unsigned i = 0; i < 10; ++i) {
      EXPECT_EQ(out[20 * lane + i], out[20 * lane + 10 + i]) << "lane " << lane << ", result " << i;
    }
  }
}

TEST(collectives, the_first_bit_product_by_hand) {
  // Row 0 of A and column 0 of B alone: of lanes 0 to 3.
  const std::vector<unsigned> out = run_kernel(&bit_products, {dim3(1), dim3(32)}, 32 * 20);
  unsigned both = 0;
  for (unsigned lane = 0; lane < 4; ++lane) {
    for (unsigned half = 0; half < 2; ++half) {
      const unsigned a = (lane + 1) * 0x9E3779B9u * (2 * half + 3) ^ lane << 13;
      const unsigned b = (lane + 7) * 0x85EBCA6Bu * (2 * half + 2) ^ lane << 7;
      both += static_cast<unsigned>(std::popcount(a & b));
    }
  }
  EXPECT_EQ(out[0], both);
}

// Copies of three groups, of which the last is half zeros.
__global__ void copies(const uint4 *from, unsigned *out) {
  LM_DYNAMIC_SHARED(uint4, tile);
  const unsigned i = threadIdx.x;
  for (unsigned group = 0; group < 3; ++group) {
    copy_async_16(&tile[3 * i + group], &from[3 * i + group], group < 2 || i % 2 == 0);
    copy_async_commit();
  }
  copy_async_wait<2>();
  out[3 * i] = tile[3 * i].x + tile[3 * i].w;
  copy_async_wait<0>();
  out[3 * i + 1] = tile[3 * i + 1].y;
  out[3 * i + 2] = tile[3 * i + 2].z;
}

TEST(collectives, copies_arrive_by_groups) {
  std::vector<unsigned> values(32 * 12);
  for (unsigned i = 0; i < values.size(); ++i) {
    values[i] = 3 * i + 1;
  }
  simt::for_each_seed(simt::tested_seeds, [&values](const std::string &seed) {
    device_array from(values);
    const std::vector<unsigned> out = run_kernel(&copies, {dim3(1), dim3(32), 32 * 3 * sizeof(uint4)},
                                                 std::vector<unsigned>(96, 0), from.as<const uint4>());
    for (unsigned i = 0; i < 32; ++i) {
      EXPECT_EQ(out[3 * i], values[12 * i] + values[12 * i + 3]) << seed;
      EXPECT_EQ(out[3 * i + 1], values[12 * i + 5]) << seed;
      EXPECT_EQ(out[3 * i + 2], i % 2 == 0 ? values[12 * i + 10] : 0) << seed;
    }
  });
}

// The last block to finish sums what all have written, which the fences put in order.
__global__ void last_block(unsigned *out) {
  LM_SHARED(unsigned, last, 1);
  if (threadIdx.x == 0) {
    out[2 + blockIdx.x] = 10 + blockIdx.x;
    __threadfence();
    last[0] = atomicAdd(&out[0], 1u) == gridDim.x - 1 ? 1 : 0;
    __threadfence();
  }
  __syncthreads();
  if (last[0] != 0 && threadIdx.x == 1) {
    unsigned sum = 0;
    for (unsigned i = 0; i < gridDim.x; ++i) {
      sum += out[2 + i];
    }
    out[1] = sum;
  }
}

TEST(collectives, fences_order_blocks) {
  simt::for_each_seed(simt::tested_seeds, [](const std::string &seed) {
    const std::vector<unsigned> out = run_kernel(&last_block, {dim3(5), dim3(32)}, std::vector<unsigned>(7, 0));
    EXPECT_EQ(out, (std::vector<unsigned>{5, 60, 10, 11, 12, 13, 14})) << seed;
  });
}

}  // namespace
}  // namespace libmatch::cuda
