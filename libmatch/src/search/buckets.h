// Multi-index hashing: the tables, and the radii that make a search of them exact.
//
// Cut codes into m disjoint substrings. Two codes within distance r cannot differ in more than t_i bits of every
// substring i when the sum of (t_i + 1) is r + 1: so looking up, in each table, the buckets within t_i of the query's
// substring misses nothing (the pigeonhole principle in its general form). Substrings need not cover the code.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/aligned_vector.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/search_result.h"
#include "core/segment.h"

namespace libmatch::detail {

// The tables that suit a segment: lines (search/line_buckets.h) for large lists of 256-bit codes, else runs of rows.
// Of lines there may be more in the end, and runs where the rows crowd into few of them.
bucket_layout plan_buckets(std::size_t n_rows, std::uint32_t words) noexcept;
// Runs: 16-bit substrings, or longer ones for more than some 20 million rows.
bucket_layout plan_runs(std::size_t n_rows, std::uint32_t words) noexcept;

// Whether tables can pay: a short list is searched at once.
bool buckets_pay(std::size_t n_rows) noexcept;

// Bytes that tables of this shape take.
std::size_t bucket_bytes(const bucket_layout &layout) noexcept;

// What a file says of the shape of tables.
struct bucket_shape {
  std::uint32_t tables;
  std::uint32_t width;
  std::uint32_t n_inline;
  std::uint32_t lines;  // of each table; 0: rows lie bucket behind bucket
};
static_assert(sizeof(bucket_shape) == 16);
inline bucket_shape shape_of(const bucket_layout &layout) noexcept {
  return {layout.tables, layout.width, layout.n_inline, layout.lines};
}
// Whether codes of so many bits can have such tables.
bool is_possible(const bucket_shape &shape, std::uint32_t bits) noexcept;
// A layout without its arrays.
bucket_layout layout_of(const bucket_shape &shape, std::size_t n_rows) noexcept;

// The rows of a bucket of table t, in order. The places of a mapped file are not trusted, but nor are the numbers of
// rows told from others.
std::vector<std::uint32_t> rows_of_bucket(const bucket_layout &layout, std::uint32_t t, std::uint32_t bucket);

// The tables of a segment, owned.
struct owned_buckets {
  bucket_layout layout;
  aligned_vector<std::uint32_t> starts;
  aligned_vector<std::uint32_t> rows;
  aligned_vector<std::uint32_t> words;
};

// Makes the tables of plan_buckets; a task a table. progress: counts the rows once, as the tables come; null: nothing
// is counted.
owned_buckets build_buckets(const std::uint64_t *rows, std::size_t n_rows, std::uint32_t words, thread_pool &threads,
                            progress_meter *progress = nullptr);

// Sets layout.largest from the starts. A file's are not trusted: the sizes serve to choose a method only.
void find_largest(bucket_layout &layout) noexcept;

// What is wrong with tables that were not made here.
struct bucket_fault {
  enum class array : std::uint8_t { none, starts, rows, words } where = array::none;
  std::size_t place = 0;  // in that array
  const char *what = "";
};
// Whether table t holds every row once, in its bucket, with its words inline.
bucket_fault find_bucket_fault(const bucket_layout &layout, const std::uint64_t *rows, std::uint32_t words,
                               std::uint32_t t);

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

// Whether a pair of codes is found in a table before t, too, and so is that table's to report.
bool found_earlier(const bucket_layout &layout, const std::array<int, bucket_layout::max_tables> &radii,
                   const std::uint64_t *row, const std::uint64_t *code, std::uint32_t t) noexcept;

// The queries that ask for each bucket of a table: those of bucket b stand at places starts[b] .. starts[b + 1] - 1,
// in their order.
struct queries_by_bucket {
  std::vector<std::uint32_t> starts;
  std::vector<std::uint32_t> queries;
};
// masks: what a query's own bucket is combined with. left_out: an entry for each query, or none at all.
queries_by_bucket sort_queries(const bucket_layout &layout, std::uint32_t t, const query_batch &queries,
                               std::span<const std::uint32_t> masks, const std::vector<bool> &left_out);

}  // namespace libmatch::detail
