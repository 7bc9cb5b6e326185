// What an index file holds that was derived from the rows of its codes: planes and buckets.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/parallel.h"
#include "core/progress.h"
#include "index/index_file_layout.h"
#include "index/segment.h"

namespace libmatch::detail {

// Bytes of it in the file, the shape of the buckets aside.
std::uint64_t derived_bytes(const file_layout &layout) noexcept;

// Compares what a segment was given from a file with the rows that it is derived from. LM_ERROR_FORMAT. The meter
// counts derived_bytes.
void check_derived(const std::string &path, const file_layout &layout, const segment_view &rows, thread_pool &threads,
                   progress_meter &meter);

// Gives a segment the layouts that lie in a mapped file, unread but for the places of the buckets.
void map_derived(std::span<const std::uint8_t> bytes, const std::string &name, const file_layout &layout,
                 const segment &rows);

}  // namespace libmatch::detail
