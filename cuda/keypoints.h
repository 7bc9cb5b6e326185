// Near codes of keypoints: the host's side of keypoints.cuh.
#pragma once

#include <cstdint>

#include "backend_table.h"
#include "device.h"

namespace libmatch::cuda {

// The entry of the table.
void search_nearest_codes(device &on, const search_request &request, std::uint32_t max_distance, std::uint64_t most,
                          table_hits *out_hits);

}  // namespace libmatch::cuda
