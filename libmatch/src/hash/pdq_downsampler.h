// The first half of PDQ, fast: an image of any size, given 32 rows at a time, to the averages of 64 x 64 places.
#pragma once

#include <cstddef>
#include <vector>

#include "core/aligned_vector.h"
#include "hash/pdq_axis.h"
#include "hash/pdq_coefficients.h"
#include "hash/pdq_kernels.h"

namespace libmatch::detail {

// orientation: an LM_ORIENTATION_... value.
pdq_view view_of(const lm_image &image, int orientation);
// The same from row y on.
pdq_view view_from_row(const pdq_view &view, std::size_t y);

// The last `capacity` rows of a plane; zeros where there were none yet.
class pdq_row_ring {
 public:
  pdq_row_ring(std::size_t capacity, std::size_t columns);
  float *row(std::size_t i) { return values_.data() + i % capacity_ * stride_; }

 private:
  std::size_t capacity_;
  std::size_t stride_;
  aligned_vector<float> values_;
};

// The last columns of a band, as many as the window reaches back and a chunk adds, and whole blocks of them.
class pdq_column_ring {
 public:
  explicit pdq_column_ring(const pdq_axis &columns);
  pdq_band band() { return {values_.data(), capacity_ - 1}; }

 private:
  std::size_t capacity_;
  aligned_vector<float> values_;
};

// Luma -> average along rows -> [first_rows_] -> along columns -> along rows at the sampled columns -> [second_rows_]
// -> along columns at the sampled rows.
//
// Bit for bit what the definition's averaged_down(turned(luma_of(image))) gives; both sides are at least 5. Reads the
// image once, and keeps what the sliding windows still need: about 4 * width * (height / 128 + 2) + 3 * height bytes,
// 0.4 MB for 4000 x 3000. All functions may throw std::bad_alloc.
class pdq_downsampler {
 public:
  pdq_downsampler(std::size_t width, std::size_t height, pdq_places places, const pdq_kernels &kernels);

  // The next rows of the image, which are the first of the view: 32 of them, at the end of the image what is left.
  void add_band(const pdq_view &view);
  // The rows that a band has next; 0 when the image is complete.
  std::size_t next_band_rows() const;

  // Once the image is complete: averages as of the image itself, or sampled from the same plane as its mirror image
  // would be (pdq_places::plain_and_mirrored).
  pdq_samples samples(bool reversed_vertically, bool reversed_horizontally) const;

 private:
  // A filter on its way from left to right, over the rows of a band or over 32 steps along the columns.
  struct row_filter {
    alignas(64) float sums[pdq_band_rows];
    std::size_t rows;
    std::size_t loaded;  // columns of luma
    pdq_view view;
  };
  struct column_filter {
    pdq_column_step steps[pdq_band_rows];
    alignas(64) float sums[pdq_band_rows];
    std::size_t sampled;  // columns
    std::size_t done;
  };

  column_filter column_filter_of(std::size_t first);
  void average_rows(row_filter &filter, std::size_t begin);
  void average_columns(column_filter &filter, std::size_t begin);
  void store_sampled(std::size_t first);
  void sample_rows(std::size_t begin, std::size_t end);
  float *place_of(std::size_t row);
  void repeat_rows();
  void finish();

  const pdq_kernels &kernels_;
  pdq_axis columns_;
  pdq_axis rows_;
  pdq_column_ring luma_;
  pdq_column_ring averaged_;
  pdq_row_ring first_rows_;   // those that the window still holds
  pdq_row_ring second_rows_;  // and those of a band
  aligned_vector<float> zero_row_;
  aligned_vector<float> column_sums_;
  aligned_vector<float> sample_sums_;
  aligned_vector<float> row_averages_;  // of a chunk
  aligned_vector<float> averages_;      // at sampled columns
  aligned_vector<float> samples_;       // by sampled row and column
  std::size_t next_row_ = 0;
  std::size_t next_sample_ = 0;
  std::size_t finished_samples_ = 0;
};

// The averages of a whole image, which may be a turned view.
pdq_samples averaged_down(const pdq_view &view, const pdq_kernels &kernels);

}  // namespace libmatch::detail
