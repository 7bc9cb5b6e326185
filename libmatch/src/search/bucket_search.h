// Range search by the buckets of one segment (search/buckets.h), exact for every distance.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/search_result.h"
#include "core/segment.h"
#include "distance/kernels.h"
#include "search/buckets.h"
#include "search/ordering.h"
#include "search/planner.h"

namespace libmatch::detail {

// What all queries of one search have in common for a segment.
class bucket_search {
 public:
  // `segment` has buckets; `place` is its own in the result's locations.
  bucket_search(const segment_view &segment, std::uint32_t place, const query_batch &queries,
                std::uint32_t max_distance, const crowd_limits &limits, const distance_kernels &kernels);

  // Tables that are asked at this distance.
  std::uint32_t tables() const noexcept { return asked_tables_; }

  // Appends the matches of queries first .. last - 1, one query after the other. Those over a limit are left out and
  // appended to `crowded`.
  void probe(std::size_t first, std::size_t last, std::vector<search_hit> &hits,
             std::vector<std::uint32_t> &crowded) const;

  // Whether queries can be put together bucket by bucket: lines are, unless some query might be crowded.
  bool can_visit() const noexcept { return layout_.lines == 0 || !may_crowd_; }

  // Whether some query might have too many candidates, by the largest bucket of each table.
  bool may_crowd() const noexcept { return may_crowd_; }

  // The queries first .. last - 1 that have too many candidates.
  std::vector<bool> find_crowded(std::size_t first, std::size_t last) const;

  // Appends the matches that table t finds for those of the queries first .. last - 1 that are not crowded: `crowded`
  // has an entry for each, or none at all. All tables together find every match, each once.
  void visit(std::uint32_t t, std::size_t first, std::size_t last, const std::vector<bool> &crowded,
             std::vector<search_hit> &hits) const;

 private:
  struct candidate {
    std::uint32_t query;
    std::uint32_t table;
    std::uint32_t position;
  };

  const std::uint64_t *query(std::size_t q) const noexcept { return queries_.rows + q * queries_.words; }
  std::uint64_t list_probes(std::size_t q, std::vector<bucket_probe> &probes) const;
  // The same for tables whose buckets are lines (line_search.cpp).
  void prepare_lines();
  void probe_lines(std::size_t first, std::size_t last, std::vector<search_hit> &hits,
                   std::vector<std::uint32_t> &crowded) const;
  void visit_lines(std::uint32_t t, std::size_t first, std::size_t last, std::vector<search_hit> &hits) const;

  void settle(const std::vector<candidate> &candidates, std::vector<search_hit> &hits) const;
  void inline_words_of(std::size_t q, std::uint32_t t, std::uint32_t *words) const noexcept;

  const segment_view &segment_;
  const bucket_layout &layout_;
  std::uint32_t place_;
  query_batch queries_;
  std::uint32_t max_distance_;
  crowd_limits limits_;
  const distance_kernels &kernels_;
  std::array<int, bucket_layout::max_tables> radii_;
  bool may_crowd_ = false;
  std::uint32_t asked_tables_ = 0;  // those with a radius come first
  std::array<const std::uint32_t *, bucket_layout::max_tables> words_{};
  std::array<inline_choice, bucket_layout::max_tables> choices_;
  probe_masks masks_;                                             // of the largest radius
  std::array<std::size_t, bucket_layout::max_tables> n_masks_{};  // of each table's radius
  std::vector<std::uint32_t> line_masks_;                         // what the masks are to the numbers of lines
  std::array<int, bucket_layout::max_tables> line_limits_{};      // of each table, on the bits inline
};

}  // namespace libmatch::detail
