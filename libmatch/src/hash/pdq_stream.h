// PDQ of an image whose rows come one after the other, while a decoder's are still in cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/aligned_vector.h"
#include "core/cpu_features.h"
#include "hash/pdq.h"
#include "hash/pdq_downsampler.h"
#include "hash/pdq_kernels.h"
#include "libmatch/libmatch.h"

namespace libmatch::detail {

// What an image is before any of its rows is there.
struct pdq_shape {
  std::uint32_t width;
  std::uint32_t height;
  lm_pixel_format format;
};

// Whether eight orientations are sampled from one plane: not where a side is 129 to 256 pixels long. Such an image
// gets the true ones.
constexpr bool can_be_sampled(std::size_t width, std::size_t height) {
  return has_mirrored_places(width) && has_mirrored_places(height);
}

// Bit for bit pdq() of the whole image, in whatever groups its rows come. Groups that begin at multiples of 32 rows
// and hold as many are read where they lie; of others up to 31 rows are copied, and all of an image that gets eight
// orientations and cannot be sampled. All functions may throw
// std::bad_alloc.
class pdq_stream {
 public:
  // orientations: not LM_ORIENTATIONS_TRUE, which takes the whole image.
  pdq_stream(const pdq_shape &shape, lm_orientations orientations, instruction_set set);

  // The next `count` rows, from the top on.
  void rows(const std::uint8_t *pixels, std::size_t count, std::size_t stride_bytes);
  // Once all rows were given: LM_ERROR_INTERNAL before.
  pdq_result finish() const;

 private:
  void add_band(const std::uint8_t *pixels, std::size_t stride_bytes);
  void copy_row(const std::uint8_t *pixels);
  bool copies_all() const;

  pdq_shape shape_;
  lm_orientations orientations_;
  instruction_set set_;
  const pdq_kernels &kernels_;
  std::optional<pdq_downsampler> downsampler_;  // none for an image too small to have a code
  aligned_vector<std::uint8_t> copied_;         // rows of the next band, or all
  std::size_t copied_rows_ = 0;
  std::size_t rows_left_;
};

}  // namespace libmatch::detail
