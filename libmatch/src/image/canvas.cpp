#include "image/canvas.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "image/decoders.h"
#include "image/formulas.h"

namespace libmatch::detail {

canvas::canvas(std::uint32_t width, std::uint32_t height)
    : width_(width), height_(height), rgb_(new_pixels(width, height)) {
  std::memset(rgb_.get(), 255, stride_bytes() * height);
}

void canvas::begin_frame(frame_place place, frame_disposal disposal) {
  const std::size_t disposed_row_size_bytes = std::size_t{place_.width} * 3;
  for (std::uint32_t y = 0; y < place_.height && disposal_ != frame_disposal::keep; ++y) {
    if (disposal_ == frame_disposal::clear) {
      std::memset(at(place_.left, place_.top + y), 255, disposed_row_size_bytes);
    } else {
      std::memcpy(at(place_.left, place_.top + y), before_.get() + y * disposed_row_size_bytes,
                  disposed_row_size_bytes);
    }
  }
  before_.reset();
  disposal_ = disposal;
  place_.left = std::min(place.left, width_);
  place_.top = std::min(place.top, height_);
  place_.width = std::min(place.width, width_ - place_.left);
  place_.height = std::min(place.height, height_ - place_.top);
  if (disposal == frame_disposal::restore) {
    before_ = new_pixels(place_.width, place_.height);
    const std::size_t row_size_bytes = std::size_t{place_.width} * 3;
    for (std::uint32_t y = 0; y < place_.height; ++y) {
      std::memcpy(before_.get() + y * row_size_bytes, at(place_.left, place_.top + y), row_size_bytes);
    }
  }
}

void canvas::blend(std::uint32_t x, std::uint32_t y, const std::uint8_t *rgba, std::size_t n) noexcept {
  std::uint8_t *to = at(x, y);
  for (std::size_t i = 0; i < n; ++i, rgba += 4, to += 3) {
    for (int channel = 0; channel < 3; ++channel) {
      to[channel] = over(rgba[channel], rgba[3], to[channel]);
    }
  }
}

void canvas::replace(std::uint32_t x, std::uint32_t y, const std::uint8_t *rgba, std::size_t n) noexcept {
  blend_over_white(rgba, n, at(x, y));
}

void canvas::give(image_writer &writer, std::uint32_t frame, int orientation, bool is_last) {
  const image_header header{width_, height_, frame};
  if (is_last || writer.wants_one_more()) {
    writer.give(std::move(rgb_), header, orientation);
  } else {
    writer.give_copy(rgb_.get(), header, orientation);
  }
}

}  // namespace libmatch::detail
