// The images of one file on their way from the decoder to codes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "backend/backend.h"
#include "hash/border.h"
#include "hash/gray_plane.h"
#include "hash/keypoints.h"
#include "hash/pdq_stream.h"
#include "image/decode.h"
#include "libmatch/libmatch.h"
#include "scan/scanned_image.h"

namespace libmatch::detail {

// What is wanted of each image.
struct image_request {
  lm_orientations orientations;
  bool finds_borders;
  std::size_t max_images;      // of those that are distinct; 1 or more
  keypoint_options keypoints;  // max_points 0: none
};

// An image of those kept, and what its border frames.
struct framed_image {
  std::size_t image;
  pixel_rectangle part;
};

// The codes of a result one after the other.
std::vector<std::uint8_t> code_bytes(const pdq_result &result, lm_orientations orientations);

// Hashes images as their rows come, and keeps the distinct ones.
class image_hasher final : public image_sink {
 public:
  image_hasher(const image_request &request, const backend &device, std::vector<scanned_image> &images)
      : request_(request), device_(device), images_(images) {}

  void begin(const image_header &header) override;
  void rows(std::uint32_t y, std::uint32_t count, const std::uint8_t *rgb, std::size_t stride_bytes) override;
  bool end() override;

  // Whether a distinct image came after the last that is kept.
  bool has_left_out() const noexcept { return has_left_out_; }
  const std::vector<framed_image> &framed() const noexcept { return framed_; }

 private:
  pdq_result finish() const;

  const image_request request_;
  const backend &device_;
  std::vector<scanned_image> &images_;
  std::vector<framed_image> framed_;
  bool has_left_out_ = false;
  // The image at hand:
  image_header header_{};
  std::optional<pdq_stream> stream_;        // not where all of the pixels are needed
  std::unique_ptr<std::uint8_t[]> pixels_;  // those
  std::optional<border_finder> border_;
  std::optional<plane_builder> plane_;  // where keypoints are wanted
};

}  // namespace libmatch::detail
