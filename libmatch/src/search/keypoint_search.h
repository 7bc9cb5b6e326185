// Which references share keypoints with an image: by tables, or by comparing every code.
#pragma once

#include <span>

#include "core/keypoint_codes.h"
#include "search/scan.h"

namespace libmatch::detail {

// The live references that have near codes with a set of the queries, and the pairs of them. Segments with tables are
// searched by them, which loses some pairs, unless options.method is exact. Progress counts code-query pairs.
keypoint_candidates search_keypoints(std::span<const keypoint_codes> segments, const keypoint_queries &queries,
                                     const keypoint_search_options &options, const search_environment &environment);

}  // namespace libmatch::detail
