// Range search among the rows of a segment: which lie within each query's limit. All kernels decide about nearly all
// pairs by less than a comparison of whole codes; what is left is settled by one.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "csa_tile.cuh"
#include "hits.cuh"
#include "instructions.cuh"
#include "launch.cuh"
#include "mma_tile.cuh"
#include "search_views.h"

namespace libmatch::cuda {

// Compares a row and a query whole and reports them where they are near. Either may be one that fills a tile.
inline __device__ void settle(const segment_part &segment, const query_part &queries, const hit_sink &sink,
                              std::uint32_t row, std::uint32_t query) {
  if (row >= segment.size || query >= queries.size) return;
  const std::uint32_t *code = segment.rows + std::uint64_t{row} * segment.width_words;
  const std::uint32_t *wanted = queries.rows + std::uint64_t{query} * segment.width_words;
  std::int32_t distance = 0;
  for (std::uint32_t word = 0; word < segment.width_words; ++word) distance += __popc(code[word] ^ wanted[word]);
  if (distance <= queries.limits[query] && !is_removed(segment.removed, row)) {
    report(sink, queries.first + query, segment.number, row, static_cast<std::uint32_t>(distance));
  }
}

// Nothing is near to a query behind the last.
inline __device__ uint4 prefix_of_query(const query_part &queries, std::uint32_t width_words, std::uint32_t query) {
  if (query >= queries.size) return query_prefix(0, 0, 0, -1);
  const std::uint32_t *words = queries.rows + std::uint64_t{query} * width_words;
  return query_prefix(words[0], words[1], words[2], queries.limits[query]);
}

inline constexpr std::uint32_t range_block_threads = 256;

// For at most stream_queries queries: every row of the plane is read once, four by a thread, then those a grid
// further on.
inline constexpr std::uint32_t stream_queries = 8;

static __global__ void __launch_bounds__(range_block_threads)
    stream_planes(const segment_part segment, const query_part queries, const hit_sink sink) {
  LM_SHARED(uint4, prefixes, stream_queries);
  if (threadIdx.x < stream_queries) {
    prefixes[threadIdx.x] = prefix_of_query(queries, segment.width_words, threadIdx.x);
  }
  __syncthreads();
  const auto *plane = reinterpret_cast<const uint4 *>(segment.plane);
  const std::uint64_t n_groups = segment.plane_stride / 4;
  const std::uint64_t step = std::uint64_t{gridDim.x} * blockDim.x;
  for (std::uint64_t group = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x; group < n_groups; group += step) {
    const uint4 first = plane[group];
    const uint4 second = plane[n_groups + group];
    const uint4 third = plane[2 * n_groups + group];
    const row_prefixes<4> rows{{first.x, first.y, first.z, first.w},
                               {second.x, second.y, second.z, second.w},
                               {first.x ^ second.x ^ third.x, first.y ^ second.y ^ third.y,
                                first.z ^ second.z ^ third.z, first.w ^ second.w ^ third.w}};
    scan_prefixes<1>(rows, prefixes, queries.size, [&](std::uint32_t row, std::uint32_t query) {
      settle(segment, queries, sink, static_cast<std::uint32_t>(4 * group) + row, query);
    });
  }
}

// For many queries: a thread holds eight rows, a block the queries of a tile in shared memory; tiles a grid apart
// follow each other. One random pair in 3,000 is near on 96 bits, so a warp looks closer at one query in twelve: the
// more pairs it has to compare again then, the slower it is, and the fewer it has between two branches, too.
inline constexpr std::uint32_t prefix_block_threads = 128;
inline constexpr std::uint32_t prefix_rows = 8;
inline constexpr std::uint32_t prefix_tile_queries = 64;

static __global__ void __launch_bounds__(prefix_block_threads)
    compare_prefixes(const segment_part segment, const query_part queries, const hit_sink sink) {
  LM_SHARED(uint4, tile, prefix_tile_queries);
  const std::uint64_t first_row = std::uint64_t{blockIdx.x} * blockDim.x * prefix_rows + threadIdx.x;
  row_prefixes<prefix_rows> rows;
  load_row_prefixes(rows, segment.plane, segment.plane_stride, first_row, blockDim.x);
  const std::uint32_t step = gridDim.y * prefix_tile_queries;
  for (std::uint32_t first = blockIdx.y * prefix_tile_queries; first < queries.size; first += step) {
    __syncthreads();  // the tile before was read by all
    for (std::uint32_t q = threadIdx.x; q < prefix_tile_queries; q += blockDim.x) {
      tile[q] = prefix_of_query(queries, segment.width_words, first + q);
    }
    __syncthreads();
    scan_prefixes<1>(
        rows, tile, min(prefix_tile_queries, queries.size - first), [&](std::uint32_t row, std::uint32_t query) {
          settle(segment, queries, sink, static_cast<std::uint32_t>(first_row + row * blockDim.x), first + query);
        });
  }
}

// The ones in n words: full adders make a sum and a carry of every three, so that fewer words are counted.
template <int n>
inline __device__ std::int32_t count_ones(const std::uint32_t (&words)[n]) {
  if constexpr (n < 3) {
    std::int32_t ones = 0;
#pragma unroll
    for (int i = 0; i < n; ++i) ones += __popc(words[i]);
    return ones;
  } else {
    std::uint32_t sums[n / 3 + n % 3];
    std::uint32_t carries[n / 3];
#pragma unroll
    for (int i = 0; i < n / 3; ++i) {
      const std::uint32_t a = words[3 * i];
      const std::uint32_t b = words[3 * i + 1];
      const std::uint32_t c = words[3 * i + 2];
      sums[i] = a ^ b ^ c;
      carries[i] = (a & b) | (c & (a | b));
    }
#pragma unroll
    for (int i = 0; i < n % 3; ++i) sums[n / 3 + i] = words[n / 3 * 3 + i];
    return count_ones(sums) + 2 * count_ones(carries);
  }
}

// The same for distances that 96 bits say little about, and for short codes: the first `words` words of each, a
// thread a row.
template <int words>
struct alignas(8) query_words {
  std::uint32_t word[words];
  std::int32_t limit;
};

template <int words>
__global__ void __launch_bounds__(range_block_threads)
    compare_words(const segment_part segment, const query_part queries, const hit_sink sink) {
  LM_SHARED(query_words<words>, tile, prefix_tile_queries);
  const std::uint32_t row = blockIdx.x * blockDim.x + threadIdx.x;
  const std::uint64_t width = segment.width_words;
  std::uint32_t code[words];
#pragma unroll
  for (int i = 0; i < words; ++i) code[i] = segment.rows[row * width + static_cast<unsigned>(i)];
  const std::uint32_t step = gridDim.y * prefix_tile_queries;
  for (std::uint32_t first = blockIdx.y * prefix_tile_queries; first < queries.size; first += step) {
    const std::uint32_t size = min(prefix_tile_queries, queries.size - first);
    __syncthreads();  // the tile before was read by all
    for (std::uint32_t q = threadIdx.x; q < size; q += blockDim.x) {
#pragma unroll
      for (int i = 0; i < words; ++i) {
        tile[q].word[i] = queries.rows[(first + q) * width + static_cast<unsigned>(i)];
      }
      tile[q].limit = queries.limits[first + q];
    }
    __syncthreads();
#pragma unroll 4
    for (std::uint32_t q = 0; q < size; ++q) {
      std::uint32_t differences[words];
#pragma unroll
      for (int i = 0; i < words; ++i) differences[i] = code[i] ^ tile[q].word[i];
      if (count_ones(differences) <= tile[q].limit) settle(segment, queries, sink, row, first + q);
    }
  }
}

// On other architectures a product is slower than the adders or not there, and its kernel is left empty.
template <bit_product product>
inline constexpr bool is_built =
#ifdef __CUDA_ARCH__
    (product == bit_product::xor_k256 && __CUDA_ARCH__ >= 800 && __CUDA_ARCH__ < 900) ||
    (product == bit_product::and_k256 && __CUDA_ARCH__ >= 900 && __CUDA_ARCH__ < 1000) ||
    (product == bit_product::xor_k128 && __CUDA_ARCH__ < 800);
#else
    true;
#endif

// By the tensor cores, 256-bit codes only. A warp holds 64 rows; the warps of a block share the tiles of queries, of
// which one is copied while another is multiplied.
inline constexpr int product_row_tiles = 4;
inline constexpr std::uint32_t product_warp_rows = product_row_tiles * rows_of_mma;
inline constexpr std::uint32_t product_tile_queries = 256;
inline constexpr std::uint32_t product_code_words = 8;
// Columns of eight queries between two looks at the results. A tile that is not full is multiplied up to there.
inline constexpr std::uint32_t product_columns = 4;

// Queries behind the last become zeros.
inline __device__ void copy_queries(const query_part &queries, std::uint32_t first, uint4 *shared) {
  const auto *codes = reinterpret_cast<const uint4 *>(queries.rows);
  for (std::uint32_t i = threadIdx.x; i < product_tile_queries * 2; i += blockDim.x) {
    const bool present = first + i / 2 < queries.size;
    copy_async_16(shared + i, codes + (present ? first * std::uint64_t{2} + i : 0), present);
  }
}

// The fewest ones and the most that a query of the tile has, into ones[0] and ones[1], which all threads agree on
// once it returns. Warps are whole.
inline __device__ void find_ones(const uint4 *tile, std::uint32_t n_queries, std::int32_t *ones) {
  if (threadIdx.x == 0) {
    ones[0] = product_code_words * 32;
    ones[1] = 0;
  }
  __syncthreads();
  const std::uint32_t lane = threadIdx.x & 31U;
  for (std::uint32_t q = threadIdx.x; q - lane < n_queries; q += blockDim.x) {
    const uint4 a = tile[2 * min(q, n_queries - 1)];
    const uint4 b = tile[2 * min(q, n_queries - 1) + 1];
    std::int32_t fewest =
        __popc(a.x) + __popc(a.y) + __popc(a.z) + __popc(a.w) + __popc(b.x) + __popc(b.y) + __popc(b.z) + __popc(b.w);
    std::int32_t most = fewest;
#pragma unroll
    for (int other = 16; other > 0; other /= 2) {
      fewest = min(fewest, __shfl_xor_sync(all_lanes, fewest, other));
      most = max(most, __shfl_xor_sync(all_lanes, most, other));
    }
    if (lane == 0) {
      atomicMin(&ones[0], fewest);
      atomicMax(&ones[1], most);
    }
  }
  __syncthreads();
}

// The product by `and` takes pairs for near whose distance is greater by as much as the query has more ones than the
// fewest of its tile. Up to this sum of both, three deviations from the mean distance of random codes, that is worth
// it: few queries of a tile have so many, and the product by xor, which takes no pair too many, is two by `and`, or
// on some devices seven. A flat code among others makes the sum larger.
inline constexpr std::int32_t distance_with_ones_most = 104;

template <bit_product product>
__global__ void __launch_bounds__(range_block_threads)
    multiply_bits(const segment_part segment, const query_part queries, const hit_sink sink) {
  if constexpr (is_built<product>) {
    constexpr bool by_and = product == bit_product::and_k256;
    LM_SHARED(uint4, tiles, 2 * product_tile_queries * 2);
    LM_SHARED(std::int32_t, ones, 2);
    const std::uint32_t warp = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    const std::uint32_t first_row = warp * product_warp_rows;
    matrix_rows<product_row_tiles> rows;
    // A warp behind the last row multiplies the first rows: it has to meet the barriers.
    const std::uint32_t loaded_row = first_row < segment.size ? first_row : 0;
    load_matrix_rows(rows, reinterpret_cast<const uint2 *>(segment.rows) + std::uint64_t{loaded_row} * 4);
    if constexpr (!by_and) start_from(rows, queries.largest_limit);

    const std::uint32_t step = gridDim.y * product_tile_queries;
    std::uint32_t first = blockIdx.y * product_tile_queries;
    std::uint32_t half = 0;
    if (first < queries.size) copy_queries(queries, first, tiles);
    copy_async_commit();
    if constexpr (by_and) start_from_ones(rows, queries.largest_limit);  // once queries are under way as well
    std::int32_t half_ones = 0;                                          // that starts have taken in
    for (; first < queries.size; first += step) {
      uint4 *tile = tiles + half * product_tile_queries * 2;
      half = 1 - half;
      if (first + step < queries.size) copy_queries(queries, first + step, tiles + half * product_tile_queries * 2);
      copy_async_commit();
      copy_async_wait<1>();
      __syncthreads();
      const auto settle_pair = [&](std::uint32_t row, std::uint32_t query) {
        settle(segment, queries, sink, first_row + row, first + query);
      };
      const auto *codes = reinterpret_cast<const uint2 *>(tile);
      const std::uint32_t n_queries = min(product_tile_queries, queries.size - first);
      constexpr std::uint32_t looked_at = product_columns * queries_of_mma;
      std::uint32_t n_columns = (n_queries + looked_at - 1) / looked_at * product_columns;
      keep_in_register(n_columns);
      if constexpr (by_and) {
        find_ones(tile, n_queries, ones);
        if (queries.largest_limit + ones[1] - ones[0] <= distance_with_ones_most) {
          add_ones(rows, ones[0] / 2 - half_ones);
          half_ones = ones[0] / 2;
          scan_matrix<bit_product::and_k256, product_columns>(rows, codes, n_columns, settle_pair);
        } else {
          matrix_rows<product_row_tiles> by_xor = rows;
          start_from(by_xor, queries.largest_limit);
          scan_matrix<bit_product::xor_k256, product_columns>(by_xor, codes, n_columns, settle_pair);
        }
      } else {
        scan_matrix<product, product_columns>(rows, codes, n_columns, settle_pair);
      }
      __syncthreads();  // the tile is read by all before it is copied over
    }
    copy_async_wait<0>();  // the last group is empty; none is left open
  }
}

}  // namespace libmatch::cuda
