// Multi-index hashing on a device (libmatch/src/search/buckets.h says why it misses nothing): a table for every 16
// bits of a code holds all rows by the bucket that those bits name, and a query looks at the buckets whose names
// differ in few bits from its own.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "hits.cuh"
#include "instructions.cuh"
#include "launch.cuh"
#include "search_views.h"

namespace libmatch::cuda {

inline constexpr std::uint32_t bucket_bits = 16;
inline constexpr std::uint32_t n_buckets = 1U << bucket_bits;
inline constexpr std::uint32_t bucket_block_threads = 256;

__device__ inline std::uint32_t bucket_of(const std::uint32_t *code, std::uint32_t table) {
  return code[table / 2] >> (bucket_bits * (table % 2)) & (n_buckets - 1);
}

// The word of a code that stands at place i beside the rows of a table: those before the one that names the bucket,
// cyclically.
__device__ inline std::uint32_t word_beside(std::uint32_t table, std::uint32_t i, std::uint32_t width_words) {
  return (table / 2 + width_words - 1 - i) % width_words;
}

// The name of every row's bucket. A thread a row.
static __global__ void name_buckets(const std::uint32_t *__restrict__ rows, std::uint32_t n_rows,
                                    std::uint32_t width_words, std::uint32_t table, std::uint16_t *names,
                                    std::uint32_t *row_numbers) {
  const std::uint64_t row = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (row >= n_rows) return;
  names[row] = static_cast<std::uint16_t>(bucket_of(rows + row * width_words, table));
  row_numbers[row] = static_cast<std::uint32_t>(row);
}

// Words of the rows of a table, in the order of the table: word i of position p at words[i x n_rows + p].
static __global__ void copy_words_beside(const std::uint32_t *__restrict__ rows, std::uint32_t n_rows,
                                         std::uint32_t width_words, std::uint32_t table, std::uint32_t n_beside,
                                         const std::uint32_t *__restrict__ table_rows, std::uint32_t *words) {
  const std::uint64_t position = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (position >= n_rows) return;
  const std::uint32_t *code = rows + std::uint64_t{table_rows[position]} * width_words;
  for (std::uint32_t i = 0; i < n_beside; ++i) {
    words[std::uint64_t{i} * n_rows + position] = code[word_beside(table, i, width_words)];
  }
}

// The rows of the largest bucket of all tables, which `starts` has one behind the other; `largest` begins as 0.
// Threads take starts a grid apart, warps whole. Behind the last bucket of a table comes the first start of the next,
// which is less.
static __global__ void find_largest_bucket(const std::uint32_t *__restrict__ starts, std::uint32_t n_starts,
                                           std::uint32_t *largest) {
  std::uint32_t size = 0;
  for (std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i + 1 < n_starts; i += gridDim.x * blockDim.x) {
    if (starts[i + 1] > starts[i]) size = max(size, starts[i + 1] - starts[i]);
  }
#pragma unroll
  for (int other = 16; other > 0; other /= 2) size = max(size, __shfl_xor_sync(all_lanes, size, other));
  if ((threadIdx.x & 31U) == 0) atomicMax(largest, size);
}

// Within how many bits of a query's name each table is asked: larger_radius in the first so many tables, one less in
// the others; what becomes less than 0 is not asked.
struct probe_radii {
  std::int32_t larger_radius;
  std::uint32_t n_larger;

