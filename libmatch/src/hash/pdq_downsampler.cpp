#include "hash/pdq_downsampler.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "hash/luma.h"
#include "hash/orientation.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

aligned_vector<float> zeros(std::size_t size) { return aligned_vector<float>(size, 0.0F); }

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

pdq_view view_from_row(const pdq_view &view, std::size_t y) {
  pdq_view result = view;
  result.first += static_cast<std::ptrdiff_t>(y) * view.row_step;
  result.height -= y;
  return result;
}

pdq_row_ring::pdq_row_ring(std::size_t capacity, std::size_t columns)
    : capacity_(capacity),
      stride_(round_up(columns, pdq_chunk_columns) + 16),  // never a power of two: rows share no cache set
      values_(zeros(capacity_ * stride_)) {}

pdq_column_ring::pdq_column_ring(const pdq_axis &columns)
    : capacity_(std::bit_ceil(columns.window() + pdq_chunk_columns + pdq_block_columns)),
      values_(zeros(capacity_ * pdq_band_rows)) {}

pdq_downsampler::pdq_downsampler(std::size_t width, std::size_t height, pdq_places places, const pdq_kernels &kernels)
    : kernels_(kernels),
      columns_(width, places),
      rows_(height, places),
      luma_(columns_),
      averaged_(columns_),
      first_rows_(rows_.window(), width),
      second_rows_(std::min(height, rows_.window() + pdq_band_rows), columns_.samples()),
      zero_row_(zeros(columns_.samples())),
      column_sums_(zeros(round_up(width, pdq_chunk_columns))),
      sample_sums_(zeros(columns_.samples())),
      row_averages_(zeros(pdq_chunk_columns * pdq_band_rows)),
      averages_(zeros(columns_.samples() * pdq_band_rows)),
      samples_(rows_.samples() * columns_.samples()) {}

std::size_t pdq_downsampler::next_band_rows() const { return std::min(pdq_band_rows, rows_.length() - next_row_); }

// Chunk by chunk both filters, so that rows are still near when the second one reads them.
void pdq_downsampler::add_band(const pdq_view &view) {
  const std::size_t count = next_band_rows();
  row_filter along_rows{{}, count, 0, view};
  column_filter along_columns = column_filter_of(next_row_);
  for (std::size_t begin = 0; begin < columns_.length(); begin += pdq_chunk_columns) {
    average_rows(along_rows, begin);
    average_columns(along_columns, begin);
  }
  store_sampled(next_row_);
  next_row_ += count;
  if (next_row_ == rows_.length()) {
    finish();
  }
}

// The steps after the last row, in which nothing is added and the windows only shrink.
void pdq_downsampler::finish() {
  std::fill(row_averages_.begin(), row_averages_.end(), 0.0F);
  for (std::size_t step = round_up(rows_.length(), pdq_band_rows); step < rows_.steps(); step += pdq_band_rows) {
    column_filter along_columns = column_filter_of(step);
    for (std::size_t begin = 0; begin < columns_.length(); begin += pdq_chunk_columns) {
      average_columns(along_columns, begin);
    }
    store_sampled(step);
  }
  for (std::size_t step = rows_.length(); step < rows_.steps(); step += pdq_band_rows) {
    sample_rows(step, std::min(step + pdq_band_rows, rows_.steps()));
  }
}

pdq_samples pdq_downsampler::samples(bool reversed_vertically, bool reversed_horizontally) const {
  const std::array<std::size_t, pdq_side> &rows = rows_.samples_of(reversed_vertically);
  const std::array<std::size_t, pdq_side> &columns = columns_.samples_of(reversed_horizontally);
  pdq_samples result;
  for (std::size_t i = 0; i < pdq_side; ++i) {
    for (std::size_t j = 0; j < pdq_side; ++j) {
      result[i * pdq_side + j] = samples_[rows[i] * columns_.samples() + columns[j]];
    }
  }
  return result;
}

pdq_downsampler::column_filter pdq_downsampler::column_filter_of(std::size_t first) {
  column_filter filter{};
  for (std::size_t i = 0; i < pdq_band_rows; ++i) {
    const std::size_t step = first + i;
    filter.steps[i] = {first_rows_.row(step), rows_.divisor_after(step)};
  }
  return filter;
}

