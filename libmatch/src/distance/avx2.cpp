// AVX2: 256 rows a vector; bits of lanes are counted with a table of nibbles (Muła, Kurz, Lemire: Faster Population
// Counts Using AVX2 Instructions).
//
// A full adder takes five operations here, so counting 96 bits of 256 rows takes about 305: at three a cycle 0.40
// cycles a pair. Measured on Zen 5, which does four, at 4.2 GHz: 0.34 cycles, 82 ps. Coarse counts of 160 bits take
// 180: 0.23 cycles; measured, with the tables of a batch of 256, also 0.23, 56 ps.
#include <immintrin.h>

#include "distance/kernels.h"
#include "distance/row_steps.h"

namespace libmatch::detail {
namespace {

using bits = __m256i;
constexpr std::size_t bits_words = 4;

inline bits load(const std::uint64_t *words) { return _mm256_load_si256(reinterpret_cast<const __m256i *>(words)); }
inline void store(std::uint64_t *words, bits value) { _mm256_store_si256(reinterpret_cast<__m256i *>(words), value); }
inline bits all(bool set) { return _mm256_set1_epi64x(set ? -1 : 0); }
inline bits same(std::uint64_t word) { return _mm256_set1_epi64x(static_cast<long long>(word)); }
inline void keep(bits &value) { __asm__("" : "+x"(value)); }
inline bits not_(bits a) { return _mm256_xor_si256(a, _mm256_set1_epi64x(-1)); }
inline bits and_(bits a, bits b) { return _mm256_and_si256(a, b); }
inline bits or_(bits a, bits b) { return _mm256_or_si256(a, b); }
inline bits xor_(bits a, bits b) { return _mm256_xor_si256(a, b); }
inline bits select(bits mask, bits a, bits b) {
  return _mm256_or_si256(_mm256_and_si256(mask, a), _mm256_andnot_si256(mask, b));
}
inline bits parity(bits a, bits b, bits c) { return _mm256_xor_si256(_mm256_xor_si256(a, b), c); }
inline bits majority(bits a, bits b, bits c) {
  return _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(_mm256_xor_si256(a, b), c));
}
inline std::uint32_t words_not_set(bits a) {
  const __m256i set = _mm256_cmpeq_epi64(a, _mm256_set1_epi64x(-1));
  return 15U ^ static_cast<std::uint32_t>(_mm256_movemask_pd(_mm256_castsi256_pd(set)));
}
inline bool all_set(bits a) { return _mm256_testc_si256(a, _mm256_set1_epi64x(-1)) != 0; }

struct lanes {
  __m256i low;
  __m256i high;
};
using lane_counts = lanes;  // counts of each byte, at most 8 for each word added

inline lanes load_lanes(const std::uint32_t *words) {
  const auto *vectors = reinterpret_cast<const __m256i *>(words);
  return {_mm256_load_si256(vectors), _mm256_load_si256(vectors + 1)};
}
inline lanes same_lanes(std::uint32_t word) {
  const __m256i same = _mm256_set1_epi32(static_cast<int>(word));
  return {same, same};
}
inline __m256i count_bytes(__m256i x) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2,
                                         2, 3, 2, 3, 3, 4);
  const __m256i low_nibbles = _mm256_set1_epi8(0x0f);
  const __m256i low = _mm256_shuffle_epi8(table, _mm256_and_si256(x, low_nibbles));
  const __m256i high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), low_nibbles));
  return _mm256_add_epi8(low, high);
}
inline lane_counts differing(const lanes &a, const lanes &b) {
  return {count_bytes(_mm256_xor_si256(a.low, b.low)), count_bytes(_mm256_xor_si256(a.high, b.high))};
}
inline lane_counts plus(const lane_counts &a, const lane_counts &b) {
  return {_mm256_add_epi8(a.low, b.low), _mm256_add_epi8(a.high, b.high)};
}
// Two vectors: rows 0 to 3, and 4 and 5 with the 16-bit words.
inline std::uint32_t within_line(const std::uint32_t *line, std::uint64_t low, std::uint32_t high,
                                 std::uint32_t limit) {
  const lanes held = load_lanes(line);
  const __m256i low_of_code = _mm256_set1_epi64x(static_cast<long long>(low));
  const __m256i high_of_code = _mm256_set1_epi16(static_cast<short>(high));
  const lane_counts counts{
      count_bytes(_mm256_xor_si256(held.low, low_of_code)),
      count_bytes(_mm256_xor_si256(held.high, _mm256_blend_epi32(low_of_code, high_of_code, 0xf0)))};
  const __m128i of_high = _mm_maddubs_epi16(_mm256_extracti128_si256(counts.high, 1), _mm_set1_epi8(1));
  const __m256i first =
      _mm256_add_epi64(_mm256_sad_epu8(counts.low, _mm256_setzero_si256()), _mm256_cvtepu16_epi64(of_high));
  const __m256i second = _mm256_add_epi64(_mm256_sad_epu8(counts.high, _mm256_setzero_si256()),
                                          _mm256_cvtepu16_epi64(_mm_srli_si128(of_high, 8)));
  const __m256i bound = _mm256_set1_epi64x(static_cast<long long>(limit) + 1);
  const auto mask_below = [bound](__m256i sums) {
    return static_cast<std::uint32_t>(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpgt_epi64(bound, sums))));
  };
  return mask_below(first) | (mask_below(second) & 3U) << 4;
}

