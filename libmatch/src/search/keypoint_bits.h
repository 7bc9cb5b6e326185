// Which bits of keypoint codes name the buckets of the tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace libmatch::detail {

// tables x width different bits of 256, measured on a sample of the codes: those that are set as often as not, dealt
// out so that the bits of one table depend on each other as little as can be. Buckets are then of even size, and a
// code that changes in one bit of a table does not change in its neighbours too. Computed in integers: the same codes
// give the same bits on every machine. tables x width <= 256.
std::vector<std::uint8_t> choose_key_bits(const std::uint64_t *rows, std::size_t n_codes, std::uint32_t tables,
                                          std::uint32_t width);

}  // namespace libmatch::detail
