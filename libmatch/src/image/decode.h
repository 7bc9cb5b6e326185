// File bytes to RGB8 pixels. Bytes are hostile until shown otherwise: every limit is checked before memory is taken
// by it, and whatever is wrong ends as a scan_failure with a reason.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "libmatch/libmatch.h"

namespace libmatch::detail {

// Why an image could not be scanned. `scan` is never LM_SCAN_OK.
class scan_failure : public std::exception {
 public:
  scan_failure(lm_scan scan, std::string reason) : scan_(scan), reason_(std::move(reason)) {}
  lm_scan scan() const noexcept { return scan_; }
  const char *what() const noexcept override { return reason_.c_str(); }

 private:
  lm_scan scan_;
  std::string reason_;
};

struct decode_options {
  std::uint64_t max_bytes;
  std::uint64_t max_pixels;
  std::uint32_t max_frames;
  bool apply_exif_orientation;
};

struct decoded_image {
  std::unique_ptr<std::uint8_t[]> rgb;  // height x width x 3, no padding
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  const char *format = "";  // "jpeg", "png", "webp", "gif"
  std::uint32_t frames = 1;
  int exif_orientation = 1;  // 1 to 8, as stored

  lm_image view() const noexcept { return {rgb.get(), width, height, std::size_t{width} * 3, LM_PIXEL_RGB8}; }
};

// Recognises the format by content and decodes it by the formulas of docs/decoding.md. Throws scan_failure, and
// std::bad_alloc when there is no memory. Uses the calling thread alone.
decoded_image decode(std::span<const std::uint8_t> file, const decode_options &options);

}  // namespace libmatch::detail
