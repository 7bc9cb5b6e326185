// Range search of a flat list by tables of the queries: nothing is derived from the rows, and still not every row is
// compared with every query.
//
// It is multi-index hashing (search/buckets.h) turned round: a batch of queries is cheaply put into the buckets that
// it asks for, and each row looks up its own. With n queries a row costs sixteen lookups and 272 n / 65,536
// candidates at distance 31, where a scan compares it with all n.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/aligned_vector.h"
#include "core/parallel.h"
#include "core/search_result.h"
#include "core/segment.h"
#include "distance/kernels.h"
#include "search/buckets.h"
#include "search/ordering.h"
#include "search/tile_scan.h"

namespace libmatch::detail {

// Whether codes of this length can be searched so.
constexpr bool has_query_tables(std::uint32_t words) noexcept { return words >= 2; }

// Entries that one query has in all tables, and the tables that are asked.
struct query_table_load {
  double tables = 0;
  double entries = 0;
};
query_table_load load_of_query_tables(std::uint32_t words, std::uint32_t max_distance) noexcept;

// Into how many sets of tables so many queries go, so that one table of a set stays within the third-level cache.
std::size_t sets_of_tables(std::size_t n_queries, std::uint32_t words, std::uint32_t max_distance) noexcept;

// The tables of one set of queries.
class query_tables {
 public:
  query_tables(const query_batch &queries, std::uint32_t max_distance, const distance_kernels &kernels,
               thread_pool &threads);

  // Appends the matches of a range of rows; query q is called first_query + q. Returns false, and leaves `hits` as
  // they were, when the rows crowd the queries' buckets so that comparing each with every query takes no longer:
  // max_work is what that takes, in steps of the kernel.
  bool search(const segment_view &segment, const row_range &range, std::uint32_t first_query, std::uint64_t max_work,
              std::vector<search_hit> &hits) const;

 private:
  struct owned_table {
    queries_by_bucket asking;  // an entry each
    aligned_vector<std::uint64_t> entries;
  };

  void build(std::uint32_t t);
  std::uint32_t first_compared_word(std::uint32_t t) const noexcept;

  query_batch queries_;
  std::uint32_t max_distance_;
  const distance_kernels &kernels_;
  bucket_layout layout_;  // its shape only
  std::array<int, bucket_layout::max_tables> radii_;
  std::vector<owned_table> tables_;
};

}  // namespace libmatch::detail
