// The luma plane that keypoints are found on: the image averaged down to a longer side of so many pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace libmatch::detail {

// Row by row, without gaps.
struct gray_plane {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<std::uint8_t> pixels;

  const std::uint8_t *row(std::size_t y) const { return pixels.data() + y * width; }
};

// Sides of the plane of an image: in proportion, rounded, at least 1; those of the image where no side is longer.
struct plane_size {
  std::uint32_t width;
  std::uint32_t height;
};
plane_size reduced_size(std::uint32_t width, std::uint32_t height, std::uint32_t max_side);

inline constexpr std::uint32_t plane_builder_side_max = std::uint32_t{1} << 24;

// Averages areas exactly: a pixel counts for what its square shares with the square of the plane's pixel. All sums
// are integers, so the plane is the same on every machine and however the rows are cut into calls.
class plane_builder {
 public:
  // 1 <= width, height <= plane_builder_side_max; 1 <= max_side <= 4096. Throws std::bad_alloc.
  plane_builder(std::uint32_t width, std::uint32_t height, std::uint32_t max_side);

  // The next `count` rows from the top, RGB8. Rows beyond the height are left alone.
  void rows(std::uint32_t count, const std::uint8_t *rgb, std::size_t stride_bytes);

  // The same of rows that are luma already.
  void gray_rows(std::uint32_t count, const std::uint8_t *gray, std::size_t stride_bytes);

  // After the last row; rows that were never given count as black.
  gray_plane finish();

 private:
  void add_row(const std::uint8_t *luma);
  void average_along(const std::uint8_t *luma);
  void end_output_row();

  std::uint32_t width_;
  std::uint32_t height_;
  plane_size size_;
  std::uint32_t next_row_ = 0;
  std::uint32_t output_row_ = 0;
  std::vector<std::uint8_t> luma_;    // of the row at hand
  std::vector<std::uint64_t> along_;  // its averages times the width
  std::vector<std::uint64_t> sums_;   // of the output row at hand, times width and height
  gray_plane plane_;
};

// A plane averaged down further.
gray_plane reduced(const gray_plane &plane, std::uint32_t max_side);

}  // namespace libmatch::detail
