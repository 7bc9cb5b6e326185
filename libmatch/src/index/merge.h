// Several segments made one.
#pragma once

#include <cstddef>
#include <limits>
#include <span>

#include "index/segment.h"

namespace libmatch::detail {

inline constexpr std::size_t max_segment_size =
    std::numeric_limits<std::uint32_t>::max();  // row_location has 32 bits

// The live rows of some segments in one; sorted as digest tables want it, or one segment's rows behind the other's.
segment_entry merge_segments(std::span<const segment_entry> entries, bool sorted);

}  // namespace libmatch::detail
