// Which references share keypoints with an image: by tables, or by comparing every code.
#pragma once

#include <span>
#include <vector>

#include "core/keypoint_codes.h"
#include "search/scan.h"

namespace libmatch::detail {

// The live references that have near codes with a set of the queries, and the pairs of them. Segments with tables are
// searched by them, which loses some pairs, unless options.method is exact. Progress counts code-query pairs.
keypoint_candidates search_keypoints(std::span<const keypoint_codes> segments, const keypoint_queries &queries,
                                     const keypoint_search_options &options, const search_environment &environment);

// A near code, and the segment of its row.
struct located_keypoint_hit {
  std::uint32_t query;
  std::uint32_t distance;
  row_location location;
};

// The same from hits that were found elsewhere, in any order: of each query all that may be among its nearest
// max_pairs_of_code.
keypoint_candidates keypoint_candidates_of(std::span<const keypoint_codes> segments, const keypoint_queries &queries,
                                           const keypoint_search_options &options,
                                           std::vector<located_keypoint_hit> hits);

}  // namespace libmatch::detail
