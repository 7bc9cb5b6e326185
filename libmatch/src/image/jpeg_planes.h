// The planes of a JPEG picture as libjpeg decodes them, a few rows at a time, made rows of RGB by kernels of our own.
#pragma once

#include <cstddef>
#include <cstdio>
// jpeglib.h needs the two above.
#include <jpeglib.h>

#include <array>
#include <cstdint>
#include <vector>

#include "core/aligned_vector.h"
#include "image/jpeg_rows.h"

namespace libmatch::detail {

// For YCbCr whose colours have all of luma's samples, half as many along rows, or half as many both ways: how nearly
// all pictures are. Others are libjpeg's to put together, which is slower.
class jpeg_planes {
 public:
  // Once the header is read, and before decompression is started, for which raw_data_out must be set then.
  static bool can_take(const jpeg_decompress_struct &decoder);

  // kernels: live as long. May throw std::bad_alloc.
  jpeg_planes(const jpeg_decompress_struct &decoder, const jpeg_row_kernels &kernels);

  // The next rows of the picture. Holds nothing with a destructor: libjpeg may leave it by longjmp.
  void read_rows(jpeg_decompress_struct &decoder, std::uint32_t count, std::uint8_t *rgb);

 private:
  // A row is needed until the row below it was made, which may lie in the next group: so two groups are held.
  static constexpr std::size_t groups_held = 2;
  static constexpr std::size_t group_rows_max = std::size_t{2} * DCTSIZE;

  struct plane {
    std::size_t stride_bytes = 0;
    std::size_t group_rows = 0;
    std::size_t rows = 0;     // of the picture; more are decoded
    std::size_t columns = 0;  // the same
    aligned_vector<std::uint8_t> samples;

    std::uint8_t *row(std::size_t y) { return samples.data() + y % (groups_held * group_rows) * stride_bytes; }
  };

  void read_group(jpeg_decompress_struct &decoder);
  // Row y of the picture from a plane of colour.
  const std::uint8_t *colour_row(std::size_t component, std::size_t y);

  const jpeg_row_kernels &kernels_;
  bool doubles_columns_;
  bool doubles_rows_;
  std::array<plane, 3> planes_;
  std::array<aligned_vector<std::uint8_t>, 3> doubled_;
  aligned_vector<std::uint16_t> sums_;
  std::array<std::array<JSAMPROW, group_rows_max>, 3> group_rows_{};
  std::size_t groups_read_ = 0;
  std::size_t next_row_ = 0;
};

}  // namespace libmatch::detail
