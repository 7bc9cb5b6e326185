// The pairs of near rows: the host's side of pairs.cuh.
#pragma once

#include <cstdint>

#include "backend_table.h"
#include "device.h"

namespace libmatch::cuda {

struct pair_options {
  std::uint64_t rows_at_once = 65536;  // rows that are queries together
  // Hits that are on the device at once, unless a few rows have more.
  std::uint64_t hits_at_once = std::uint64_t{1} << 25;
};

// The entry of the table. `options`: of tests, whose lists are short.
void search_pairs(device &on, const search_request &request, std::uint32_t max_distance, table_pairs *out_pairs,
                  const pair_options &options = {});

// Frees what search_pairs handed over.
void release(table_pairs *pairs) noexcept;

}  // namespace libmatch::cuda
