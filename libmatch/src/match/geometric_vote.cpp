#include "match/geometric_vote.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <tuple>

#include "hash/directions.h"

namespace libmatch::detail {

namespace {

// What agrees with the similarity that one pair of keypoints proposes.
constexpr std::int32_t angle_tolerance = 14;               // 1/256 of a turn: 20 degrees
constexpr std::int32_t scale_tolerance = 10;               // 1/16 octave
constexpr double place_tolerance = 25;                     // pixels of the reference's plane
constexpr double refitted_place_tolerance = 9;             // after the fit of an affine map
constexpr double distinct_distance = 6;                    // points nearer than this are one
constexpr double span_min = 120.0 / reference_plane_side;  // diagonal of the inliers, of the plane's longer side
constexpr double pull_to_similarity = 200;  // square pixels: what the fit believes of scale and angle beforehand
constexpr double stretch_max = 1.45;        // of an affine map: half the squared sum over the determinant
constexpr std::uint32_t votes_min = 3;
constexpr std::size_t hypotheses_kept = 4;
constexpr std::uint8_t pairs_of_point_max = 4;

// A pair as the vote sees it: places in pixels, scale and turn of the reference over the query.
struct placed_pair {
  point_pair pair;
  double query_x, query_y;
  double reference_x, reference_y;
  std::int32_t scale;  // 1/16 octaves
  std::uint8_t angle;  // of the turn from the query's direction to the reference's
};

double power_of_two(std::int32_t sixteenths) {
  static constexpr std::array<double, 16> fractions{
      1.0,          1.0442737824, 1.0905077327, 1.1387886348, 1.1892071150, 1.2418578121, 1.2968395547, 1.3542555469,
      1.4142135624, 1.4768261459, 1.5422108254, 1.6104903319, 1.6817928305, 1.7562521604, 1.8340080864, 1.9152065614};
  const std::int32_t whole = sixteenths >> 4;
  return std::ldexp(fractions[static_cast<std::size_t>(sixteenths - whole * 16)], whole);
}

placed_pair placed(const keypoint_set &query, const keypoint_set &reference, const point_pair &pair) {
  const keypoint &from = query.points[pair.query_point];
  const keypoint &to = reference.points[pair.reference_point];
  const double x = from.x / 16.0;
  const int direction = pair.mirrored ? 128 - from.angle : from.angle;
  return {pair,
          pair.mirrored ? query.width - x : x,
          from.y / 16.0,
          to.x / 16.0,
          to.y / 16.0,
          to.scale - from.scale,
          static_cast<std::uint8_t>(to.angle - direction)};
}

// x and y to (a x + b y + c, d x + e y + f).
struct affine {
  double a, b, c, d, e, f;
};

affine similarity_of(const placed_pair &pair) {
  const double scale = power_of_two(pair.scale);
  const direction turn = direction_of(pair.angle);
  const double along = scale * turn.x / 16384.0;
  const double across = scale * turn.y / 16384.0;
  return {along,  -across, pair.reference_x - (along * pair.query_x - across * pair.query_y),
          across, along,   pair.reference_y - (across * pair.query_x + along * pair.query_y)};
}

double squared_error(const affine &map, const placed_pair &pair) {
  const double x = map.a * pair.query_x + map.b * pair.query_y + map.c - pair.reference_x;
  const double y = map.d * pair.query_x + map.e * pair.query_y + map.f - pair.reference_y;
  return x * x + y * y;
}

using indices = std::vector<std::uint32_t>;

// Pairs near the map in place, scale and turn.
void agreeing(const std::vector<placed_pair> &pairs, const affine &map, bool mirrored, std::int32_t scale,
              std::uint8_t angle, double tolerance, indices &result) {
  // A query that is enlarged has larger errors in the reference's plane.
  const double determinant = map.a * map.e - map.b * map.d;
  const double limit = tolerance * tolerance * std::max(1.0, determinant);
  result.clear();
  for (std::uint32_t i = 0; i < pairs.size(); ++i) {
    const placed_pair &pair = pairs[i];
    const auto turned = static_cast<std::int8_t>(static_cast<std::uint8_t>(pair.angle - angle));
    if (pair.pair.mirrored == mirrored && std::abs(pair.scale - scale) <= scale_tolerance &&
        std::abs(static_cast<std::int32_t>(turned)) <= angle_tolerance && squared_error(map, pair) <= limit) {
      result.push_back(i);
    }
  }
}

// Leaves out, of pairs that share a place in the query or in the reference, all but the first.
void keep_distinct(const std::vector<placed_pair> &pairs, indices &chosen) {
  std::size_t kept = 0;
  for (const std::uint32_t candidate : chosen) {
    const placed_pair &pair = pairs[candidate];
    const bool distinct = std::all_of(
        chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(kept), [&](std::uint32_t other_index) {
          const placed_pair &other = pairs[other_index];
          return std::abs(pair.query_x - other.query_x) + std::abs(pair.query_y - other.query_y) >=
                     distinct_distance &&
                 std::abs(pair.reference_x - other.reference_x) + std::abs(pair.reference_y - other.reference_y) >=
                     distinct_distance;
        });
    if (distinct) {
      chosen[kept++] = candidate;
    }
  }
  chosen.resize(kept);
}

double reference_span(const std::vector<placed_pair> &pairs, const indices &chosen) {
  double left = pairs[chosen[0]].reference_x;
  double right = left;
  double top = pairs[chosen[0]].reference_y;
  double bottom = top;
  for (const std::uint32_t i : chosen) {
    left = std::min(left, pairs[i].reference_x);
    right = std::max(right, pairs[i].reference_x);
    top = std::min(top, pairs[i].reference_y);
    bottom = std::max(bottom, pairs[i].reference_y);
  }
  return std::sqrt((right - left) * (right - left) + (bottom - top) * (bottom - top));
}

struct agreement {
  affine map{};
  bool mirrored = false;
  std::int32_t scale = 0;
  std::uint8_t angle = 0;
  indices chosen;
};

// 16 log2 of the square root of a determinant, rounded: the inverse of power_of_two.
std::int32_t sixteenths_of(double determinant) {
  std::int32_t low = -160;
  std::int32_t high = 160;
  while (low < high) {
    const std::int32_t middle = (low + high) >> 1;
    const double upper = power_of_two(2 * middle + 1);  // the square of 2^((middle + 1/2) / 16)
    if (determinant > upper) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// Least squares over the chosen pairs, pulled towards the similarity of their mean scale and turn, so that few points
// on a line do not make up a stretch. False where the map is no plausible view of a flat picture.
bool refit(const std::vector<placed_pair> &pairs, agreement &of) {
  double mean_x = 0, mean_y = 0, target_x = 0, target_y = 0, along = 0, across = 0;
  for (const std::uint32_t i : of.chosen) {
    const placed_pair &pair = pairs[i];
    const affine single = similarity_of(pair);
    mean_x += pair.query_x;
    mean_y += pair.query_y;
    target_x += pair.reference_x;
    target_y += pair.reference_y;
    along += single.a;
    across += single.d;
  }
  const auto n = static_cast<double>(of.chosen.size());
  mean_x /= n;
  mean_y /= n;
  target_x /= n;
  target_y /= n;
  along /= n;
  across /= n;
  double xx = pull_to_similarity, yy = pull_to_similarity, xy = 0;
  double x_to_x = xx * along, y_to_x = -yy * across, x_to_y = xx * across, y_to_y = yy * along;
  for (const std::uint32_t i : of.chosen) {
    const double x = pairs[i].query_x - mean_x;
    const double y = pairs[i].query_y - mean_y;
    const double to_x = pairs[i].reference_x - target_x;
    const double to_y = pairs[i].reference_y - target_y;
    xx += x * x;
    yy += y * y;
    xy += x * y;
    x_to_x += x * to_x;
    y_to_x += y * to_x;
    x_to_y += x * to_y;
    y_to_y += y * to_y;
  }
  const double determinant = xx * yy - xy * xy;  // at least the square of the pull
  affine &map = of.map;
  map.a = (x_to_x * yy - y_to_x * xy) / determinant;
  map.b = (y_to_x * xx - x_to_x * xy) / determinant;
  map.d = (x_to_y * yy - y_to_y * xy) / determinant;
  map.e = (y_to_y * xx - x_to_y * xy) / determinant;
  map.c = target_x - map.a * mean_x - map.b * mean_y;
  map.f = target_y - map.d * mean_x - map.e * mean_y;
  const double area = map.a * map.e - map.b * map.d;
  const double squares = map.a * map.a + map.b * map.b + map.d * map.d + map.e * map.e;
  if (!(area > 1e-4) || !(squares <= 2 * stretch_max * area)) {
    return false;
  }
  of.scale = sixteenths_of(area);
  of.angle = angle_of(static_cast<std::int64_t>((map.a + map.e) * 65536),
                      static_cast<std::int64_t>((map.d - map.b) * 65536));
  return true;
}

bool pair_before(const point_pair &a, const point_pair &b) {
  return std::tuple(a.distance, a.query_point, a.reference_point, a.mirrored) <
         std::tuple(b.distance, b.query_point, b.reference_point, b.mirrored);
}

// The nearest pairs, in an order that does not depend on the caller's. Where a texture repeats itself, a point is
// near to many: only its nearest few count, so that they leave room for the others.
std::vector<placed_pair> nearest_pairs(const keypoint_set &query, const keypoint_set &reference,
                                       std::span<const point_pair> pairs) {
  std::vector<point_pair> nearest(pairs.begin(), pairs.end());
  std::sort(nearest.begin(), nearest.end(), pair_before);
  std::vector<std::uint8_t> of_query(query.points.size());
  std::vector<std::uint8_t> of_reference(reference.points.size());
  std::vector<placed_pair> result;
  for (const point_pair &pair : nearest) {
    std::uint8_t &query_pairs = of_query[pair.query_point];
    std::uint8_t &reference_pairs = of_reference[pair.reference_point];
    if (query_pairs < pairs_of_point_max && reference_pairs < pairs_of_point_max) {
      ++query_pairs;
      ++reference_pairs;
      result.push_back(placed(query, reference, pair));
      if (result.size() == voting_pairs_max) {
        break;
      }
    }
  }
  return result;
}

// The hypotheses with the most distinct pairs, best first.
std::vector<agreement> best_hypotheses(const std::vector<placed_pair> &pairs) {
  std::vector<agreement> best;
  indices chosen;
  for (const placed_pair &proposer : pairs) {
    const affine map = similarity_of(proposer);
    agreeing(pairs, map, proposer.pair.mirrored, proposer.scale, proposer.angle, place_tolerance, chosen);
    const std::size_t least = best.size() < hypotheses_kept ? votes_min : best.back().chosen.size() + 1;
    if (chosen.size() < least) {
      continue;
    }
    keep_distinct(pairs, chosen);
    if (chosen.size() < least) {
      continue;
    }
    if (best.size() == hypotheses_kept) {
      best.pop_back();
    }
    const auto place = std::find_if(best.begin(), best.end(),
                                    [&](const agreement &each) { return each.chosen.size() < chosen.size(); });
    best.insert(place, {map, proposer.pair.mirrored, proposer.scale, proposer.angle, chosen});
  }
  return best;
}

plane_transform with_mirror(const affine &map, bool mirrored, double width) {
  if (!mirrored) {
    return {map.a, map.b, map.c, map.d, map.e, map.f};
  }
  return {-map.a, map.b, map.c + map.a * width, -map.d, map.e, map.f + map.d * width};
}

}  // namespace

vote_result vote(const keypoint_set &query, const keypoint_set &reference, std::span<const point_pair> pairs) {
  vote_result result;
  const std::vector<placed_pair> nearest = nearest_pairs(query, reference, pairs);
  const double needed_span = span_min * std::max(reference.width, reference.height);
  indices chosen;
  for (agreement &each : best_hypotheses(nearest)) {
    bool plausible = true;
    for (int round = 0; round < 3 && plausible; ++round) {
      plausible = refit(nearest, each);
      if (plausible) {
        agreeing(nearest, each.map, each.mirrored, each.scale, each.angle, refitted_place_tolerance, chosen);
        keep_distinct(nearest, chosen);
        plausible = chosen.size() >= votes_min;
        each.chosen = chosen;
      }
    }
    if (!plausible || each.chosen.size() <= result.votes || reference_span(nearest, each.chosen) < needed_span) {
      continue;
    }
    result.votes = static_cast<std::uint32_t>(each.chosen.size());
    result.transform = with_mirror(each.map, each.mirrored, query.width);
    result.inliers.clear();
    for (const std::uint32_t i : each.chosen) {
      result.inliers.push_back(nearest[i].pair);
    }
  }
  return result;
}

}  // namespace libmatch::detail
