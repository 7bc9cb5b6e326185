#include "match/part_match.h"

#include <algorithm>
#include <array>

namespace libmatch::detail {

namespace {

// What a number of votes asks of the verification: the more points agree, the more of the view may be covered. With
// many votes and hardly a step unequal it may be covered by something flat; no two different pictures had both.
struct rule {
  std::uint32_t votes_min;
  agreement_rule agreement;
};
constexpr std::array<rule, 4> match_rules{{{6, {97, 6}}, {10, {94, 10}}, {16, {90, 15}}, {28, {97, 15, false}}}};
constexpr std::array<rule, 3> review_rules{{{5, {95, 8}}, {8, {90, 15}}, {14, {85, 22}}}};

}  // namespace

std::optional<part_match> match_parts(const keypoint_set &query, const keypoint_set &reference,
                                      std::span<const point_pair> pairs) {
  if (pairs.size() < review_rules[0].votes_min) {
    return std::nullopt;
  }
  const vote_result voted = vote(query, reference, pairs);
  if (voted.votes < review_rules[0].votes_min) {
    return std::nullopt;
  }
  const verification_result verification = verify(query, reference, voted.transform);
  const auto holds = [&](const rule &each) {
    return voted.votes >= each.votes_min && agrees(verification, each.agreement);
  };
  const bool certain = std::any_of(match_rules.begin(), match_rules.end(), holds);
  if (!certain && std::none_of(review_rules.begin(), review_rules.end(), holds)) {
    return std::nullopt;
  }
  return part_match{voted.votes, voted.transform, verification, certain};
}

}  // namespace libmatch::detail
