#include "hash/gray_plane.h"

#include <algorithm>
#include <utility>

namespace libmatch::detail {

plane_size reduced_size(std::uint32_t width, std::uint32_t height, std::uint32_t max_side) {
  const std::uint64_t longest = std::max(width, height);
  if (longest <= max_side) {
    return {width, height};
  }
  const auto side = [&](std::uint64_t length) {
    return static_cast<std::uint32_t>(std::max<std::uint64_t>((length * max_side + longest / 2) / longest, 1));
  };
  return {side(width), side(height)};
}

plane_builder::plane_builder(std::uint32_t width, std::uint32_t height, std::uint32_t max_side)
    : width_(width), height_(height), size_(reduced_size(width, height, max_side)) {
  luma_.resize(width);
  along_.resize(size_.width);
  sums_.resize(size_.width);
  plane_.width = size_.width;
  plane_.height = size_.height;
  plane_.pixels.resize(std::size_t{size_.width} * size_.height);
}

void plane_builder::rows(std::uint32_t count, const std::uint8_t *rgb, std::size_t stride_bytes) {
  for (std::uint32_t y = 0; y < count && next_row_ < height_; ++y) {
    const std::uint8_t *pixel = rgb + y * stride_bytes;
    for (std::size_t x = 0; x < width_; ++x) {  // weights of red, green and blue in 256ths
      const std::uint32_t weighted = 77U * pixel[3 * x] + 150U * pixel[3 * x + 1] + 29U * pixel[3 * x + 2];
      luma_[x] = static_cast<std::uint8_t>((weighted + 128) >> 8);
    }
    add_row(luma_.data());
  }
}

void plane_builder::gray_rows(std::uint32_t count, const std::uint8_t *gray, std::size_t stride_bytes) {
  for (std::uint32_t y = 0; y < count && next_row_ < height_; ++y) {
    add_row(gray + y * stride_bytes);
  }
}

void plane_builder::add_row(const std::uint8_t *luma) {
  average_along(luma);
  // The row spans [y * plane height, (y + 1) * plane height) where a row of the plane spans the image's height.
  const std::uint64_t begin = std::uint64_t{next_row_} * size_.height;
  const std::uint64_t end = begin + size_.height;
  ++next_row_;
  const std::uint64_t output_end = (std::uint64_t{output_row_} + 1) * height_;
  const std::uint64_t here = std::min(end, output_end) - begin;
  for (std::size_t x = 0; x < size_.width; ++x) {
    sums_[x] += along_[x] * here;
  }
  if (end < output_end) {
    return;
  }
  end_output_row();
  if (end > output_end) {  // never more than two rows of the plane: it is not larger than the image
    for (std::size_t x = 0; x < size_.width; ++x) {
      sums_[x] = along_[x] * (end - output_end);
    }
  }
}

void plane_builder::average_along(const std::uint8_t *luma) {
  if (size_.width == width_) {
    std::transform(luma, luma + width_, along_.begin(),
                   [this](std::uint8_t value) { return std::uint64_t{value} * width_; });
    return;
  }
  // In units of which a pixel is size_.width wide and a pixel of the plane width_.
  std::size_t x = 0;
  std::uint64_t left = size_.width;  // of pixel x
  for (std::uint32_t output = 0; output < size_.width; ++output) {
    std::uint64_t wanted = width_;
    std::uint64_t sum = 0;
    while (wanted >= left && wanted > 0) {
      // Whole pixels in the middle are added up before they are weighted.
      sum += luma[x] * left;
      wanted -= left;
      left = size_.width;
      ++x;
      const std::size_t whole = wanted / size_.width;
      std::uint32_t values = 0;
      for (const std::size_t stop = x + whole; x < stop; ++x) {
        values += luma[x];
      }
      sum += std::uint64_t{values} * size_.width;
      wanted -= whole * size_.width;
    }
    if (wanted > 0) {
      sum += luma[x] * wanted;
      left -= wanted;
    }
    along_[output] = sum;
  }
}

void plane_builder::end_output_row() {
  const std::uint64_t area = std::uint64_t{width_} * height_;
  std::uint8_t *output = plane_.pixels.data() + std::size_t{output_row_} * size_.width;
  for (std::size_t x = 0; x < size_.width; ++x) {
    output[x] = static_cast<std::uint8_t>((sums_[x] + area / 2) / area);
  }
  std::fill(sums_.begin(), sums_.end(), 0);
  ++output_row_;
}

gray_plane plane_builder::finish() {
  if (output_row_ < size_.height) {
    end_output_row();
  }
  return std::move(plane_);
}

gray_plane reduced(const gray_plane &plane, std::uint32_t max_side) {
  plane_builder builder(plane.width, plane.height, max_side);
  builder.gray_rows(plane.height, plane.pixels.data(), plane.width);
  return builder.finish();
}

}  // namespace libmatch::detail
