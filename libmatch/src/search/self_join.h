// The pairs of near rows among segments: the segments searched for their own rows.
#pragma once

#include <cstdint>
#include <span>

#include "core/search_result.h"
#include "core/segment.h"
#include "search/scan.h"

namespace libmatch::detail {

// What search_pairs adds to its progress in all.
std::uint64_t pairs_to_compare(std::span<const segment_view> segments);

// Every two live rows within max_distance of each other, each pair once, in the order of pair_result.
pair_result search_pairs(std::span<const segment_view> segments, std::uint32_t max_distance,
                         const search_environment &environment);

}  // namespace libmatch::detail
