// The hot loops of pdq(), for whichever instruction set the including file is compiled for. See pdq_kernels.h for
// what each one does and for what must not be used here.
//
// The comments on the loops give the limit and what was measured, in cycles for 16 pixels: AVX-512 on one core of an
// AMD EPYC (Zen 5, 4.3 GHz, data in the first-level cache, GCC 12). AVX2 takes 1.1 to 2.5 times as long. Together
// they take 17 cycles, 0.24 ns a pixel; all of pdq() takes 0.3 ns at 512 x 512 and 1024 x 768 and, where the pixels
// come from memory, 0.36 ns at 4000 x 3000.
//
// Loops over a block are unrolled by request: GCC would keep that of AVX2 in memory otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hash/pdq_kernels.h"
#include "hash/pdq_vector.h"

namespace libmatch::detail {
namespace {

constexpr std::size_t band_rows = pdq_band_rows;
constexpr std::size_t band_vectors = band_rows / lanes;
constexpr std::size_t sample_columns = 64;
constexpr std::size_t frequencies = 16;

alignas(64) const float zeros[band_rows] = {};

inline float *column_of(const pdq_band &band, std::size_t x) { return band.columns + (x & band.mask) * band_rows; }

// ---- Luma into the lanes of a band ----

// A whole block of lanes x lanes pixels, row i to block[i]. The 32 rows of a band are too many streams for the
// hardware to foresee, so each block asks for the bytes that the next chunk will want.
template <typename Pixel>
inline void load_block(const std::uint8_t *pixels, std::ptrdiff_t row_step, std::ptrdiff_t ahead, vector *block) {
#pragma GCC unroll 16
  for (std::size_t i = 0; i < lanes; ++i, pixels += row_step) {
    __builtin_prefetch(pixels + ahead);
    block[i] = Pixel::luma(pixels);
  }
}

// The same of the first n pixels of the first `rows` rows; zeros elsewhere.
template <typename Pixel>
inline void load_partial_block(const std::uint8_t *pixels, std::ptrdiff_t row_step, std::size_t n, std::size_t rows,
                               vector *block) {
  for (std::size_t i = 0; i < lanes; ++i) {
    block[i] = i < rows ? partial_luma<Pixel>(pixels + static_cast<std::ptrdiff_t>(i) * row_step, n, 0) : vector{};
  }
}

// Rows of the turned image are rows in memory: blocks are transposed. RGB takes 13 operations for 16 pixels (4 to
// spread the bytes, 5 to weigh them, 4 to transpose), at four a cycle 3.3 cycles; measured 6.
template <typename Pixel>
void luma_of_rows(const pdq_view &view, std::size_t x, std::size_t columns, std::size_t rows, const pdq_band &band) {
  const bool reversed_rows = view.column_step < 0;
  const auto ahead = static_cast<std::ptrdiff_t>(pdq_chunk_columns) * view.column_step;
  const std::ptrdiff_t destination_step = reversed_rows ? -static_cast<std::ptrdiff_t>(band_rows) : band_rows;
  for (std::size_t done = 0; done < columns; done += lanes) {
    const std::size_t n = columns - done < lanes ? columns - done : lanes;
    const std::size_t leftmost = x + done + (reversed_rows ? n - 1 : 0);  // in memory
    const std::uint8_t *pixels = view.first + static_cast<std::ptrdiff_t>(leftmost) * view.column_step;
    float *destination = column_of(band, leftmost);
    for (std::size_t row = 0; row < band_rows; row += lanes) {
      vector block[lanes];
      if (n == lanes && row + lanes <= rows) {
        load_block<Pixel>(pixels, view.row_step, ahead, block);
        transpose(block);
#pragma GCC unroll 16
        for (std::size_t i = 0; i < lanes; ++i) {
          store(destination + static_cast<std::ptrdiff_t>(i) * destination_step, block[i]);
        }
      } else {
        load_partial_block<Pixel>(pixels, view.row_step, n, row < rows ? rows - row : 0, block);
        transpose(block);
        for (std::size_t i = 0; i < n; ++i) {
          store(destination + static_cast<std::ptrdiff_t>(i) * destination_step, block[i]);
        }
      }
      pixels += static_cast<std::ptrdiff_t>(lanes) * view.row_step;
      destination += lanes;
    }
  }
}

// Columns of the turned image are rows in memory: the pixels lie as the band wants them. Measured 6.
template <typename Pixel>
void luma_of_columns(const pdq_view &view, std::size_t x, std::size_t columns, std::size_t rows,
                     const pdq_band &band) {
  const bool reversed_columns = view.row_step < 0;
  for (std::size_t column = x; column < x + columns; ++column) {
    float *destination = column_of(band, column);
    for (std::size_t row = 0; row < band_rows; row += lanes) {
      if (row >= rows) {
        store(destination + row, vector{});
        continue;
      }
      const std::size_t n = rows - row < lanes ? rows - row : lanes;
      const std::size_t leftmost = row + (reversed_columns ? n - 1 : 0);  // in memory
      const std::uint8_t *pixels = view.first + static_cast<std::ptrdiff_t>(column) * view.column_step +
                                   static_cast<std::ptrdiff_t>(leftmost) * view.row_step;
      const vector value =
          n == lanes ? Pixel::luma(pixels) : partial_luma<Pixel>(pixels, n, reversed_columns ? lanes - n : 0);
      store(destination + row, reversed_columns ? reversed(value) : value);
    }
  }
}

template <typename Pixel>
void luma_of_pixels(const pdq_view &view, std::size_t x, std::size_t columns, std::size_t rows,
                    const pdq_band &band) {
  constexpr auto size_bytes = static_cast<std::ptrdiff_t>(Pixel::size_bytes);
  if (view.column_step == size_bytes || view.column_step == -size_bytes) {
    luma_of_rows<Pixel>(view, x, columns, rows, band);
  } else {
    luma_of_columns<Pixel>(view, x, columns, rows, band);
  }
}

void luma(const pdq_view &view, std::size_t x, std::size_t columns, std::size_t rows, const pdq_band &band) {
  if (view.format == LM_PIXEL_GRAY8) {
    luma_of_pixels<gray8>(view, x, columns, rows, band);
  } else if (view.format == LM_PIXEL_RGB8) {
    luma_of_pixels<rgb8>(view, x, columns, rows, band);
  } else {
    luma_of_pixels<rgba8>(view, x, columns, rows, band);
  }
}

// ---- The filter along rows, a row in each lane ----

struct band_sums {
  vector v[band_vectors];
};

inline band_sums load_sums(const float *source) {
  band_sums sums;
  for (std::size_t i = 0; i < band_vectors; ++i) {
    sums.v[i] = load(source + i * lanes);
  }
  return sums;
}

inline void store_sums(float *destination, const band_sums &sums) {
  for (std::size_t i = 0; i < band_vectors; ++i) {
    store(destination + i * lanes, sums.v[i]);
  }
}

// What is added before the first output.
inline void begin_sums(const pdq_box &box, const pdq_band &band, band_sums &sums) {
  for (std::size_t x = 0; x + 1 < box.half; ++x) {
    const float *added = column_of(band, x);
    for (std::size_t i = 0; i < band_vectors; ++i) {
      sums.v[i] += load(added + i * lanes);
    }
  }
}

// Moves the window on to the one of output i; returns the count of values in it.
inline std::size_t slide(const pdq_box &box, const pdq_band &band, std::size_t i, band_sums &sums) {
  const std::size_t x = i + box.half - 1;
  const bool adds = x < box.length;
  const bool subtracts = x >= box.window;
  const float *added = adds ? column_of(band, x) : zeros;
  const float *subtracted = subtracts ? column_of(band, x - box.window) : zeros;
  for (std::size_t k = 0; k < band_vectors; ++k) {
    sums.v[k] += load(added + k * lanes);
    sums.v[k] -= load(subtracted + k * lanes);
  }
  return (adds ? x + 1 : box.length) - (subtracts ? x + 1 - box.window : 0);
}

// The same where the window lies within the image.
inline void slide_whole(const pdq_box &box, const pdq_band &band, std::size_t i, band_sums &sums) {
  const std::size_t x = i + box.half - 1;
  const float *added = column_of(band, x);
  const float *subtracted = column_of(band, x - box.window);
  for (std::size_t k = 0; k < band_vectors; ++k) {
    sums.v[k] += load(added + k * lanes);
    sums.v[k] -= load(subtracted + k * lanes);
  }
}

inline std::size_t clamped(std::size_t value, std::size_t least, std::size_t most) {
  return value < least ? least : value > most ? most : value;
}

// Hands outputs begin to end - 1 to output(i, sums, divisor), in their order. What is taken from memory is copied
// first: nothing that is stored may be thought to change it.
template <typename Output>
inline void filter_along_rows(pdq_box box, pdq_band band, float *sums_of_rows, std::size_t begin, std::size_t end,
                              const Output &output) {
  band_sums sums = load_sums(sums_of_rows);
  if (begin == 0 && end > 0) {
    begin_sums(box, band, sums);
  }
  const std::size_t whole_begin = clamped(box.window + 1 - box.half, begin, end);
  const std::size_t whole_end = clamped(box.length + 1 - box.half, whole_begin, end);
  std::size_t i = begin;
  for (; i < whole_begin; ++i) {
    output(i, sums, box.divisors[slide(box, band, i, sums)]);
  }
  const pdq_divisor whole = box.divisors[box.window];
  for (; i < whole_end; ++i) {
    slide_whole(box, band, i, sums);
    output(i, sums, whole);
  }
  for (; i < end; ++i) {
    output(i, sums, box.divisors[slide(box, band, i, sums)]);
  }
  store_sums(sums_of_rows, sums);
}

// The chain of two additions, 2 cycles each, allows 32 pixels in 4 cycles; measured 2.2 for 16.
void box_along_rows(const pdq_box &box, const pdq_band &band, float *sums_of_rows, std::size_t begin, std::size_t end,
                    float *averages) {
  filter_along_rows(box, band, sums_of_rows, begin, end,
                    [&](std::size_t, const band_sums &sums, const pdq_divisor &divisor) {
                      for (std::size_t k = 0; k < band_vectors; ++k) {
                        store(averages + k * lanes, quotient(sums.v[k], divisor));
                      }
                      averages += band_rows;
                    });
}

// The same chain and hardly anything else: measured 2.2.
std::size_t box_along_rows_sampled(const pdq_box &box, const pdq_band &band, float *sums_of_rows, std::size_t begin,
                                   std::size_t end, const std::size_t *samples, std::size_t sample, float *averages) {
  std::size_t next = samples[sample];
  filter_along_rows(box, band, sums_of_rows, begin, end,
                    [&](std::size_t i, const band_sums &sums, const pdq_divisor &divisor) {
                      for (; next == i; next = samples[++sample]) {
                        for (std::size_t k = 0; k < band_vectors; ++k) {
                          store(averages + sample * band_rows + k * lanes, sums.v[k] / divisor.count);
                        }
                      }
                    });
  return sample;
}

void band_to_rows(const float *averages, std::size_t columns, std::size_t rows, float *const *row, std::size_t x) {
  for (std::size_t column = 0; column < columns; column += lanes) {
    for (std::size_t first = 0; first < rows; first += lanes) {
      vector block[lanes];
      for (std::size_t i = 0; i < lanes; ++i) {
        block[i] = load(averages + (column + i) * band_rows + first);
      }
      transpose(block);
      const std::size_t n = rows - first < lanes ? rows - first : lanes;
      for (std::size_t i = 0; i < n; ++i) {
        store(row[first + i] + x + column, block[i]);
      }
    }
  }
}

// ---- The filter along columns, a column in each lane ----

// Rows stand in the lanes before and after: blocks are transposed on their way in and out, and what is added is
// stored for nothing but the step that will subtract it. Blocks of neighbouring columns follow each other, so that a
// chain of additions (16 pixels in 4 cycles) runs beside the shuffles of the next block. 12 operations, at four a
// cycle 3 cycles; measured 6.4. Rows that are subtracted were stored a window ago and may have left the first-level
// cache: those of the next chunk are asked for.
void box_along_columns(const float *averages, const pdq_column_step *steps, std::size_t x, std::size_t columns,
                       float *sums, const pdq_band &band) {
  for (std::size_t first = 0; first < band_rows; first += lanes) {
    for (std::size_t column = 0; column < columns; column += lanes) {
      vector block[lanes];
#pragma GCC unroll 16
      for (std::size_t i = 0; i < lanes; ++i) {
        block[i] = load(averages + (column + i) * band_rows + first);
      }
      transpose(block);
      vector sum = load(sums + x + column);
#pragma GCC unroll 16
      for (std::size_t i = 0; i < lanes; ++i) {
        const pdq_column_step &step = steps[first + i];
        float *row = step.subtracted + x + column;
        __builtin_prefetch(row + pdq_chunk_columns);
        const vector subtracted = load(row);
        store(row, block[i]);
        sum += block[i];
        sum -= subtracted;
        block[i] = quotient(sum, step.divisor);
      }
      store(sums + x + column, sum);
      transpose(block);
      float *destination = column_of(band, x + column) + first;
#pragma GCC unroll 16
      for (std::size_t i = 0; i < lanes; ++i) {
        store(destination + i * band_rows, block[i]);
      }
    }
  }
}

void box_along_sample_columns(const pdq_sample_step *steps, std::size_t n, std::size_t x, float *sums) {
  constexpr std::size_t vectors = sample_columns / lanes;
  vector sum[vectors];
  for (std::size_t k = 0; k < vectors; ++k) {
    sum[k] = load(sums + x + k * lanes);
  }
  for (std::size_t s = 0; s < n; ++s) {
    for (std::size_t k = 0; k < vectors; ++k) {
      sum[k] += load(steps[s].added + x + k * lanes);
      sum[k] -= load(steps[s].subtracted + x + k * lanes);
    }
    if (steps[s].output != nullptr) {
      for (std::size_t k = 0; k < vectors; ++k) {
        store(steps[s].output + x + k * lanes, sum[k] / steps[s].count);
      }
    }
  }
  for (std::size_t k = 0; k < vectors; ++k) {
    store(sums + x + k * lanes, sum[k]);
  }
}

// ---- 64 x 64 samples to quality and coefficients: 1.3 and 1.7 microseconds an image ----

inline integers percentage(const vector &difference) {
  const integers value = __builtin_convertvector(difference * 100.0F / 255.0F, integers);
  const integers sign = value >> 31;
  return (value ^ sign) - sign;
}

std::int32_t gradient(const float *samples) {
  integers sum{};
  for (std::size_t y = 0; y < sample_columns; ++y) {
    const float *row = samples + y * sample_columns;
    // The last vector of neighbours would reach over the end of the row: its right neighbours are shifted in.
    float right[sample_columns];
    for (std::size_t x = 0; x < sample_columns; ++x) {
      right[x] = row[x + 1 < sample_columns ? x + 1 : x];
    }
    for (std::size_t x = 0; x < sample_columns; x += lanes) {
      sum += percentage(load(row + x) - load(right + x));
      if (y + 1 < sample_columns) {
        sum += percentage(load(row + x) - load(row + sample_columns + x));
      }
    }
  }
  std::int32_t total = 0;
  for (std::size_t i = 0; i < lanes; ++i) {
    total += sum[i];
  }
  return total;
}

// The products of one output are added in the order of k; neighbouring outputs stand in the lanes, and four rows of
// outputs are summed at once so that no sum waits for itself.
void multiply(const float *left, const float *right, std::size_t columns, float *product) {
  constexpr std::size_t rows = 4;
  for (std::size_t i = 0; i < frequencies; i += rows) {
    for (std::size_t j = 0; j < columns; j += lanes) {
      vector sum[rows] = {};
      for (std::size_t k = 0; k < sample_columns; ++k) {
        const vector factor = load(right + k * columns + j);
        for (std::size_t row = 0; row < rows; ++row) {
          sum[row] += left[(i + row) * sample_columns + k] * factor;
        }
      }
      for (std::size_t row = 0; row < rows; ++row) {
        store(product + (i + row) * columns + j, sum[row]);
      }
    }
  }
}

void transform(const float *samples, const float *cosines, const float *transposed, float *coefficients) {
  float halfway[frequencies * sample_columns];
  multiply(cosines, samples, sample_columns, halfway);
  multiply(halfway, transposed, frequencies, coefficients);
}

// ---- Sums of luma along rows and columns, for borders ----

// Values of 0 to 255, cut to whole numbers; n <= lanes.
inline void store_bytes(std::uint8_t *destination, const vector &values, std::size_t n) {
  const bytes whole = bytes_of(__builtin_convertvector(values, integers));
  __builtin_memcpy(destination, &whole, n);
}

template <typename Pixel>
void luma_bytes_of(const std::uint8_t *pixels, std::size_t columns, std::uint8_t *values) {
  std::size_t x = 0;
  for (; x + lanes <= columns; x += lanes) {
    store_bytes(values + x, Pixel::luma(pixels + x * Pixel::size_bytes), lanes);
  }
  if (x < columns) {
    store_bytes(values + x, partial_luma<Pixel>(pixels + x * Pixel::size_bytes, columns - x, 0), columns - x);
  }
}

void luma_bytes(const std::uint8_t *pixels, lm_pixel_format format, std::size_t columns, std::uint8_t *values) {
  if (format == LM_PIXEL_GRAY8) {
    luma_bytes_of<gray8>(pixels, columns, values);
  } else if (format == LM_PIXEL_RGB8) {
    luma_bytes_of<rgb8>(pixels, columns, values);
  } else {
    luma_bytes_of<rgba8>(pixels, columns, values);
  }
}

void sum_row(const std::uint8_t *values, std::size_t columns, std::uint32_t *sum, std::uint32_t *squares) {
  std::uint32_t total = 0;
  std::uint32_t total_squares = 0;
  for (std::size_t x = 0; x < columns; ++x) {
    const std::uint32_t value = values[x];
    total += value;
    total_squares += value * value;
  }
  *sum = total;
  *squares = total_squares;
}

void sum_columns(const std::uint8_t *__restrict values, std::size_t columns, std::uint32_t *__restrict sums,
                 std::uint32_t *__restrict squares) {
  for (std::size_t x = 0; x < columns; ++x) {
    const std::uint32_t value = values[x];
    sums[x] += value;
    squares[x] += value * value;
  }
}

}  // namespace
}  // namespace libmatch::detail

#define LIBMATCH_PDQ_KERNELS                                                                                 \
  {                                                                                                          \
    luma, box_along_rows, box_along_rows_sampled, band_to_rows, box_along_columns, box_along_sample_columns, \
        gradient, transform, luma_bytes, sum_row, sum_columns                                                \
  }
