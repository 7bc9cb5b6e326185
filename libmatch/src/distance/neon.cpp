// NEON: 128 rows a vector, bits of bytes counted by CNT. All that AArch64 has without an extension.
//
// A full adder takes three operations here, for the majority of three bits is one selection by the exclusive or that
// their parity needs anyway. Counting 96 bits of 128 rows takes 183 operations and 64 loads a query, beside some 200
// of integers that find what to load: at two vector operations a cycle 92 cycles, 0.7 a pair; coarse counts of 160
// bits 108 and 40, 0.4 a pair. This and what stands over the functions below is computed, not measured.
#include <arm_neon.h>

#include "distance/kernels.h"
#include "distance/line_steps.h"
#include "distance/row_steps.h"

namespace libmatch::detail {
namespace {

using bits = uint64x2_t;
constexpr std::size_t bits_words = 2;

inline bits load(const std::uint64_t *words) { return vld1q_u64(words); }
inline void store(std::uint64_t *words, bits value) { vst1q_u64(words, value); }
inline bits all(bool set) { return vdupq_n_u64(set ? ~std::uint64_t{0} : 0); }
inline bits same(std::uint64_t word) { return vdupq_n_u64(word); }
inline void keep(bits &value) { __asm__("" : "+w"(value)); }
inline bits not_(bits a) { return vreinterpretq_u64_u8(vmvnq_u8(vreinterpretq_u8_u64(a))); }
inline bits and_(bits a, bits b) { return vandq_u64(a, b); }
inline bits or_(bits a, bits b) { return vorrq_u64(a, b); }
inline bits xor_(bits a, bits b) { return veorq_u64(a, b); }
inline bits select(bits mask, bits a, bits b) { return vbslq_u64(mask, a, b); }
inline bits parity(bits a, bits b, bits c) { return veorq_u64(veorq_u64(a, b), c); }
// Where a and b differ, c decides; elsewhere either of them does.
inline bits majority(bits a, bits b, bits c) { return vbslq_u64(veorq_u64(a, b), c, a); }
inline std::uint32_t words_not_set(bits a) {
  return (vgetq_lane_u64(a, 0) != ~std::uint64_t{0} ? 1U : 0U) |
         (vgetq_lane_u64(a, 1) != ~std::uint64_t{0} ? 2U : 0U);
}
inline bool all_set(bits a) {
  const uint32x4_t halves = vreinterpretq_u32_u64(a);
  return vgetq_lane_u64(vreinterpretq_u64_u32(vpminq_u32(halves, halves)), 0) == ~std::uint64_t{0};
}

// The bits of each byte that differ.
inline uint8x16_t count_bytes(uint8x16_t a, uint8x16_t b) { return vcntq_u8(veorq_u8(a, b)); }

// Lanes 0 to 3, 4 to 7, ... For one visitor and 16 positions with three words inline: 12 exclusive ors, 12 counts, 8
// additions and 6 operations to find that none is near, 19 cycles at two a cycle, 1.2 a position.
struct lanes {
  uint8x16_t four[4];
};
using lane_counts = lanes;  // counts of each byte, at most 8 for each word added

inline lanes load_lanes(const std::uint32_t *words) {
  const auto *bytes = reinterpret_cast<const std::uint8_t *>(words);
  return {{vld1q_u8(bytes), vld1q_u8(bytes + 16), vld1q_u8(bytes + 32), vld1q_u8(bytes + 48)}};
}
inline lanes same_lanes(std::uint32_t word) {
  const uint8x16_t same = vreinterpretq_u8_u32(vdupq_n_u32(word));
  return {{same, same, same, same}};
}
inline lane_counts differing(const lanes &a, const lanes &b) {
  return {{count_bytes(a.four[0], b.four[0]), count_bytes(a.four[1], b.four[1]), count_bytes(a.four[2], b.four[2]),
           count_bytes(a.four[3], b.four[3])}};
}
inline lane_counts plus(const lane_counts &a, const lane_counts &b) {
  return {{vaddq_u8(a.four[0], b.four[0]), vaddq_u8(a.four[1], b.four[1]), vaddq_u8(a.four[2], b.four[2]),
           vaddq_u8(a.four[3], b.four[3])}};
}
// The sums of all lanes are at most 96, so each fits a byte, and adding neighbours twice leaves them in order.
inline std::uint32_t at_most(const lane_counts &counts, std::uint32_t limit) {
  const uint8x16_t low = vpaddq_u8(counts.four[0], counts.four[1]);
  const uint8x16_t high = vpaddq_u8(counts.four[2], counts.four[3]);
  const uint8x16_t bound = vdupq_n_u8(static_cast<std::uint8_t>(limit < 255 ? limit : 255));
  const uint8x16_t near = vcleq_u8(vpaddq_u8(low, high), bound);
  const uint8x8_t any = vshrn_n_u16(vreinterpretq_u16_u8(near), 4);
  if (__builtin_expect(vget_lane_u64(vreinterpret_u64_u8(any), 0) == 0, 1)) {
    return 0;
  }
  // One bit of each lane, brought together by adding: the first eight lanes become a byte, the others the next.
  const uint8x16_t place = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201ULL));
  uint8x16_t mask = vandq_u8(near, place);
  mask = vpaddq_u8(mask, mask);
  mask = vpaddq_u8(mask, mask);
  mask = vpaddq_u8(mask, mask);
  return vgetq_lane_u16(vreinterpretq_u16_u8(mask), 0);
}

