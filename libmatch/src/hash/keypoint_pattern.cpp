#include "hash/keypoint_pattern.h"

#include <vector>

#include "hash/directions.h"

namespace libmatch::detail {

namespace {

// To the nearest, halves away from zero: mirrored places stay mirrored.
std::int8_t rounded(std::int32_t times_16384) {
  return static_cast<std::int8_t>(times_16384 >= 0 ? (times_16384 + 8192) / 16384 : -((8192 - times_16384) / 16384));
}

pixel_comparison turned(const pixel_comparison &plain, const direction &to) {
  return {rounded(plain.first_x * to.x - plain.first_y * to.y), rounded(plain.first_x * to.y + plain.first_y * to.x),
          rounded(plain.second_x * to.x - plain.second_y * to.y),
          rounded(plain.second_x * to.y + plain.second_y * to.x)};
}

std::vector<turned_comparisons> all_turned() {
  constexpr std::size_t half = keypoint_bits / 2;
  std::vector<turned_comparisons> result(256);
  for (std::size_t angle = 0; angle < 256; ++angle) {
    const direction to = direction_of(static_cast<std::uint8_t>(angle));
    for (std::size_t k = 0; k < half; ++k) {
      const pixel_comparison &plain = keypoint_comparisons[k];
      const pixel_comparison mirrored{plain.first_x, static_cast<std::int8_t>(-plain.first_y), plain.second_x,
                                      static_cast<std::int8_t>(-plain.second_y)};
      result[angle][k] = turned(plain, to);
      result[angle][k + half] = turned(mirrored, to);
    }
  }
  return result;
}

}  // namespace

const turned_comparisons &comparisons_at(std::uint8_t angle) {
  static const std::vector<turned_comparisons> turned = all_turned();
  return turned[angle];
}

}  // namespace libmatch::detail
