// How far a code may be for a person to look at it.
#pragma once

#include <cstdint>

namespace libmatch::detail {

// What LM_REVIEW_AUTOMATIC means for an index of so many codes. Every code of the list is another chance for an
// unrelated upload to be near, so the distance falls as lists grow. docs/decisions/007-review-distance.md has the
// counts behind the steps.
std::uint32_t automatic_review_distance(std::uint64_t n_codes) noexcept;

}  // namespace libmatch::detail
