#include "hash/pdq_downsampler.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "core/aligned_vector.h"
#include "hash/luma.h"
#include "hash/orientation.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

aligned_vector<float> zeros(std::size_t size) { return aligned_vector<float>(size, 0.0F); }

// What the filter along one axis needs to know.
class axis {
 public:
  explicit axis(std::size_t length) : length_(length), window_((length + 127) / 128), half_((window_ + 2) / 2) {
    divisors_.reserve(window_ + 1);
    for (std::size_t count = 0; count <= window_; ++count) {
      divisors_.push_back(divisor_by(std::max<std::size_t>(count, 1)));
    }
    for (std::size_t i = 0; i < pdq_side; ++i) {
      samples_[i] = (2 * i + 1) * length / (2 * pdq_side);
    }
  }

  std::size_t length() const { return length_; }
  std::size_t window() const { return window_; }
  std::size_t half() const { return half_; }
  // Steps of the filter: one an input, and those after the last input that only shrink the window.
  std::size_t steps() const { return length_ + half_ - 1; }
  const std::array<std::size_t, pdq_side> &samples() const { return samples_; }
  pdq_box box() const { return {length_, window_, half_, divisors_.data()}; }

  bool adds(std::size_t step) const { return step < length_; }
  bool subtracts(std::size_t step) const { return step >= window_ && step < steps(); }
  bool makes_output(std::size_t step) const { return step + 1 >= half_ && step < steps(); }
  std::size_t output_of(std::size_t step) const { return step + 1 - half_; }
  // By the count of values in the window after a step that makes an output; by 1 after any other.
  const pdq_divisor &divisor_after(std::size_t step) const {
    if (!makes_output(step)) {
      return divisors_[1];
    }
    return divisors_[std::min(step + 1, length_) - (subtracts(step) ? step + 1 - window_ : 0)];
  }

 private:
  std::size_t length_;
  std::size_t window_;
  std::size_t half_;
  aligned_vector<pdq_divisor> divisors_;
  std::array<std::size_t, pdq_side> samples_{};
};

// The last rows of a plane, as many as the window reaches back and a band adds.
class row_ring {
 public:
  row_ring(const axis &rows, std::size_t columns)
      : capacity_(std::min(rows.length(), rows.window() + pdq_band_rows)),
        stride_(round_up(columns, pdq_chunk_columns) + 16),  // never a power of two: rows share no cache set
        values_(zeros(capacity_ * stride_)),
        zero_row_(zeros(stride_)) {}

  float *row(std::size_t i) { return values_.data() + i % capacity_ * stride_; }
  // Stands in for rows that are never added or subtracted.
  const float *zero_row() const { return zero_row_.data(); }

 private:
  std::size_t capacity_;
  std::size_t stride_;
  aligned_vector<float> values_;
  aligned_vector<float> zero_row_;
};

// The last columns of a band, as many as the window reaches back and a chunk adds.
class column_ring {
 public:
  explicit column_ring(const axis &columns)
      : capacity_(std::bit_ceil(columns.window() + pdq_chunk_columns)), values_(zeros(capacity_ * pdq_band_rows)) {}
  pdq_band band() { return {values_.data(), capacity_ - 1}; }

 private:
  std::size_t capacity_;
  aligned_vector<float> values_;
};

// Luma -> average along rows -> [first_rows_] -> along columns -> along rows at 64 columns -> [second_rows_]
// -> along columns at 64 rows.
class downsampler {
 public:
  downsampler(const pdq_view &view, const pdq_kernels &kernels)
      : view_(view),
        kernels_(kernels),
        columns_(view.width),
        rows_(view.height),
        luma_(columns_),
        averaged_(columns_),
        first_rows_(rows_, view.width),
        second_rows_(rows_, pdq_side),
        column_sums_(zeros(round_up(view.width, pdq_chunk_columns))),
        sample_sums_(zeros(pdq_side)),
        averages_(zeros(pdq_chunk_columns * pdq_band_rows)) {}

  pdq_samples run() {
    for (std::size_t step = 0; step < rows_.steps(); step += pdq_band_rows) {
      if (step < rows_.length()) {
        average_rows(step, std::min(pdq_band_rows, rows_.length() - step));
      }
      average_columns(step);
    }
    for (std::size_t step = rows_.length(); step < rows_.steps(); step += pdq_band_rows) {
      sample_rows(step, std::min(step + pdq_band_rows, rows_.steps()));
    }
    return samples_;
  }

 private:
  // Luma of rows y to y + count - 1, averaged along the rows, into first_rows_.
  void average_rows(std::size_t y, std::size_t count) {
    float *destinations[pdq_band_rows];
    for (std::size_t i = 0; i < count; ++i) {
      destinations[i] = first_rows_.row(y + i);
    }
    alignas(64) float sums[pdq_band_rows] = {};
    const std::size_t width = columns_.length();
    std::size_t loaded = 0;
    for (std::size_t begin = 0; begin < width; begin += pdq_chunk_columns) {
      const std::size_t end = std::min(begin + pdq_chunk_columns, width);
      const std::size_t needed = std::min(end + columns_.half() - 1, width);
      kernels_.luma(view_, loaded, needed - loaded, y, count, luma_.band());
      loaded = needed;
      kernels_.box_along_rows(columns_.box(), luma_.band(), sums, begin, end, averages_.data());
      kernels_.band_to_rows(averages_.data(), end - begin, count, destinations, begin);
    }
  }

