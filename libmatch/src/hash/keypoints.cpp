#include "hash/keypoints.h"

#include <algorithm>
#include <utility>

#include "hash/corner_detector.h"
#include "hash/corner_selection.h"
#include "hash/directions.h"
#include "hash/frame_signature.h"
#include "hash/keypoint_pattern.h"
#include "hash/keypoint_pyramid.h"

namespace libmatch::detail {

namespace {

// The patch and the pixel that the rounding of turned places may add.
constexpr std::uint32_t margin = static_cast<std::uint32_t>(keypoint_patch_radius) + 1;
constexpr std::uint32_t smallest_level = 2 * margin + 16;

// (6/5)^level in 1/16 octaves: 16 log2(6/5) = 4.2085 a level.
constexpr std::uint8_t scale_of(std::size_t level) {
  return static_cast<std::uint8_t>((level * 42085 + 5000) / 10000);
}

// Half the width of the disc of the patch's radius at each distance from its middle row.
constexpr std::array<std::int32_t, 16> disc_half_widths{15, 14, 14, 14, 14, 14, 13, 13, 12, 12, 11, 10, 9, 7, 5, 0};

// From a keypoint to the centre of brightness of the disc around it.
std::uint8_t direction_at(const std::uint8_t *middle, std::ptrdiff_t stride) {
  std::int32_t sum_x = 0;
  std::int32_t sum_y = 0;
  for (std::int32_t y = -keypoint_patch_radius; y <= keypoint_patch_radius; ++y) {
    const std::uint8_t *row = middle + y * stride;
    const std::int32_t half = disc_half_widths[static_cast<std::size_t>(y < 0 ? -y : y)];
    std::int32_t row_sum = 0;
    for (std::int32_t x = -half; x <= half; ++x) {
      row_sum += row[x];
      sum_x += x * row[x];
    }
    sum_y += y * row_sum;
  }
  return angle_of(sum_x, sum_y);
}

void append_code(const std::uint8_t *middle, std::ptrdiff_t stride, std::uint8_t angle,
                 std::vector<std::uint64_t> &codes) {
  const turned_comparisons &comparisons = comparisons_at(angle);
  for (std::size_t word = 0; word < keypoint_code_words; ++word) {
    std::uint64_t bits = 0;
    for (std::size_t bit = 0; bit < 64; ++bit) {
      const pixel_comparison &each = comparisons[word * 64 + bit];
      const bool darker =
          middle[each.first_x + each.first_y * stride] < middle[each.second_x + each.second_y * stride];
      bits |= std::uint64_t{darker} << bit;
    }
    codes.push_back(bits);
  }
}

// Corners of every level. A level gets a share in proportion to its sides; what one cannot fill goes to the next
// ones.
std::vector<std::vector<corner>> selected_corners(const std::vector<gray_plane> &levels, std::size_t max_points) {
  std::uint64_t sides = 0;
  for (std::size_t level = 0; level < levels.size(); ++level) {
    sides += (std::uint64_t{1} << 32) / level_scale(level);
  }
  std::vector<std::vector<corner>> result;
  std::size_t left = max_points;
  for (std::size_t level = 0; level < levels.size(); ++level) {
    const std::uint64_t side = (std::uint64_t{1} << 32) / level_scale(level);
    const std::size_t wanted = (left * side + sides / 2) / std::max(sides, side);  // the last of them takes all
    result.push_back(selected(levels[level], corners_of(levels[level], margin), wanted));
    left -= std::min(left, result.back().size());
    sides -= side;
  }
  return result;
}

}  // namespace

keypoint_set extract_keypoints(const gray_plane &plane, const keypoint_options &options) {
  keypoint_set result;
  result.width = static_cast<std::uint16_t>(plane.width);
  result.height = static_cast<std::uint16_t>(plane.height);
  const std::vector<gray_plane> levels = pyramid_of(plane, smallest_level);
  const std::vector<std::vector<corner>> corners = selected_corners(levels, options.max_points);
  for (std::size_t level = 0; level < levels.size(); ++level) {
    if (corners[level].empty()) {
      continue;
    }
    const gray_plane smooth = smoothed(levels[level]);
    const auto stride = static_cast<std::ptrdiff_t>(smooth.width);
    const std::uint64_t scale = level_scale(level);
    for (const corner &each : corners[level]) {
      const std::uint8_t angle = direction_at(levels[level].row(each.y) + each.x, stride);
      const auto sixteenths = [scale](std::uint16_t pixel) {
        return static_cast<std::uint16_t>(((2U * pixel + 1U) * scale * 8 + 32768) >> 16);
      };
      result.points.push_back({sixteenths(each.x), sixteenths(each.y), scale_of(level), angle});
      append_code(smooth.row(each.y) + each.x, stride, angle, result.codes);
    }
  }
  if (options.role == keypoint_role::reference) {
    result.signature = frame_signature_of(plane);
  } else {
    result.view = reduced(plane, frame_view_side);
  }
  return result;
}

}  // namespace libmatch::detail
