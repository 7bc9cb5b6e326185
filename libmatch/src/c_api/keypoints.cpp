// Keypoints of images, as sets that an index takes.
#include <algorithm>
#include <utility>

#include "c_api/guard.h"
#include "c_api/handles.h"
#include "hash/gray_plane.h"
#include "hash/luma.h"

namespace libmatch::detail {

namespace {

void append_points(const keypoint_set &set, lm_keypoints &keypoints) {
  for (const keypoint &point : set.points) {
    keypoints.points.push_back({point.x, point.y, point.scale, point.angle});
  }
  for (const std::uint64_t word : set.codes) {
    for (int shift = 0; shift < 64; shift += 8) {
      keypoints.codes.push_back(static_cast<std::uint8_t>(word >> shift));
    }
  }
}

// The row as RGB8: itself, or written to `row`.
const std::uint8_t *rgb_row(const lm_image &image, std::uint32_t y, std::vector<std::uint8_t> &row) {
  const std::uint8_t *pixel = image.pixels + y * image.stride_bytes;
  if (image.format == LM_PIXEL_RGB8) {
    return pixel;
  }
  row.clear();
  for (std::uint32_t x = 0; x < image.width; ++x, pixel += 4) {
    for (int channel = 0; channel < 3; ++channel) {
      row.push_back(over_white(pixel[channel], pixel[3]));
    }
  }
  return row.data();
}

keypoint_set extract(const lm_image &image, const lm_hash_options &options) {
  if (std::max(image.width, image.height) > plane_builder_side_max) {
    return {};  // a line, if it has passed the limit of pixels: there are no corners in it
  }
  plane_builder builder(image.width, image.height, reference_plane_side);
  if (image.format == LM_PIXEL_GRAY8) {
    builder.gray_rows(image.height, image.pixels, image.stride_bytes);
  } else {
    std::vector<std::uint8_t> row;
    for (std::uint32_t y = 0; y < image.height; ++y) {
      builder.rows(1, rgb_row(image, y, row), 0);
    }
  }
  return extract_keypoints(builder.finish(), {options.keypoints, keypoint_role::reference});
}

}  // namespace

std::unique_ptr<lm_keypoints> to_keypoints(std::vector<keypoint_set> sets) {
  auto keypoints = std::make_unique<lm_keypoints>();
  keypoints->sets = std::move(sets);
  for (const keypoint_set &set : keypoints->sets) {
    append_points(set, *keypoints);
    keypoints->widths.push_back(set.width);
    keypoints->heights.push_back(set.height);
    keypoints->offsets.push_back(static_cast<std::int64_t>(keypoints->points.size()));
  }
  keypoints->data = {keypoints->sets.size(),    keypoints->offsets.data(), keypoints->widths.data(),
                     keypoints->heights.data(), keypoints->points.data(),  keypoints->codes.data()};
  return keypoints;
}

}  // namespace libmatch::detail

using namespace libmatch::detail;

lm_status lm_extract_keypoints(lm_context *context, const lm_hash_options *options, const lm_image *images, size_t n,
                               const lm_progress *progress, lm_keypoints **out_keypoints) {
  return guarded([&] {
    require_handle(context, "context");
    require_handle(out_keypoints, "out_keypoints");
    lm_hash_options checked = checked_hash_options(options);
    require_images(images, n, checked.max_pixels);
    if (checked.keypoints == 0) {
      checked.keypoints = reference_points_default;
    }
    std::vector<keypoint_set> sets(n);
    progress_meter meter(progress, n);
    context->threads->for_each(n, [&](std::size_t i) {
      sets[i] = extract(images[i], checked);
      meter.add(1);
    });
    *out_keypoints = to_keypoints(std::move(sets)).release();
  });
}

const lm_keypoints_data *lm_keypoints_view(const lm_keypoints *keypoints) {
  return keypoints != nullptr ? &keypoints->data : nullptr;
}

void lm_keypoints_free(lm_keypoints *keypoints) { delete keypoints; }
