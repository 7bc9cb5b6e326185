// What the filters of PDQ along one axis need to know: their windows, and the places that are sampled.
#pragma once

#include <array>
#include <cstddef>

#include "core/aligned_vector.h"
#include "hash/pdq_coefficients.h"
#include "hash/pdq_kernels.h"

namespace libmatch::detail {

// Which of the 64 places along an axis are sampled: those of the image, or those of its mirror image too.
enum class pdq_places { plain, plain_and_mirrored };

// Where a place of the mirrored axis, `length` long, stands on the axis as it is. An even window averages what is
// half a sample ahead; filtered twice, an output is about a whole sample ahead, and that of the mirrored axis as far
// the other way. So the two are moved by 2 against each other.
constexpr std::size_t mirrored_place(std::size_t length, std::size_t place) {
  const std::size_t window = (length + 127) / 128;
  return length - 1 - place - (window % 2 == 0 ? 2 : 0);
}

// A window of 2 leaves no output for the last place of the mirrored axis, which would be -1.
constexpr bool has_mirrored_places(std::size_t length) { return (length + 127) / 128 != 2; }

class pdq_axis {
 public:
  // Both kinds of places: only if has_mirrored_places.
  pdq_axis(std::size_t length, pdq_places places);

  std::size_t length() const { return length_; }
  std::size_t window() const { return window_; }
  std::size_t half() const { return half_; }
  // Steps of the filter: one an input, and those after the last input that only shrink the window.
  std::size_t steps() const { return length_ + half_ - 1; }
  pdq_box box() const { return {length_, window_, half_, divisors_.data()}; }

  bool adds(std::size_t step) const { return step < length_; }
  bool subtracts(std::size_t step) const { return step >= window_ && step < steps(); }
  bool makes_output(std::size_t step) const { return step + 1 >= half_ && step < steps(); }
  std::size_t output_of(std::size_t step) const { return step + 1 - half_; }
  // By the count of values in the window after a step that makes an output; by 1 after any other.
  const pdq_divisor &divisor_after(std::size_t step) const;

  // The outputs that are sampled, 64 or 128, in rising order, repeats included.
  std::size_t samples() const { return samples_; }
  std::size_t sample(std::size_t i) const { return sampled_[i]; }
  // The same as the kernels want them: behind the last stands one that is never reached.
  const std::size_t *sampled() const { return sampled_.data(); }
  // Which of the samples are the 64 of the image, or of its mirror image.
  const std::array<std::size_t, pdq_side> &samples_of(bool mirrored) const { return mirrored ? mirrored_ : plain_; }

 private:
  std::size_t length_;
  std::size_t window_;
  std::size_t half_;
  aligned_vector<pdq_divisor> divisors_;
  std::size_t samples_;
  std::array<std::size_t, 2 * pdq_side + 1> sampled_{};
  std::array<std::size_t, pdq_side> plain_{};
  std::array<std::size_t, pdq_side> mirrored_{};
};

// count >= 1.
pdq_divisor divisor_by(std::size_t count);

}  // namespace libmatch::detail
