// The kernels in plain C++: distances by their definition, the rest on the words that every machine has.
#include "distance/definition.h"
#include "distance/kernels.h"
#include "distance/line_steps.h"

namespace libmatch::detail {
namespace {

using bits = std::uint64_t;
constexpr std::size_t bits_words = 1;

inline bits load(const std::uint64_t *words) { return *words; }
inline void store(std::uint64_t *words, bits value) { *words = value; }
inline bits all(bool set) { return set ? ~bits{0} : 0; }
inline bits same(std::uint64_t word) { return word; }
inline void keep(bits &value) { __asm__("" : "+r"(value)); }
inline bits not_(bits a) { return ~a; }
inline bits and_(bits a, bits b) { return a & b; }
inline bits or_(bits a, bits b) { return a | b; }
inline bits xor_(bits a, bits b) { return a ^ b; }
inline bits select(bits mask, bits a, bits b) { return b ^ (mask & (a ^ b)); }
inline bits parity(bits a, bits b, bits c) { return a ^ b ^ c; }
inline bits majority(bits a, bits b, bits c) { return (a & b) | ((a ^ b) & c); }
inline std::uint32_t words_not_set(bits a) { return a != ~bits{0} ? 1 : 0; }
inline bool all_set(bits a) { return a == ~bits{0}; }

struct lanes {
  std::uint32_t lane[bucket_lanes];
};
using lane_counts = lanes;

inline lanes load_lanes(const std::uint32_t *words) {
  lanes loaded;
  __builtin_memcpy(loaded.lane, words, sizeof(loaded.lane));
  return loaded;
}
inline lanes same_lanes(std::uint32_t word) {
  lanes same;
  for (std::uint32_t &lane : same.lane) {
    lane = word;
  }
  return same;
}
inline lane_counts differing(const lanes &a, const lanes &b) {
  lane_counts counts;
  for (std::size_t i = 0; i < bucket_lanes; ++i) {
    counts.lane[i] = static_cast<std::uint32_t>(__builtin_popcount(a.lane[i] ^ b.lane[i]));
  }
  return counts;
}
inline lane_counts plus(const lane_counts &a, const lane_counts &b) {
  lane_counts sums;
  for (std::size_t i = 0; i < bucket_lanes; ++i) {
    sums.lane[i] = a.lane[i] + b.lane[i];
  }
  return sums;
}
inline std::uint32_t at_most(const lane_counts &counts, std::uint32_t limit) {
  std::uint32_t mask = 0;
  for (std::size_t i = 0; i < bucket_lanes; ++i) {
    mask |= (counts.lane[i] <= limit ? 1U : 0U) << i;
  }
  return mask;
}

struct word_pair {
  std::uint64_t word[2];
};
inline word_pair load_pair(const std::uint64_t *words) { return {{words[0], words[1]}}; }
inline std::uint32_t pairs_within(const std::uint64_t *entries, const word_pair &row, std::uint32_t limit) {
  std::uint32_t mask = 0;
  for (std::size_t i = 0; i < entries_of_step; ++i) {
    mask |= (hamming_distance(entries + 2 * i, row.word, 2) <= limit ? 1U : 0U) << i;
  }
  return mask;
}

void distances(const std::uint64_t *query, const std::uint64_t *rows, std::size_t n, std::uint32_t words,
               std::uint32_t *out) {
  for (std::size_t r = 0; r < n; ++r) {
    out[r] = hamming_distance(query, rows + r * words, words);
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

const distance_kernels scalar_kernels{distances, distances_at, slice,       find,         find_coarse, probe,
                                      visit,     probe_lines,  visit_lines, follow_lines, look_up};

}  // namespace libmatch::detail
