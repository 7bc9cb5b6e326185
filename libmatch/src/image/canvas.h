// What the frames of an animation are painted on. It is white, so that transparency shows white; frames blended on
// white one after the other give what frames blended with each other and laid over white would give, but for
// rounding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "image/image_writer.h"

namespace libmatch::detail {

// What becomes of a frame's place before the next frame is painted.
enum class frame_disposal { keep, clear, restore };

struct frame_place {
  std::uint32_t left, top, width, height;
};

class canvas {
 public:
  // Sides have passed check_pixels.
  canvas(std::uint32_t width, std::uint32_t height);

  std::uint32_t width() const noexcept { return width_; }
  std::uint32_t height() const noexcept { return height_; }
  std::size_t stride_bytes() const noexcept { return std::size_t{width_} * 3; }
  std::uint8_t *at(std::uint32_t x, std::uint32_t y) noexcept {
    return rgb_.get() + y * stride_bytes() + std::size_t{x} * 3;
  }

  // Disposes of the frame before and takes note of what this one's disposal needs. What of the place lies beyond the
  // canvas is cut off.
  void begin_frame(frame_place place, frame_disposal disposal);

  // n RGBA8 pixels from (x, y) to the right: blended with what is there, or put over white in its stead.
  void blend(std::uint32_t x, std::uint32_t y, const std::uint8_t *rgba, std::size_t n) noexcept;
  void replace(std::uint32_t x, std::uint32_t y, const std::uint8_t *rgba, std::size_t n) noexcept;

  // Gives the canvas as it is. is_last: nothing will be painted any more, so that no copy is needed.
  void give(image_writer &writer, std::uint32_t frame, int orientation, bool is_last);

 private:
  std::uint32_t width_;
  std::uint32_t height_;
  std::unique_ptr<std::uint8_t[]> rgb_;
  frame_place place_{0, 0, 0, 0};
  frame_disposal disposal_ = frame_disposal::keep;
  std::unique_ptr<std::uint8_t[]> before_;  // what the place held, where it is to be restored
};

}  // namespace libmatch::detail
