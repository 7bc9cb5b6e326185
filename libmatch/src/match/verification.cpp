#include "match/verification.h"

#include <algorithm>
#include <cmath>

namespace libmatch::detail {

namespace {

constexpr std::size_t samples_along_cell = 4;
constexpr std::uint32_t compared_min = 96;          // steps of about 1,450 in a whole frame
constexpr std::uint32_t compared_of_block_min = 8;  // of 48
constexpr std::uint32_t equal_of_block_percent_min = 70;
constexpr std::uint32_t refuting_percent_max = 70;  // 2 of 100 copies that were to review have less

}  // namespace

frame_cells cells_in_frame(const keypoint_set &query, const keypoint_set &reference,
                           const plane_transform &transform) {
  frame_cells cells;
  cells.fill(-1);
  const auto [a, b, c, d, e, f] = transform;
  const double determinant = a * e - b * d;
  if (query.view.pixels.empty() || !(std::abs(determinant) > 1e-6)) {
    return cells;
  }
  const double to_view_x = static_cast<double>(query.view.width) / query.width;
  const double to_view_y = static_cast<double>(query.view.height) / query.height;
  const double cell_width = static_cast<double>(reference.width) / frame_side;
  const double cell_height = static_cast<double>(reference.height) / frame_side;
  for (std::size_t place = 0; place < cells.size(); ++place) {
    const std::size_t column = place % frame_side;
    const std::size_t row = place / frame_side;
    std::int32_t sum = 0;
    std::size_t visible = 0;
    for (std::size_t sample = 0; sample < samples_along_cell * samples_along_cell; ++sample) {
      const std::size_t across = sample % samples_along_cell;
      const std::size_t down = sample / samples_along_cell;
      const double within_x = (static_cast<double>(across) + 0.5) / samples_along_cell;
      const double within_y = (static_cast<double>(down) + 0.5) / samples_along_cell;
      const double x = (static_cast<double>(column) + within_x) * cell_width - c;
      const double y = (static_cast<double>(row) + within_y) * cell_height - f;
      const double view_x = (e * x - b * y) / determinant * to_view_x - 0.5;
      const double view_y = (a * y - d * x) / determinant * to_view_y - 0.5;
      if (!(view_x >= 0 && view_x < query.view.width - 1.0 && view_y >= 0 && view_y < query.view.height - 1.0)) {
        break;
      }
      const auto left = static_cast<std::size_t>(view_x);
      const auto top = static_cast<std::size_t>(view_y);
      const double right_share = view_x - static_cast<double>(left);
      const double lower_share = view_y - static_cast<double>(top);
      const std::uint8_t *upper = query.view.row(top) + left;
      const std::uint8_t *lower = query.view.row(top + 1) + left;
      const double upper_mix = upper[0] + right_share * (upper[1] - upper[0]);
      const double lower_mix = lower[0] + right_share * (lower[1] - lower[0]);
      sum += static_cast<std::int32_t>(16 * (upper_mix + lower_share * (lower_mix - upper_mix)));
      ++visible;
    }
    if (visible == samples_along_cell * samples_along_cell) {
      cells[place] = sum / static_cast<std::int32_t>(visible);
    }
  }
  return cells;
}

verification_result verify(const keypoint_set &query, const keypoint_set &reference,
                           const plane_transform &transform) {
  verification_result result;
  const frame_cells cells = cells_in_frame(query, reference, transform);
  result.visible_cells = static_cast<std::uint32_t>(
      std::count_if(cells.begin(), cells.end(), [](std::int32_t cell) { return cell >= 0; }));
  if (reference.signature.size() == frame_signature_size_bytes) {
    result.agreement = compare_frames(cells, reference.signature);
  }
  return result;
}

// Steps are counted in halves here: one that the query lacks would be equal as often as not, and counts half.
bool agrees(const verification_result &result, const agreement_rule &rule) {
  std::uint64_t compared = 0;
  std::uint64_t halves = 0;
  std::uint64_t equal = 0;
  std::uint64_t judged = 0;
  std::uint64_t differing = 0;
  for (const step_counts &block : result.agreement) {
    const std::uint32_t halves_of_block = 2 * block.compared + (rule.counts_missing ? block.missing : 0);
    compared += block.compared;
    halves += halves_of_block;
    equal += block.equal;
    if (halves_of_block >= 2 * compared_of_block_min) {
      ++judged;
      differing += 2 * block.equal * 100 < halves_of_block * equal_of_block_percent_min ? 1 : 0;
    }
  }
  return compared >= compared_min && 2 * equal * 100 >= halves * rule.equal_percent_min &&
         differing * 100 <= judged * rule.differing_percent_max;
}

bool refutes(const verification_result &result) {
  std::uint64_t steps = 0;
  std::uint64_t equal = 0;
  for (const step_counts &block : result.agreement) {
    steps += block.compared + block.missing;
    equal += block.equal;
  }
  return steps >= compared_min && equal * 100 < steps * refuting_percent_max;
}

}  // namespace libmatch::detail
