// AVX-512 with VPOPCNTDQ.
#include "distance/avx512_bits.h"
#include "distance/kernels.h"
#include "distance/row_steps.h"

namespace libmatch::detail {
namespace {

using lanes = __m512i;
using lane_counts = __m512i;

inline lanes load_lanes(const std::uint32_t *words) { return _mm512_load_si512(words); }
inline lanes same_lanes(std::uint32_t word) { return _mm512_set1_epi32(static_cast<int>(word)); }
inline lane_counts differing(lanes a, lanes b) { return _mm512_popcnt_epi32(_mm512_xor_si512(a, b)); }
inline lane_counts plus(lane_counts a, lane_counts b) { return _mm512_add_epi32(a, b); }
inline std::uint32_t at_most(lane_counts counts, std::uint32_t limit) {
  return _mm512_cmple_epu32_mask(counts, _mm512_set1_epi32(static_cast<int>(limit)));
}

using word_pair = __m512i;  // four times
inline word_pair load_pair(const std::uint64_t *words) {
  return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i *>(words)));
}
inline std::uint32_t pairs_within(const std::uint64_t *entries, word_pair row, std::uint32_t limit) {
  const __m512i words = _mm512_popcnt_epi64(_mm512_xor_si512(row, _mm512_loadu_si512(entries)));
  const __m512i distances = _mm512_add_epi64(words, _mm512_permutex_epi64(words, 0xb1));
  const std::uint32_t both = _mm512_cmple_epu64_mask(distances, _mm512_set1_epi64(limit));  // words of an entry
  return both == 0 ? 0 : (both & 1U) | (both >> 1 & 2U) | (both >> 2 & 4U) | (both >> 3 & 8U);
}

// Six of the eight lanes; what the others hold is cut off.
inline std::uint32_t within_line(const std::uint32_t *line, std::uint64_t low, std::uint32_t high,
                                 std::uint32_t limit) {
  constexpr int difference_in_mask = 0x28;  // (a ^ b) & c
  const __m512i low_bits = _mm512_xor_si512(_mm512_load_si512(line), _mm512_set1_epi64(static_cast<long long>(low)));
  const __m512i of_rows = _mm512_cvtepu16_epi64(_mm_load_si128(reinterpret_cast<const __m128i *>(line + 12)));
  const __m512i high_bits = _mm512_ternarylogic_epi64(of_rows, _mm512_set1_epi32(static_cast<int>(high)),
                                                      _mm512_set1_epi64(0xffff), difference_in_mask);
  const __m512i counts = _mm512_add_epi64(_mm512_popcnt_epi64(low_bits), _mm512_popcnt_epi64(high_bits));
  return _mm512_mask_cmple_epu64_mask(0x3f, counts, _mm512_set1_epi64(limit));
}

// Adds up neighbouring lanes: eight vectors' worth of 64-bit counts of a 256-bit code give eight distances.
// a..d hold codes 0-1, 2-3, 4-5, 6-7, four counts each.
__m512i sum_groups_of_four(__m512i a, __m512i b, __m512i c, __m512i d) {
  const __m512i ab = _mm512_add_epi64(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
  const __m512i cd = _mm512_add_epi64(_mm512_unpacklo_epi64(c, d), _mm512_unpackhi_epi64(c, d));
  const __m512i even = _mm512_shuffle_i64x2(ab, cd, 0x88);  // lanes 0 and 2 of each
  const __m512i odd = _mm512_shuffle_i64x2(ab, cd, 0xdd);   // lanes 1 and 3
  return _mm512_add_epi64(even, odd);                       // codes 0 2 1 3 4 6 5 7
}

// 256-bit codes, eight a round: 0.16 ns a row in the cache (Zen 5); the limit is the memory: 32 bytes a row, 1.06 ns
// at 30 GB/s.
void distances_256(const std::uint64_t *query, const std::uint64_t *rows, std::size_t n, std::uint32_t *out) {
  const __m512i q = _mm512_broadcast_i64x4(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(query)));
  const __m512i in_order = _mm512_setr_epi64(0, 2, 1, 3, 4, 6, 5, 7);
  std::size_t r = 0;
  for (; r + 8 <= n; r += 8) {
    const std::uint64_t *p = rows + r * 4;
    const __m512i a = _mm512_popcnt_epi64(_mm512_xor_si512(q, _mm512_loadu_si512(p)));
    const __m512i b = _mm512_popcnt_epi64(_mm512_xor_si512(q, _mm512_loadu_si512(p + 8)));
    const __m512i c = _mm512_popcnt_epi64(_mm512_xor_si512(q, _mm512_loadu_si512(p + 16)));
    const __m512i d = _mm512_popcnt_epi64(_mm512_xor_si512(q, _mm512_loadu_si512(p + 24)));
    const __m512i sums = _mm512_permutexvar_epi64(in_order, sum_groups_of_four(a, b, c, d));
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(out + r), _mm512_cvtepi64_epi32(sums));
  }
  for (; r < n; ++r) {
    out[r] = exact_distance(query, rows + r * 4, 4);
  }
}

// Codes of any width, eight words a round.
std::uint32_t wide_distance(const std::uint64_t *a, const std::uint64_t *b, std::uint32_t words) {
  __m512i sum = _mm512_setzero_si512();
  for (std::uint32_t w = 0; w < words; w += 8) {
    const std::uint32_t left = words - w;
    const __mmask8 mask = left >= 8 ? static_cast<__mmask8>(0xff) : static_cast<__mmask8>((1U << left) - 1U);
    const __m512i difference =
        _mm512_xor_si512(_mm512_maskz_loadu_epi64(mask, a + w), _mm512_maskz_loadu_epi64(mask, b + w));
    sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(difference));
  }
  return static_cast<std::uint32_t>(_mm512_reduce_add_epi64(sum));
}

void distances(const std::uint64_t *query, const std::uint64_t *rows, std::size_t n, std::uint32_t words,
               std::uint32_t *out) {
  if (words == 4) {
    distances_256(query, rows, n, out);
    return;
  }
  for (std::size_t r = 0; r < n; ++r) {
    out[r] =
        words <= 4 ? exact_distance(query, rows + r * words, words) : wide_distance(query, rows + r * words, words);
  }
}

}  // namespace
}  // namespace libmatch::detail

#include "distance/avx512_slice.h"
#include "distance/bucket_body.h"
#include "distance/line_body.h"
#include "distance/lookup_body.h"
#include "distance/sliced_body.h"

namespace libmatch::detail {

const distance_kernels avx512_kernels{distances, distances_at, slice,       find,         find_coarse, probe,
                                      visit,     probe_lines,  visit_lines, follow_lines, look_up};

}  // namespace libmatch::detail
