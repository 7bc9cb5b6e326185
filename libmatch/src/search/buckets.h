// Multi-index hashing: the tables, and the radii that make a search of them exact.
//
// Cut codes into m disjoint substrings. Two codes within distance r cannot differ in more than t_i bits of every
// substring i when the sum of (t_i + 1) is r + 1: so looking up, in each table, the buckets within t_i of the query's
// substring misses nothing (the pigeonhole principle in its general form). Substrings need not cover the code.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/aligned_vector.h"
#include "core/parallel.h"
#include "core/segment.h"

namespace libmatch::detail {

// The tables that suit a segment: 16-bit substrings, or longer ones for more than some 20 million rows. tables is 0
// when there are too few rows for tables to pay.
bucket_layout plan_buckets(std::size_t n_rows, std::uint32_t words) noexcept;

// Bytes that tables of this shape take.
std::size_t bucket_bytes(const bucket_layout &layout) noexcept;

// The tables of a segment, owned.
struct owned_buckets {
  bucket_layout layout;
  aligned_vector<std::uint32_t> starts;
  aligned_vector<std::uint32_t> rows;
  aligned_vector<std::uint32_t> words;
};

// Makes the tables of plan_buckets for n_rows rows; a task a table.
owned_buckets build_buckets(const std::uint64_t *rows, std::size_t n_rows, std::uint32_t words, thread_pool &threads);

// Sets layout.largest from the starts.
void find_largest(bucket_layout &layout) noexcept;

// The 32-bit words of a code that lie inline in table t: those before its substring, cyclically, or all words of a
// code that has no more than three.
struct inline_choice {
  std::array<std::uint32_t, 3> words{};
  bool whole_code = false;
};
inline_choice choose_inline(const bucket_layout &layout, std::uint32_t t, std::uint32_t words) noexcept;

// For each table the radius t_i, or -1 where it is not asked: as even as can be, which costs the fewest probes.
std::array<int, bucket_layout::max_tables> choose_radii(const bucket_layout &layout, std::uint32_t max_distance);

// All words of `width` bits with at most `radius` bits set, by number of bits.
struct probe_masks {
  std::vector<std::uint32_t> masks;
  std::vector<std::uint32_t> weights;  // bits set
};
probe_masks make_masks(std::uint32_t width, int radius);

// The number of such words.
double count_masks(std::uint32_t width, int radius) noexcept;

}  // namespace libmatch::detail
