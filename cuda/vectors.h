// Searches among vectors of bytes: the host's side of vectors.cuh.
#pragma once

#include <cstdint>

#include "backend_table.h"
#include "device.h"
#include "knn.h"

namespace libmatch::cuda {

// Entries of the table. `options`: of tests, whose lists are short.
void search_vector_range(device &on, const search_request &request, std::uint32_t max_distance, table_hits *out_hits);
void search_vector_knn(device &on, const search_request &request, std::uint64_t k, table_hits *out_hits,
                       const nearest_options &options = {});

}  // namespace libmatch::cuda
