#include "match/part_match.h"

namespace libmatch::detail {

namespace {

constexpr std::uint32_t match_votes_min = 5;              // verified
constexpr std::uint32_t review_votes_min = 4;             // verified
constexpr std::uint32_t unverified_review_votes_min = 8;  // a copy whose view is covered for the most part

}  // namespace

std::optional<part_match> match_parts(const keypoint_set &query, const keypoint_set &reference,
                                      std::span<const point_pair> pairs) {
  const vote_result voted = vote(query, reference, pairs);
  if (voted.votes < review_votes_min) {
    return std::nullopt;
  }
  part_match result;
  result.votes = voted.votes;
  result.transform = voted.transform;
  result.verification = verify(query, reference, voted.transform);
  result.verified = is_verified(result.verification);
  result.certain = result.verified && result.votes >= match_votes_min;
  if (!result.verified && result.votes < unverified_review_votes_min) {
    return std::nullopt;
  }
  return result;
}

}  // namespace libmatch::detail
