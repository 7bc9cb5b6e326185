// AVX2: counts bits with a table of nibbles (Muła, Kurz, Lemire: Faster Population Counts Using AVX2 Instructions).
//
// A tile of 16 rows stays in registers while the queries pass by: the first 96 bits of the rows as three planes of 16
// 32-bit lanes take 6 registers. For each query that costs 6 xor and 6 nibble counts of 6 operations, then 4
// additions, 4 multiply-adds and 3 for the comparison: 53 operations for 16 pairs, 1.1 cycles a pair at three a
// cycle.
#include <immintrin.h>

#include "distance/kernels.h"
#include "distance/tile_steps.h"

namespace libmatch::detail {

namespace {

// The scalar POPCNT needs four operations a 256-bit row more than the vector form but no shuffles: equal here, since
// a single query is bound by memory.
void distances(const std::uint64_t *query, const std::uint64_t *rows, std::size_t n, std::uint32_t words,
               std::uint32_t *out) {
  if (words == 4) {
    for (std::size_t r = 0; r < n; ++r) {
      out[r] = exact_distance(query, rows + r * 4, 4);
    }
    return;
  }
  for (std::size_t r = 0; r < n; ++r) {
    out[r] = exact_distance(query, rows + r * words, words);
  }
}

constexpr std::size_t tile_rows = 16;
constexpr std::size_t lanes = 8;

__m256i count_bytes(__m256i x) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2,
                                         2, 3, 2, 3, 3, 4);
  const __m256i low_nibbles = _mm256_set1_epi8(0x0f);
  const __m256i low = _mm256_shuffle_epi8(table, _mm256_and_si256(x, low_nibbles));
  const __m256i high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), low_nibbles));
  return _mm256_add_epi8(low, high);
}

// Four byte counts to one 32-bit count. At most 6 words x 8 bits a byte: no overflow on the way.
__m256i sum_bytes(__m256i counts) {
  return _mm256_madd_epi16(_mm256_maddubs_epi16(counts, _mm256_set1_epi8(1)), _mm256_set1_epi16(1));
}

// Lanes at or under the limit. Counts are far below 2^31; limit_plus_one is capped there, so the signed comparison
// serves.
std::uint32_t lanes_within(__m256i sums, __m256i limit_plus_one) {
  return static_cast<std::uint32_t>(
      _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(limit_plus_one, sums))));
}

// One pass of the queries over 16 rows, looking at 32 * Words bits.
template <std::size_t Words>
std::size_t find_by_prefix(const distance_tile &tile, std::size_t *query, tile_hit *hits, std::size_t capacity) {
  alignas(32) std::int32_t staged[Words][tile_rows] = {};
  for (std::size_t r = 0; r < tile.n_rows; ++r) {
    for (std::size_t w = 0; w < Words; ++w) {
      staged[w][r] = word32(tile.rows + r * tile.words, w);
    }
  }
  __m256i low[Words];
  __m256i high[Words];
  for (std::size_t w = 0; w < Words; ++w) {
    low[w] = _mm256_load_si256(reinterpret_cast<const __m256i *>(&staged[w][0]));
    high[w] = _mm256_load_si256(reinterpret_cast<const __m256i *>(&staged[w][lanes]));
  }
  const std::uint32_t present = (1U << tile.n_rows) - 1U;

  std::size_t count = 0;
  std::size_t q = *query;
  for (; q < tile.n_queries && count + tile.n_rows <= capacity; ++q) {
    const std::uint64_t *code = tile.queries + q * tile.words;
    const std::uint32_t limit = tile.limits[q] < 0x7ffffffeU ? tile.limits[q] : 0x7ffffffeU;
    const __m256i limit_plus_one = _mm256_set1_epi32(static_cast<int>(limit + 1));
    __m256i low_counts = _mm256_setzero_si256();
    __m256i high_counts = _mm256_setzero_si256();
    for (std::size_t w = 0; w < Words; ++w) {
      const __m256i word = _mm256_set1_epi32(word32(code, w));
      low_counts = _mm256_add_epi8(low_counts, count_bytes(_mm256_xor_si256(low[w], word)));
      high_counts = _mm256_add_epi8(high_counts, count_bytes(_mm256_xor_si256(high[w], word)));
    }
    const std::uint32_t survivors = (lanes_within(sum_bytes(low_counts), limit_plus_one) |
                                     lanes_within(sum_bytes(high_counts), limit_plus_one) << lanes) &
                                    present;
    if (__builtin_expect(survivors != 0, 0)) {
      count += verify(tile, q, 0, survivors, hits + count);
    }
  }
  *query = q;
  return count;
}

std::size_t find(const distance_tile &tile, std::size_t *query, tile_hit *hits, std::size_t capacity) {
  switch (prefix_words32(tile.largest_limit, tile.words)) {
    case 2:
      return find_by_prefix<2>(tile, query, hits, capacity);
    case 3:
      return find_by_prefix<3>(tile, query, hits, capacity);
    case 4:
      return find_by_prefix<4>(tile, query, hits, capacity);
    case 6:
      return find_by_prefix<6>(tile, query, hits, capacity);
    default:
      return find_whole(tile, query, hits, capacity, distances);
  }
}

}  // namespace

const distance_kernels avx2_kernels{tile_rows, distances, find, nullptr, 0};

}  // namespace libmatch::detail