// Lanes of eight whose four byte counts add up to less than the bound. Sums are far below 2^31.
inline std::uint32_t sums_below(__m256i counts, __m256i bound) {
  const __m256i sums = _mm256_madd_epi16(_mm256_maddubs_epi16(counts, _mm256_set1_epi8(1)), _mm256_set1_epi16(1));
  return static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(bound, sums))));
}
inline std::uint32_t at_most(const lane_counts &counts, std::uint32_t limit) {
  const __m256i bound = _mm256_set1_epi32(static_cast<int>(limit < 0x7ffffffeU ? limit + 1 : 0x7fffffffU));
  return sums_below(counts.low, bound) | sums_below(counts.high, bound) << 8;
}

using word_pair = __m256i;  // twice
inline word_pair load_pair(const std::uint64_t *words) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i *>(words)));
}
// The distances of two entries, each in both words of its half.
inline __m256i pair_distances(const std::uint64_t *entries, word_pair row) {
  const __m256i differences = _mm256_xor_si256(row, _mm256_loadu_si256(reinterpret_cast<const __m256i *>(entries)));
  const __m256i words = _mm256_sad_epu8(count_bytes(differences), _mm256_setzero_si256());
  return _mm256_add_epi64(words, _mm256_shuffle_epi32(words, 0x4e));
}
inline std::uint32_t pairs_within(const std::uint64_t *entries, word_pair row, std::uint32_t limit) {
  // One of the two equal words of each entry, in order.
  const __m256i distances = _mm256_permute4x64_epi64(
      _mm256_unpacklo_epi64(pair_distances(entries, row), pair_distances(entries + 4, row)), 0xd8);
  const __m256i over = _mm256_cmpgt_epi64(distances, _mm256_set1_epi64x(limit));
  return static_cast<std::uint32_t>(~_mm256_movemask_pd(_mm256_castsi256_pd(over))) & 0xfU;
}

// The scalar POPCNT serves: a single query over rows waits for memory.
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

}  // namespace
}  // namespace libmatch::detail

#include "distance/bucket_body.h"
#include "distance/line_body.h"
#include "distance/lookup_body.h"
#include "distance/slice_body.h"
#include "distance/sliced_body.h"

namespace libmatch::detail {

const distance_kernels avx2_kernels{distances, distances_at, slice,       find,         find_coarse, probe,
                                    visit,     probe_lines,  visit_lines, follow_lines, look_up};

}  // namespace libmatch::detail
