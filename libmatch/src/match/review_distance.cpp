#include "match/review_distance.h"

namespace libmatch::detail {

std::uint32_t automatic_review_distance(std::uint64_t n_codes) noexcept {
  if (n_codes <= 1'000'000) {
    return 64;
  }
  return n_codes <= 10'000'000 ? 47 : 40;
}

}  // namespace libmatch::detail
