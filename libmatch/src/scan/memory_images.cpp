#include "scan/memory_images.h"

#include <algorithm>

#include "core/error.h"
#include "hash/hasher.h"
#include "hash/luma.h"
#include "image/decode.h"
#include "scan/framed_hasher.h"
#include "scan/image_hasher.h"

namespace libmatch::detail {

namespace {

constexpr std::uint32_t rows_at_once = 32;

void row_to_rgb(const lm_image &image, std::uint32_t y, std::uint8_t *rgb) {
  const std::uint8_t *from = image.pixels + y * image.stride_bytes;
  for (std::size_t x = 0; x < image.width; ++x, rgb += 3) {
    if (image.format == LM_PIXEL_GRAY8) {
      std::fill_n(rgb, 3, from[x]);
    } else {
      std::transform(from + 4 * x, from + 4 * x + 3, rgb,
                     [alpha = from[4 * x + 3]](std::uint8_t channel) { return over_white(channel, alpha); });
    }
  }
}

// As decode_images gives the one image of a file.
void give(const lm_image &image, image_sink &sink) {
  sink.begin({image.width, image.height, 0});
  if (image.format == LM_PIXEL_RGB8) {
    sink.rows(0, image.height, image.pixels, image.stride_bytes);
  } else {
    const std::size_t row_bytes = std::size_t{image.width} * 3;
    std::vector<std::uint8_t> rgb(row_bytes * std::min(rows_at_once, image.height));
    for (std::uint32_t y = 0; y < image.height; y += rows_at_once) {
      const std::uint32_t count = std::min(rows_at_once, image.height - y);
      for (std::uint32_t row = 0; row < count; ++row) {
        row_to_rgb(image, y + row, rgb.data() + row * row_bytes);
      }
      sink.rows(y, count, rgb.data(), row_bytes);
    }
  }
  sink.end();
}

scan_result scan_one(const lm_image &image, const scan_request &request, const backend &device) {
  scan_result result;
  try {
    image_hasher hasher({request.options, 1, request.role}, device, result.images);
    give(image, hasher);
    if (!hasher.framed().empty()) {
      framed_hasher second(request.options.orientations, hasher.framed(), device, result.images);
      give(image, second);
      second.insert();
    }
  } catch (const hasher_failure &failure) {
    result.scan = LM_SCAN_NOT_HASHED;
    result.reason = failure.what();
  } catch (const error &failure) {
    if (failure.status() != LM_ERROR_LIMIT) {
      throw;
    }
    result.scan = LM_SCAN_LIMIT;
    result.reason = failure.what();
  } catch (const std::bad_alloc &) {
    result.scan = LM_SCAN_LIMIT;
    result.reason = "not enough memory to hash it";
  }
  return result;
}

}  // namespace

std::vector<scan_result> scan_images(std::span<const lm_image> images, const scan_request &request,
                                     const backend &device, thread_pool &threads, const lm_progress *progress) {
  std::vector<scan_result> results(images.size());
  progress_meter meter(progress, images.size());
  threads.for_each(images.size(), [&](std::size_t i) {
    results[i] = scan_one(images[i], request, device);
    meter.add(1);
  });
  return results;
}

}  // namespace libmatch::detail