// Luma of the rows, averaged along them, into row_averages_.
void pdq_downsampler::average_rows(row_filter &filter, std::size_t begin) {
  const std::size_t width = columns_.length();
  const std::size_t end = std::min(begin + pdq_chunk_columns, width);
  const std::size_t needed = std::min(round_up(end + columns_.half() - 1, pdq_block_columns), width);
  kernels_.luma(filter.view, filter.loaded, needed - filter.loaded, filter.rows, luma_.band());
  filter.loaded = needed;
  kernels_.box_along_rows(columns_.box(), luma_.band(), filter.sums, begin, end, row_averages_.data());
}

// 32 steps along the columns; what they make is averaged along the rows again.
void pdq_downsampler::average_columns(column_filter &filter, std::size_t begin) {
  const std::size_t width = columns_.length();
  const std::size_t available = std::min(begin + pdq_chunk_columns, width);
  kernels_.box_along_columns(row_averages_.data(), filter.steps, begin,
                             round_up(available - begin, pdq_block_columns), column_sums_.data(), averaged_.band());
  const std::size_t last = columns_.sample(columns_.samples() - 1);
  const std::size_t end = available == width ? last + 1 : available - std::min(available, columns_.half() - 1);
  if (end > filter.done) {
    filter.sampled = kernels_.box_along_rows_sampled(columns_.box(), averaged_.band(), filter.sums, filter.done, end,
                                                     columns_.sampled(), filter.sampled, averages_.data());
    filter.done = end;
  }
}

// Moves what average_columns made into second_rows_, and goes on with it.
void pdq_downsampler::store_sampled(std::size_t first) {
  alignas(64) float unread_row[2 * pdq_side];
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
    kernels_.band_to_rows(averages_.data(), columns_.samples(), pdq_band_rows, destinations, 0);
    sample_rows(begin, end);
  }
}

// At most 32 steps of the last filter, along the sampled columns, and the samples that they make.
void pdq_downsampler::sample_rows(std::size_t begin, std::size_t end) {
  pdq_sample_step steps[pdq_band_rows];
  for (std::size_t step = begin; step < end; ++step) {
    pdq_sample_step &described = steps[step - begin];
    described = {rows_.adds(step) ? second_rows_.row(step) : zero_row_.data(),
                 rows_.subtracts(step) ? second_rows_.row(step - rows_.window()) : zero_row_.data(),
                 rows_.divisor_after(step).count, nullptr};
    if (rows_.makes_output(step)) {
      described.output = place_of(rows_.output_of(step));
    }
  }
  for (std::size_t x = 0; x < columns_.samples(); x += pdq_side) {
    kernels_.box_along_sample_columns(steps, end - begin, x, sample_sums_.data());
  }
  repeat_rows();
}

// Where the samples of this row go; null if it is not sampled. Rows come in order.
float *pdq_downsampler::place_of(std::size_t row) {
  if (rows_.sample(next_sample_) != row) {
    return nullptr;
  }
  float *place = samples_.data() + next_sample_ * columns_.samples();
  while (rows_.sample(next_sample_) == row) {
    ++next_sample_;
  }
  return place;
}

// A row may be sampled more than once: of an image less than 64 high, or by its mirror image too.
void pdq_downsampler::repeat_rows() {
  for (; finished_samples_ < next_sample_; ++finished_samples_) {
    const std::size_t i = finished_samples_;
    if (i > 0 && rows_.sample(i) == rows_.sample(i - 1)) {
      float *place = samples_.data() + i * columns_.samples();
      std::copy_n(place - columns_.samples(), columns_.samples(), place);
    }
  }
}

pdq_samples averaged_down(const pdq_view &view, const pdq_kernels &kernels) {
  pdq_downsampler downsampler(view.width, view.height, pdq_places::plain, kernels);
  for (std::size_t y = 0; y < view.height; y += pdq_band_rows) {
    downsampler.add_band(view_from_row(view, y));
  }
  return downsampler.samples(false, false);
}

}  // namespace libmatch::detail