  // The 32 steps along the columns that begin with `first`; what they make is averaged along the rows again.
  void average_columns(std::size_t first) {
    pdq_column_step steps[pdq_band_rows];
    for (std::size_t i = 0; i < pdq_band_rows; ++i) {
      const std::size_t step = first + i;
      steps[i] = {rows_.adds(step) ? first_rows_.row(step) : first_rows_.zero_row(),
                  rows_.subtracts(step) ? first_rows_.row(step - rows_.window()) : first_rows_.zero_row(),
                  rows_.divisor_after(step)};
    }
    alignas(64) float sums[pdq_band_rows] = {};
    const std::size_t width = columns_.length();
    std::size_t sampled = 0;
    std::size_t done = 0;
    for (std::size_t begin = 0; begin < width; begin += pdq_chunk_columns) {
      kernels_.box_along_columns(steps, begin, pdq_chunk_columns, column_sums_.data(), averaged_.band());
      const std::size_t available = std::min(begin + pdq_chunk_columns, width);
      const std::size_t last = columns_.samples().back();
      const std::size_t end = available == width ? last + 1 : available - std::min(available, columns_.half() - 1);
      if (end > done) {
        sampled = kernels_.box_along_rows_sampled(columns_.box(), averaged_.band(), sums, done, end,
                                                  columns_.samples().data(), sampled, averages_.data());
        done = end;
      }
    }
    store_sampled(first);
  }

  // Moves what average_columns made into second_rows_, and goes on with it.
  void store_sampled(std::size_t first) {
    alignas(64) float unread_row[pdq_side];
    float *destinations[pdq_band_rows];
    std::size_t begin = rows_.length();
    std::size_t end = 0;
    for (std::size_t i = 0; i < pdq_band_rows; ++i) {
      destinations[i] = unread_row;
      if (rows_.makes_output(first + i)) {
        const std::size_t output = rows_.output_of(first + i);
        destinations[i] = second_rows_.row(output);
        begin = std::min(begin, output);
        end = output + 1;
      }
    }
    if (begin < end) {
      kernels_.band_to_rows(averages_.data(), pdq_side, pdq_band_rows, destinations, 0);
      sample_rows(begin, end);
    }
  }

  // At most 32 steps of the last filter, along the 64 columns, and the samples that they make.
  void sample_rows(std::size_t begin, std::size_t end) {
    pdq_sample_step steps[pdq_band_rows];
    for (std::size_t step = begin; step < end; ++step) {
      pdq_sample_step &described = steps[step - begin];
      described = {rows_.adds(step) ? second_rows_.row(step) : second_rows_.zero_row(),
                   rows_.subtracts(step) ? second_rows_.row(step - rows_.window()) : second_rows_.zero_row(),
                   rows_.divisor_after(step).count, nullptr};
      if (rows_.makes_output(step)) {
        described.output = place_of(rows_.output_of(step));
      }
    }
    kernels_.box_along_sample_columns(steps, end - begin, sample_sums_.data());
    repeat_rows();
  }

  // Where the samples of this row go; null if it is not sampled. Rows come in order.
  float *place_of(std::size_t row) {
    if (next_sample_ == pdq_side || rows_.samples()[next_sample_] != row) {
      return nullptr;
    }
    float *place = samples_.data() + next_sample_ * pdq_side;
    while (next_sample_ < pdq_side && rows_.samples()[next_sample_] == row) {
      ++next_sample_;
    }
    return place;
  }

  // Images less than 64 high are sampled at some rows more than once.
  void repeat_rows() {
    for (; finished_samples_ < next_sample_; ++finished_samples_) {
      const std::size_t i = finished_samples_;
      if (i > 0 && rows_.samples()[i] == rows_.samples()[i - 1]) {
        std::copy_n(samples_.data() + (i - 1) * pdq_side, pdq_side, samples_.data() + i * pdq_side);
      }
    }
  }

  const pdq_view &view_;
  const pdq_kernels &kernels_;
  axis columns_;
  axis rows_;
  column_ring luma_;
  column_ring averaged_;
  row_ring first_rows_;
  row_ring second_rows_;
  aligned_vector<float> column_sums_;
  aligned_vector<float> sample_sums_;
  aligned_vector<float> averages_;
  std::size_t next_sample_ = 0;
  std::size_t finished_samples_ = 0;
  pdq_samples samples_{};
};

}  // namespace

pdq_view view_of(const lm_image &image, int orientation) {
  const turn way = turn_of(orientation);
  pdq_view view{image.pixels,
                static_cast<std::ptrdiff_t>(pixel_size_bytes(image.format)),
                static_cast<std::ptrdiff_t>(image.stride_bytes),
                image.width,
                image.height,
                image.format};
  if (way.transposed) {
    std::swap(view.column_step, view.row_step);
    std::swap(view.width, view.height);
  }
  if (way.reversed_horizontally) {
    view.first += static_cast<std::ptrdiff_t>(view.width - 1) * view.column_step;
    view.column_step = -view.column_step;
  }
  if (way.reversed_vertically) {
    view.first += static_cast<std::ptrdiff_t>(view.height - 1) * view.row_step;
    view.row_step = -view.row_step;
  }
  return view;
}

pdq_divisor divisor_by(std::size_t count) {
  const double exact = 1.0 / static_cast<double>(count);
  const auto reciprocal = static_cast<float>(exact);
  return {static_cast<float>(count), reciprocal, static_cast<float>(exact - static_cast<double>(reciprocal))};
}

pdq_samples averaged_down(const pdq_view &view, const pdq_kernels &kernels) {
  return downsampler(view, kernels).run();
}

}  // namespace libmatch::detail
