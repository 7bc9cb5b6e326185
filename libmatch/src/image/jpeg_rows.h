// From the planes of a JPEG picture to rows of RGB: colours made as long as luma, and converted. Bit for bit what
// libjpeg-turbo does of its own; one source, jpeg_rows_body.h, compiled once per instruction set.
//
// Doubling (libjpeg's "fancy upsampling") is a triangle filter: of the two samples an output lies between, the nearer
// one counts three times. In two dimensions columns go first, 3 * near + far, and are rounded once, up and down in
// turns; behind the edges the outermost samples go on. Conversion is that of JFIF with constants of 16 bits behind
// the point, rounded to nearest, cut to 0 to 255.
#pragma once

#include <cstddef>
#include <cstdint>

namespace libmatch::detail {

enum class instruction_set : std::uint8_t;  // core/cpu_features.h

// Kernels read and write whole vectors: rows of planes have this many bytes more than samples, whatever they hold.
// Rows of RGB have none.
constexpr std::size_t jpeg_row_padding = 64;

struct jpeg_row_kernels {
  // One output row between two rows of `samples`, which are twice as many columns then. samples: >= 1. sums: samples
  // and 2 more, and padding.
  void (*double_both)(const std::uint8_t *near, const std::uint8_t *far, std::size_t samples, std::uint16_t *sums,
                      std::uint8_t *output);
  // The same along the row only.
  void (*double_columns)(const std::uint8_t *row, std::size_t samples, std::uint16_t *sums, std::uint8_t *output);
  void (*to_rgb)(const std::uint8_t *luma, const std::uint8_t *blue, const std::uint8_t *red, std::size_t columns,
                 std::uint8_t *rgb);
};

// Null where there are none, and libjpeg's own are to be used.
const jpeg_row_kernels *jpeg_row_kernels_for(instruction_set set) noexcept;
// Of the best set that this machine runs.
const jpeg_row_kernels *best_jpeg_row_kernels() noexcept;

#if defined(LIBMATCH_X86)
extern const jpeg_row_kernels jpeg_row_kernels_avx2;
extern const jpeg_row_kernels jpeg_row_kernels_avx512;
#endif

}  // namespace libmatch::detail