inline uint8x16_t load_bytes(const std::uint64_t *words) { return vreinterpretq_u8_u64(vld1q_u64(words)); }

// For four entries: four exclusive ors, four counts, five operations to add up the bytes and four to tell what is
// near; 8.5 cycles at two a cycle.
using word_pair = uint8x16_t;
inline word_pair load_pair(const std::uint64_t *words) { return load_bytes(words); }
inline std::uint32_t pairs_within(const std::uint64_t *entries, word_pair row, std::uint32_t limit) {
  const uint8x16_t first =
      vpaddq_u8(count_bytes(row, load_bytes(entries)), count_bytes(row, load_bytes(entries + 2)));
  const uint8x16_t second =
      vpaddq_u8(count_bytes(row, load_bytes(entries + 4)), count_bytes(row, load_bytes(entries + 6)));
  const uint32x4_t distances = vpaddlq_u16(vpaddlq_u8(vpaddq_u8(first, second)));
  const std::uint32_t places[4] = {1, 2, 4, 8};
  return vaddvq_u32(vandq_u32(vcleq_u32(distances, vdupq_n_u32(limit)), vld1q_u32(places)));
}

// 256-bit codes, four a round: for each two exclusive ors, two counts and an addition, and five operations to add up
// the bytes of all four; 12.5 cycles at two a cycle, 0.8 for 64 bits.
void distances_256(const std::uint64_t *query, const std::uint64_t *rows, std::size_t n, std::uint32_t *out) {
  const uint8x16_t query_low = load_bytes(query);
  const uint8x16_t query_high = load_bytes(query + 2);
  std::size_t r = 0;
  for (; r + 4 <= n; r += 4) {
    uint8x16_t counts[4];  // of each byte at most 16
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint64_t *row = rows + (r + i) * 4;
      counts[i] = vaddq_u8(count_bytes(query_low, load_bytes(row)), count_bytes(query_high, load_bytes(row + 2)));
    }
    const uint8x16_t sums = vpaddq_u8(vpaddq_u8(counts[0], counts[1]), vpaddq_u8(counts[2], counts[3]));
    vst1q_u32(out + r, vpaddlq_u16(vpaddlq_u8(sums)));
  }
  for (; r < n; ++r) {
    out[r] = exact_distance(query, rows + r * 4, 4);
  }
}

// Codes of any width, two words a round: an exclusive or, a count and an addition to 16-bit sums.
std::uint32_t wide_distance(const std::uint64_t *a, const std::uint64_t *b, std::uint32_t words) {
  uint16x8_t sums = vdupq_n_u16(0);
  std::uint32_t w = 0;
  for (; w + 2 <= words; w += 2) {
    sums = vpadalq_u8(sums, count_bytes(load_bytes(a + w), load_bytes(b + w)));
  }
  const std::uint32_t last = w < words ? exact_distance(a + w, b + w, 1) : 0;
  return vaddlvq_u16(sums) + last;
}

void distances(const std::uint64_t *query, const std::uint64_t *rows, std::size_t n, std::uint32_t words,
               std::uint32_t *out) {
  if (words == 4) {
    distances_256(query, rows, n, out);
    return;
  }
  for (std::size_t r = 0; r < n; ++r) {
    out[r] = wide_distance(query, rows + r * words, words);
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

const distance_kernels neon_kernels{distances, distances_at, slice,       find,         find_coarse, probe,
                                    visit,     probe_lines,  visit_lines, follow_lines, look_up};

}  // namespace libmatch::detail
