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

struct query_part {
  const std::uint32_t *rows;   // size x width_words
  const std::int32_t *limits;  // size; negative: the query has no hits
  std::uint32_t size;
  std::uint32_t first;         // what hits call query 0
  std::int32_t largest_limit;  // none is larger
};

}  // namespace libmatch::cuda
