// The numbers of the rule for borders, which hash/border.h tells; of the processor's side and of the GPU's.
#pragma once

#include <cstdint>

namespace libmatch::detail::border_rule {

// Of lines from the side's colour.
inline constexpr double outermost_deviation_max = 3;
inline constexpr double flat_deviation = 2.5;
inline constexpr double deviation_rise_min = 6;
// Of the greatest deviation behind the flat lines.
inline constexpr double edge_share = 0.4;
inline constexpr double sharpness_min = 0.3;
// Lines.
inline constexpr std::uint32_t flat_lines_min = 2;
inline constexpr std::uint32_t ringing_lines_max = 12;
inline constexpr std::uint32_t lines_after_flat = 16;
inline constexpr std::uint32_t smallest_share = 128;
// Images that can have a border.
inline constexpr std::uint32_t side_min = 32;
inline constexpr std::uint32_t side_max = 1U << 20U;  // the sums of a part fit in 32 bits
inline constexpr std::uint32_t longest_to_shortest_max = 16;
// How each line is summed up: in so many parts; columns over at least so many of the rows.
inline constexpr std::uint32_t parts = 8;
inline constexpr std::uint32_t summed_rows_min = 128;

}  // namespace libmatch::detail::border_rule
