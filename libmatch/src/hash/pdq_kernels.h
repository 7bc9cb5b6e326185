// The hot loops of pdq(): one source, pdq_kernels_body.h, compiled once per instruction set.
//
// The files that include the body are built with flags of their own. They must not define anything that the linker
// could choose for the rest of the library: no standard containers, no inline functions or variables of shared
// headers, only raw pointers, these structs and what has internal linkage. No vector type crosses this header.
//
// A sliding sum is a chain: every value waits for the one before it, and the order of the additions is fixed. So the
// filter along rows takes a *band* of 32 rows at once, a row in each lane, and the filter along columns takes
// neighbouring columns in the lanes. Between the two, blocks are transposed in registers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "libmatch/libmatch.h"

namespace libmatch::detail {

constexpr std::size_t pdq_band_rows = 32;      // two chains of AVX-512 vectors, so that neither waits for the other
constexpr std::size_t pdq_chunk_columns = 64;  // a band's chunk takes 8 KiB and stays in the first-level cache
constexpr std::size_t pdq_block_columns = 16;  // the longest vector: a block of so many columns lies in one piece

// An image as turned, or its next rows: pixel (x, y) stands at first + x * column_step + y * row_step, in bytes. One
// of the steps is plus or minus the size of a pixel, the other plus or minus the stride.
struct pdq_view {
  const std::uint8_t *first;
  std::ptrdiff_t column_step;
  std::ptrdiff_t row_step;
  std::size_t width;
  std::size_t height;
  lm_pixel_format format;
};

// Recent columns of a band: column x is the 32 floats at columns + (x & mask) * 32, one for each row. The mask is
// that of a multiple of 16 columns.
struct pdq_band {
  float *columns;
  std::size_t mask;
};

// What dividing by a count takes. With a fused multiply-add, sum * reciprocal + sum * correction, the second product
// rounded first, is the correctly rounded quotient for counts up to pdq_reciprocal_limit: its error before the last
// rounding is below 2^-47 of it, and no quotient of a 24-bit number by such a count comes nearer than 2^-45 to the
// middle of two neighbouring floats (numerator and count being integers, scaled, that never meet in the middle).
struct pdq_divisor {
  float count;
  float reciprocal;
  float correction;  // 1 / count - reciprocal
};
constexpr std::size_t pdq_reciprocal_limit = std::size_t{1} << 20;

// The filter along one axis. Output i is made when input i + half - 1 has been added.
struct pdq_box {
  std::size_t length;
  std::size_t window;
  std::size_t half;
  const pdq_divisor *divisors;  // by the count of values in the window, 0 to window
};

// One step of the filter along columns: adds a row, subtracts the row that lies a window before it, divides. The
// added row takes the place of the other. Rows that do not exist are rows of zeros, and a step that makes no output
// divides by 1: neither changes a sum.
struct pdq_column_step {
  float *subtracted;
  pdq_divisor divisor;
};

// The same on the rows of samples, which stay; output is null where the row is not sampled.
struct pdq_sample_step {
  const float *added;
  const float *subtracted;
  float count;
  float *output;
};

struct pdq_kernels {
  // Luma of `columns` pixels from x on, a multiple of 16, of the first `rows` <= 32 rows, into columns x... of the
  // band; other rows are zeros.
  void (*luma)(const pdq_view &view, std::size_t x, std::size_t columns, std::size_t rows, const pdq_band &band);

  // The filter along rows: outputs begin to end - 1, 32 floats each, to `averages`. sums: 32, zeros before output 0.
  void (*box_along_rows)(const pdq_box &box, const pdq_band &band, float *sums, std::size_t begin, std::size_t end,
                         float *averages);

  // The same, but output samples[k] goes to averages + k * 32 and no other is divided: the sums go on all the same.
  // samples: in rising order, repeats allowed, the last one never reached. Takes the first k not yet reached and
  // returns the next.
  std::size_t (*box_along_rows_sampled)(const pdq_box &box, const pdq_band &band, float *sums, std::size_t begin,
                                        std::size_t end, const std::size_t *samples, std::size_t k, float *averages);

  // Transposes `columns` x 32 averages into the first `rows` of 32 rows, at x. Whole blocks of 16 columns are
  // written: rows and averages are padded to multiples of 16.
  void (*band_to_rows)(const float *averages, std::size_t columns, std::size_t rows, float *const *row,
                       std::size_t x);

  // 32 steps of the filter along `columns` columns from x on, both multiples of 16: step s adds the floats s of the
  // columns of `averages`, 32 floats each, and its output goes to row s of the band. sums: a float for each column,
  // at x.
  void (*box_along_columns)(const float *averages, const pdq_column_step *steps, std::size_t x, std::size_t columns,
                            float *sums, const pdq_band &band);

  // `n` steps of the filter along 64 columns from x on. sums: a float for each column, at x.
  void (*box_along_sample_columns)(const pdq_sample_step *steps, std::size_t n, std::size_t x, float *sums);

  // Sum of the differences between neighbours among 64 x 64 samples, each cut to an integer percentage.
  std::int32_t (*gradient)(const float *samples);

  // cosines x samples x transposed cosines. cosines: 16 x 64; transposed: 64 x 16; coefficients: 16 x 16.
  void (*transform)(const float *samples, const float *cosines, const float *transposed, float *coefficients);

  // For borders. Luma of a row, cut to whole numbers; sums of it and of its squares along the row; and added to the
  // sums of columns.
  void (*luma_bytes)(const std::uint8_t *pixels, lm_pixel_format format, std::size_t columns, std::uint8_t *values);
  void (*sum_row)(const std::uint8_t *values, std::size_t columns, std::uint32_t *sum, std::uint32_t *squares);
  void (*sum_columns)(const std::uint8_t *values, std::size_t columns, std::uint32_t *sums, std::uint32_t *squares);
};

extern const pdq_kernels pdq_kernels_scalar;
#if defined(LIBMATCH_X86)
extern const pdq_kernels pdq_kernels_avx2;
extern const pdq_kernels pdq_kernels_avx512;
#elif defined(LIBMATCH_NEON)
extern const pdq_kernels pdq_kernels_neon;
#endif

}  // namespace libmatch::detail
