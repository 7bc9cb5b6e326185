// Buckets of one cache line each, for large lists of 256-bit codes: tables of multi-index hashing (search/buckets.h)
// that a query asks for a couple of thousand lines, and for little else. distance/kernels.h says what a line holds.
//
// The pigeonhole principle says more than which buckets to look into. A pair that no table before t finds differs by
// at least t_i + 1 bits in each of those substrings, so if it is a match, few bits are left for the others: with
// twelve tables and a distance of 31, 28 in table 1, 16 in table 5, and 7 in the last ones. The 80 bits inline are
// those behind the substring, cyclically, which the tables before it do not cover, save the last; so the limit on
// them is low, and of random candidates 0.1 % are looked at, nearly all of them in table 0. See
// docs/decisions/004-exact-search.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/parallel.h"
#include "core/progress.h"
#include "core/segment.h"
#include "distance/kernels.h"
#include "search/buckets.h"

namespace libmatch::detail {

static_assert(rows_of_line * sizeof(std::uint64_t) + rows_of_line * sizeof(std::uint16_t) + sizeof(std::uint32_t) ==
              words_of_line * sizeof(std::uint32_t));

// The shape that suits a list, with as many lines as evenly filled buckets take; lines is 0 where there should be
// none.
bucket_layout plan_lines(std::size_t n_rows, std::uint32_t words) noexcept;
// The same with substrings of this width, 7 to bucket_layout::max_width.
bucket_layout shape_of_lines(std::size_t n_rows, std::uint32_t width) noexcept;

// Makes tables of a planned shape, a task a table. False where the codes crowd into some buckets so much that the
// other form serves better: one has more than `most_rows`, or all take a quarter more lines than planned.
bool build_lines(const std::uint64_t *rows, const bucket_layout &planned, std::uint32_t most_rows,
                 thread_pool &threads, progress_meter *progress, owned_buckets &made);

// Whether tables for codes of so many bits can have so many lines.
bool can_be_lines(std::uint32_t width, std::uint32_t lines, std::uint32_t bits) noexcept;

// rows_of_bucket (search/buckets.h) for this form.
std::vector<std::uint32_t> rows_of_lines(const bucket_layout &layout, std::uint32_t t, std::uint32_t bucket);

// Where the line of a bucket is: the number of the bucket, but for its last seven bits, which are its remainder on
// division by the polynomial x^7 + x + 1 over two elements. The buckets of a query differ by few bits, most of them
// high ones, and lines at multiples of large powers of two would share a few places of the caches; x^i have different
// remainders, so these lines are spread evenly. Linear: the lines of a ^ b and of b differ by that of a.
constexpr std::uint32_t line_of_bucket(std::uint32_t bucket) noexcept {
  std::uint32_t remainder = bucket;
  for (int fold = 0; fold < 3; ++fold) {  // 24 bits, 18, 12, 7
    const std::uint32_t high = remainder >> 7;
    remainder = (remainder & 127) ^ high ^ high << 1;
  }
  return (bucket & ~std::uint32_t{127}) | remainder;
}

// The bits of a 256-bit code that are inline in table t.
struct line_code {
  std::uint64_t low;
  std::uint32_t high;  // 16 bits
};
line_code inline_bits(const bucket_layout &layout, std::uint32_t t, const std::uint64_t *code) noexcept;

// For each table the distance on the inline bits that a match has at most which no table before it finds; -1: there
// is none.
std::array<int, bucket_layout::max_tables> limits_of_tables(const bucket_layout &layout,
                                                            const std::array<int, bucket_layout::max_tables> &radii,
                                                            std::uint32_t max_distance) noexcept;

// As find_bucket_fault (search/buckets.h), for this form.
bucket_fault find_line_fault(const bucket_layout &layout, const std::uint64_t *rows, std::uint32_t t);

}  // namespace libmatch::detail
