#include "hash/pdq_axis.h"

#include <algorithm>
#include <limits>

namespace libmatch::detail {

pdq_axis::pdq_axis(std::size_t length, pdq_places places)
    : length_(length),
      window_((length + 127) / 128),
      half_((window_ + 2) / 2),
      samples_(places == pdq_places::plain ? pdq_side : 2 * pdq_side) {
  divisors_.reserve(window_ + 1);
  for (std::size_t count = 0; count <= window_; ++count) {
    divisors_.push_back(divisor_by(std::max<std::size_t>(count, 1)));
  }
  std::array<std::size_t, pdq_side> plain{};
  std::array<std::size_t, pdq_side> mirrored{};
  for (std::size_t i = 0; i < pdq_side; ++i) {
    plain[i] = (2 * i + 1) * length / (2 * pdq_side);
    mirrored[i] = places == pdq_places::plain ? 0 : mirrored_place(length, plain[i]);
  }
  // Merged: one list rises, the other falls.
  std::size_t p = 0;
  std::size_t m = 0;
  for (std::size_t i = 0; i < samples_; ++i) {
    const bool takes_plain =
        samples_ == pdq_side || m == pdq_side || (p < pdq_side && plain[p] <= mirrored[pdq_side - 1 - m]);
    sampled_[i] = takes_plain ? plain[p] : mirrored[pdq_side - 1 - m];
    (takes_plain ? plain_[p++] : mirrored_[pdq_side - 1 - m++]) = i;
  }
  sampled_[samples_] = std::numeric_limits<std::size_t>::max();
}

const pdq_divisor &pdq_axis::divisor_after(std::size_t step) const {
  if (!makes_output(step)) {
    return divisors_[1];
  }
  return divisors_[std::min(step + 1, length_) - (subtracts(step) ? step + 1 - window_ : 0)];
}

pdq_divisor divisor_by(std::size_t count) {
  const double exact = 1.0 / static_cast<double>(count);
  const auto reciprocal = static_cast<float>(exact);
  return {static_cast<float>(count), reciprocal, static_cast<float>(exact - static_cast<double>(reciprocal))};
}

}  // namespace libmatch::detail
