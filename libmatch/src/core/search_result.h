// What a search yields.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/metric.h"

namespace libmatch::detail {

// Where a matching code lies: the segment's place in the list that was searched, and the row.
struct row_location {
  std::uint32_t segment;
  std::uint32_t row;
};

// Compressed rows: query i owns entries offsets[i] .. offsets[i + 1] - 1 of the other arrays, ordered by
// (distance, id).
struct search_result {
  std::vector<std::int64_t> offsets{0};
  std::vector<std::int64_t> ids;
  std::vector<std::uint32_t> distances;
  std::vector<row_location> locations;
};

// Pairs of near codes, each once, ordered by (first id, second id, distance) and then by place. The first of a pair
// has the smaller id; of equal ids it lies before the second.
struct pair_result {
  std::vector<std::int64_t> first_ids;
  std::vector<std::int64_t> second_ids;
  std::vector<std::uint32_t> distances;
  std::vector<row_location> first_locations;
  std::vector<row_location> second_locations;
};

// Queries laid out like the rows of a segment.
struct query_batch {
  const std::uint64_t *rows = nullptr;  // size x words
  std::size_t size = 0;
  std::uint32_t words = 0;
  metric compared_by = metric::hamming;
};

}  // namespace libmatch::detail
