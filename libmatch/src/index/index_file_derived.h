// What an index file holds that was derived from the rows of its codes: planes and buckets.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "index/index_file_layout.h"
#include "index/segment.h"

namespace libmatch::detail {

// Compares what a segment was given from a file with the rows that it is derived from. LM_ERROR_FORMAT.
void check_derived(const std::string &path, const file_layout &layout, const segment_view &rows);

// Gives a segment the layouts that lie in a mapped file, unread but for the places of the buckets.
void map_derived(std::span<const std::uint8_t> bytes, const std::string &name, const file_layout &layout,
                 const segment &rows);

}  // namespace libmatch::detail
