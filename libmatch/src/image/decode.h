// File bytes to RGB8 pixels. Bytes are hostile until shown otherwise: every limit is checked before memory is taken
// by it, and whatever is wrong ends as a scan_failure with a reason.
#pragma once

#include <cstddef>
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
  std::uint32_t max_images = 1;        // how many images decode_images gives; the first is always among them
  std::uint32_t max_milliseconds = 0;  // from the start of the decoding, whatever the sink does included; 0: no limit
};

// The pixels of all images of one file together, composed frames included, are at most this many times max_pixels.
inline constexpr std::uint64_t max_total_pixels_factor = 10;

struct image_header {
  std::uint32_t width;   // upright
  std::uint32_t height;  // upright
  std::uint32_t frame;   // which image of the file: frame, page or picture, counted from 0
};

// What the images of a file are handed to, one after the other, on the calling thread: begin, rows until all were
// given, end. An image that fails on its way has no end, and nothing comes after it.
class image_sink {
 public:
  virtual ~image_sink() = default;
  virtual void begin(const image_header &header) = 0;
  // Rows y to y + count - 1 from the top, in order, RGB8, stride_bytes from one row's start to the next; they are
  // there for the length of the call.
  virtual void rows(std::uint32_t y, std::uint32_t count, const std::uint8_t *rgb, std::size_t stride_bytes) = 0;
  // All rows were given. False: no further image is wanted.
  virtual bool end() = 0;
};

struct file_info {
  const char *format = "";  // "jpeg", "png", "webp", "gif", "bmp", "tiff", "heic", "avif", "heif"
  std::uint32_t frames = 1;
  int exif_orientation = 1;  // of the first image: 1 to 8, as stored
};

// Recognises the format by content and gives the images of the file to the sink, by the formulas of docs/decoding.md;
// up to max_images, not more than max_frames. Rows are handed on as they are decoded where the format allows it, and
// all at once where the image had to be turned or composed. Throws scan_failure, also after some images were given,
// which then stay as good as they are; std::bad_alloc when there is no memory; and whatever the sink throws.
file_info decode_images(std::span<const std::uint8_t> file, const decode_options &options, image_sink &sink);

struct decoded_image {
  std::unique_ptr<std::uint8_t[]> rgb;  // height x width x 3, no padding
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  const char *format = "";  // as in file_info
  std::uint32_t frames = 1;
  int exif_orientation = 1;  // 1 to 8, as stored

  lm_image view() const noexcept { return {rgb.get(), width, height, std::size_t{width} * 3, LM_PIXEL_RGB8}; }
};

// The first image, whole: the same pixels as decode_images gives, in one piece.
decoded_image decode(std::span<const std::uint8_t> file, const decode_options &options);

}  // namespace libmatch::detail
