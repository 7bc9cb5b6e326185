// Whether pairs of near keypoint codes agree on how a query lies over a reference.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "hash/keypoints.h"

namespace libmatch::detail {

inline constexpr std::uint32_t keypoint_distance_max = 28;  // bits: codes this near are a pair

// A point of the query and one of the reference with near codes.
struct point_pair {
  std::uint32_t query_point;
  std::uint32_t reference_point;
  std::uint8_t distance;
  bool mirrored;  // the query's point as it is in the mirror image
};

// (x, y) of the query's plane to (a x + b y + c, d x + e y + f) of the reference's plane, pixels: a to f in this
// order.
using plane_transform = std::array<double, 6>;

struct vote_result {
  std::uint32_t votes = 0;  // pairs of distinct points that agree; 0: none do, and there is no transform
  plane_transform transform{};
  std::vector<point_pair> inliers;  // those pairs, nearest codes first
};

// The transform that most pairs agree on. Takes time in proportion to the pairs and to the square of at most
// voting_pairs_max of them, whatever they are. The order of the pairs does not matter. Points that are not there are
// the caller's mistake.
inline constexpr std::size_t voting_pairs_max = 256;
vote_result vote(const keypoint_set &query, const keypoint_set &reference, std::span<const point_pair> pairs);

}  // namespace libmatch::detail
