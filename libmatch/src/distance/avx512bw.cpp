// AVX-512 without VPOPCNTDQ (Skylake-X, Cascade Lake): bits of lanes are counted with a table of nibbles.
#include "distance/avx512_bits.h"
#include "distance/kernels.h"
#include "distance/row_steps.h"

namespace libmatch::detail {
namespace {

using lanes = __m512i;
using lane_counts = __m512i;  // counts of each byte, at most 8 for each word added

inline lanes load_lanes(const std::uint32_t *words) { return _mm512_load_si512(words); }
inline lanes same_lanes(std::uint32_t word) { return _mm512_set1_epi32(static_cast<int>(word)); }
inline lane_counts differing(lanes a, lanes b) {
  const __m512i table = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
  const __m512i low_nibbles = _mm512_set1_epi8(0x0f);
  const __m512i x = _mm512_xor_si512(a, b);
  const __m512i low = _mm512_shuffle_epi8(table, _mm512_and_si512(x, low_nibbles));
  const __m512i high = _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16(x, 4), low_nibbles));
  return _mm512_add_epi8(low, high);
}
// Six lanes of 64 bits, and the 16-bit words behind them.
inline std::uint32_t within_line(const std::uint32_t *line, std::uint64_t low, std::uint32_t high,
                                 std::uint32_t limit) {
  const __m512i high_of_code = _mm512_set1_epi16(static_cast<short>(high));
  const __m512i code = _mm512_mask_set1_epi64(high_of_code, 0x3f, static_cast<long long>(low));
  const lane_counts counts = differing(load_lanes(line), code);
  const __m128i of_high = _mm_maddubs_epi16(_mm512_extracti32x4_epi32(counts, 3), _mm_set1_epi8(1));
  const __m512i sums =
      _mm512_add_epi64(_mm512_sad_epu8(counts, _mm512_setzero_si512()), _mm512_cvtepu16_epi64(of_high));
  return _mm512_mask_cmple_epu64_mask(0x3f, sums, _mm512_set1_epi64(limit));
}

inline lane_counts plus(lane_counts a, lane_counts b) { return _mm512_add_epi8(a, b); }
inline std::uint32_t at_most(lane_counts counts, std::uint32_t limit) {
  const __m512i sums = _mm512_madd_epi16(_mm512_maddubs_epi16(counts, _mm512_set1_epi8(1)), _mm512_set1_epi16(1));
  return _mm512_cmple_epu32_mask(sums, _mm512_set1_epi32(static_cast<int>(limit)));
}

using word_pair = __m512i;  // four times
inline word_pair load_pair(const std::uint64_t *words) {
  return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i *>(words)));
}
inline std::uint32_t pairs_within(const std::uint64_t *entries, word_pair row, std::uint32_t limit) {
  const __m512i words = _mm512_sad_epu8(differing(row, _mm512_loadu_si512(entries)), _mm512_setzero_si512());
  const __m512i distances = _mm512_add_epi64(words, _mm512_permutex_epi64(words, 0xb1));
  const std::uint32_t both = _mm512_cmple_epu64_mask(distances, _mm512_set1_epi64(limit));  // words of an entry
  return both == 0 ? 0 : (both & 1U) | (both >> 1 & 2U) | (both >> 2 & 4U) | (both >> 3 & 8U);
}

// The scalar POPCNT serves: a single query over rows waits for memory.
void distances(const std::uint64_t *query, const std::uint64_t *rows, std::size_t n, std::uint32_t words,
               std::uint32_t *out) {
  for (std::size_t r = 0; r < n; ++r) {
    out[r] = words == 4 ? exact_distance(query, rows + r * 4, 4) : exact_distance(query, rows + r * words, words);
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

const distance_kernels avx512bw_kernels{distances, distances_at, slice,       find,         find_coarse, probe,
                                        visit,     probe_lines,  visit_lines, follow_lines, look_up};

}  // namespace libmatch::detail