  __host__ __device__ std::int32_t of(std::uint32_t table) const {
    return table < n_larger ? larger_radius : larger_radius - 1;
  }
};

// Radii that names are enumerated for.
inline constexpr std::int32_t probe_radius_most = 2;

__host__ __device__ inline std::uint32_t names_within(std::int32_t radius) {
  const std::uint32_t pairs = bucket_bits * (bucket_bits - 1) / 2;
  return radius < 0 ? 0 : radius == 0 ? 1 : radius == 1 ? 1 + bucket_bits : 1 + bucket_bits + pairs;
}

// The i-th word of 16 bits with at most two bits set, by number of bits.
__device__ inline std::uint32_t name_change(std::uint32_t i) {
  if (i == 0) return 0;
  if (i <= bucket_bits) return 1U << (i - 1);
  std::uint32_t lower = i - 1 - bucket_bits;
  std::uint32_t higher = 1;
  while (lower >= higher) lower -= higher++;
  return (1U << lower) | (1U << higher);
}

// Whether a table before this one leads from the query to the row, too, and so reports it.
inline __device__ bool found_before(const std::uint32_t *row, const std::uint32_t *query, std::uint32_t table,
                                    const probe_radii &radii) {
  for (std::uint32_t earlier = 0; earlier < table; ++earlier) {
    if (__popc(bucket_of(row, earlier) ^ bucket_of(query, earlier)) <= radii.of(earlier)) return true;
  }
  return false;
}

// Compares a row that is near on the words beside it whole.
inline __device__ void settle_candidate(const segment_part &segment, const query_part &queries,
                                        const probe_radii &radii, const hit_sink &sink, std::uint32_t table,
                                        std::uint32_t row, std::uint32_t query) {
  const std::uint32_t *code = segment.rows + std::uint64_t{row} * segment.width_words;
  const std::uint32_t *wanted = queries.rows + std::uint64_t{query} * segment.width_words;
  std::int32_t distance = 0;
  for (std::uint32_t w = 0; w < segment.width_words; ++w) distance += __popc(code[w] ^ wanted[w]);
  if (distance <= queries.limits[query] && !is_removed(segment.removed, row) &&
      !found_before(code, wanted, table, radii)) {
    report(sink, queries.first + query, segment.number, row, static_cast<std::uint32_t>(distance));
  }
}

// A warp a query and table, of the first n_tables: lanes first find their buckets, then go through each together.
// n_beside: 3, or 2, which is the whole code.
template <std::uint32_t n_beside>
__global__ void __launch_bounds__(bucket_block_threads)
    probe_buckets(const segment_part segment, const bucket_part buckets, const query_part queries,
                  const probe_radii radii, std::uint32_t n_tables, const hit_sink sink) {
  const std::uint32_t lane = threadIdx.x & 31U;
  const std::uint64_t warp = (std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x) / 32;
  if (warp >= std::uint64_t{queries.size} * n_tables) return;  // the whole warp
  const auto query = static_cast<std::uint32_t>(warp / n_tables);
  const auto table = static_cast<std::uint32_t>(warp % n_tables);
  const std::uint32_t *wanted = queries.rows + std::uint64_t{query} * segment.width_words;
  const std::int32_t limit = queries.limits[query];
  std::uint32_t beside[n_beside];
#pragma unroll
  for (std::uint32_t i = 0; i < n_beside; ++i) beside[i] = wanted[word_beside(table, i, segment.width_words)];
  const std::uint32_t *starts = buckets.starts + std::uint64_t{table} * (n_buckets + 1);
  const std::uint32_t *rows = buckets.rows + std::uint64_t{table} * segment.size;
  const std::uint32_t *words = buckets.words + std::uint64_t{table} * n_beside * segment.size;
  const std::uint32_t name = bucket_of(wanted, table);
  const std::uint32_t n_names = names_within(radii.of(table));
  for (std::uint32_t first = 0; first < n_names; first += 32) {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::int32_t limit_beside = limit;
    if (first + lane < n_names) {
      const std::uint32_t change = name_change(first + lane);
      begin = starts[name ^ change];
      end = starts[(name ^ change) + 1];
      // The bits that differ in the names do so outside the words beside, unless those are the whole code.
      if (n_beside > 2) limit_beside -= __popc(change);
    }
    unsigned filled = __ballot_sync(all_lanes, begin < end);
    while (filled != 0) {
      const int holder = __ffs(static_cast<int>(filled)) - 1;
      filled &= filled - 1;
      const std::uint32_t bucket_begin = __shfl_sync(all_lanes, begin, holder);
      const std::uint32_t bucket_end = __shfl_sync(all_lanes, end, holder);
      const std::int32_t bucket_limit = __shfl_sync(all_lanes, limit_beside, holder);
      for (std::uint32_t position = bucket_begin + lane; position < bucket_end; position += 32) {
        std::int32_t distance = 0;
#pragma unroll
        for (std::uint32_t i = 0; i < n_beside; ++i) {
          distance += __popc(words[std::uint64_t{i} * segment.size + position] ^ beside[i]);
        }
        if (distance <= bucket_limit) settle_candidate(segment, queries, radii, sink, table, rows[position], query);
      }
    }
  }
}

}  // namespace libmatch::cuda
