#include "match/review_distance.h"

namespace libmatch::detail {

std::uint32_t automatic_review_distance(std::uint64_t n_codes) noexcept {
  if (n_codes <= 20'000) {
    return 64;
  }
  if (n_codes <= 200'000) {
    return 56;
  }
  if (n_codes <= 2'000'000) {
    return 47;
  }
  return n_codes <= 20'000'000 ? 40 : 36;
}

}  // namespace libmatch::detail
