// How codes are compared.
#pragma once

#include <cstdint>

namespace libmatch::detail {

enum class metric : std::uint8_t {
  hamming,           // the number of bits that differ
  squared_euclidean  // of vectors of unsigned bytes
};

}  // namespace libmatch::detail
