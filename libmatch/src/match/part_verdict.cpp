#include "match/part_verdict.h"

#include "match/verification.h"

namespace libmatch::detail {

namespace {

// Unrelated images seldom agree in so many points, and never do in what lies between them.
constexpr std::uint32_t votes_of_review = 6;
constexpr std::uint32_t votes_of_match = 8;
// Of the steps of brightness that are clear in both: half would be chance.
constexpr std::uint32_t compared_min = 64;
constexpr std::uint32_t equal_percent_min = 80;

}  // namespace

lm_verdict part_verdict(const keypoint_set &query, const keypoint_set &reference, const vote_result &votes) {
  if (votes.votes < votes_of_review) {
    return LM_VERDICT_NO_MATCH;
  }
  const frame_agreement agreement = verify(query, reference, votes.transform).agreement;
  const bool agrees =
      agreement.compared >= compared_min && agreement.equal * 100 >= agreement.compared * equal_percent_min;
  return agrees && votes.votes >= votes_of_match ? LM_VERDICT_MATCH : LM_VERDICT_REVIEW;
}

}  // namespace libmatch::detail
