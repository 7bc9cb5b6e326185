// The stored planes of a segment: bits of the first 96 places of every row.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/aligned_vector.h"
#include "core/parallel.h"
#include "core/segment.h"

namespace libmatch::detail {

// Whether planes pay: a code that is hardly longer than the prefix gains nothing, and a short list is searched at
// once.
bool planes_pay(std::size_t n_rows, std::uint32_t words) noexcept;

// Makes the planes of a plane_layout.
aligned_vector<std::uint64_t> build_planes(const std::uint64_t *rows, std::size_t n_rows, std::uint32_t words,
                                           thread_pool &threads);

// The first tile whose planes are not those of its rows; the number of tiles when all are.
std::size_t find_wrong_planes(const std::uint64_t *planes, const std::uint64_t *rows, std::size_t n_rows,
                              std::uint32_t words);

}  // namespace libmatch::detail
