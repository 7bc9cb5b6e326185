// What the kernels of a search are given.
#pragma once

#include <cstdint>

namespace libmatch::cuda {

// Rows end with zeros up to whole tiles: see rows_of_alignment of segment.h.
struct segment_part {
  const std::uint32_t *rows;
  const std::uint32_t *plane;
  const std::uint32_t *removed;
  std::uint64_t plane_stride;
  std::uint32_t size;
  std::uint32_t width_words;
  std::uint32_t number;  // what hits call the segment
};

// Tables of a segment of keypoint codes (core/keypoint_codes.h).
struct keypoint_table_part {
  const std::uint8_t *places;   // tables x width
  const std::uint32_t *starts;  // tables x (2^width + 1)
  const std::uint32_t *rows;    // tables x size
  std::uint32_t tables;
  std::uint32_t width;
  std::uint32_t max_rows_of_bucket;      // of a larger bucket the first are compared
  std::uint32_t max_candidates_of_code;  // after so many a query asks for no further buckets
};

// Tables of multi-index hashing (buckets.cuh): table t has every row in the order of its buckets, and words of the
// rows beside them.
struct bucket_part {
  const std::uint32_t *starts;  // tables x (2^16 + 1): positions
  const std::uint32_t *rows;    // tables x size
  const std::uint32_t *words;   // tables x words beside x size
};

struct query_part {
  const std::uint32_t *rows;   // size x width_words
  const std::int32_t *limits;  // size; negative: the query has no hits
  std::uint32_t size;
  std::uint32_t first;         // what hits call query 0
  std::int32_t largest_limit;  // none is larger
};

}  // namespace libmatch::cuda
