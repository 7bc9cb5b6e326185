// What the borders of a file's images frame, hashed while the file is decoded once more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "backend/backend.h"
#include "hash/trimmed_stream.h"
#include "image/decode.h"
#include "scan/image_hasher.h"
#include "scan/scanned_image.h"

namespace libmatch::detail {

class framed_hasher final : public image_sink {
 public:
  // framed: at least one, in the order of the file; orientations: not LM_ORIENTATIONS_TRUE.
  framed_hasher(lm_orientations orientations, const std::vector<framed_image> &framed, const backend &device,
                std::vector<scanned_image> &images)
      : orientations_(orientations), framed_(framed), device_(device), images_(images) {}

  void begin(const image_header &header) override;
  void rows(std::uint32_t y, std::uint32_t count, const std::uint8_t *rgb, std::size_t stride_bytes) override;
  bool end() override;

  // Puts what was hashed behind the images that it is of.
  void insert();

 private:
  const lm_orientations orientations_;
  const std::vector<framed_image> &framed_;
  const backend &device_;
  std::vector<scanned_image> &images_;
  std::vector<scanned_image> found_;      // for the first so many of framed_
  std::optional<trimmed_stream> stream_;  // of the image at hand, where its border frames something
};

}  // namespace libmatch::detail
