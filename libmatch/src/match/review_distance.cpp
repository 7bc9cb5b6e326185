#include "match/review_distance.h"

namespace libmatch::detail {

std::uint32_t automatic_review_distance(std::uint64_t n_codes) noexcept {
  if (n_codes <= 20'000) {
    return 64;
  }
  if (n_codes <= 100'000) {
    return 53;
  }
  if (n_codes <= 1'000'000) {
    return 47;
  }
  return n_codes <= 10'000'000 ? 40 : 31;
}

}  // namespace libmatch::detail
