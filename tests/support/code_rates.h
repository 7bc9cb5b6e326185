// What a set of PDQ codes means for exact search: how far apart its codes are, and what prefixes and substrings of
// them let through, with the bits in the order of PDQ's coefficients (natural) and in that of an index (permuted).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace libmatch::test {

// Where 16 substrings of 16 bits are looked up with up to one bit flipped.
struct order_rates {
  double prefix_survivors = 0;     // part of the pairs that are within 31 on the first 96 bits
  double candidates = 0;           // candidates of a pair, as a multiple of those of random codes
  std::size_t largest_bucket = 0;  // codes with the same substring
};

struct code_rates {
  std::size_t pairs = 0;  // that were not left out
  double mean_distance = 0;
  double standard_deviation = 0;
  double within_31 = 0;  // part of the pairs
  order_rates natural;
  order_rates permuted;
};

// Of packed codes of 32 bytes, at least two: all pairs of them, or of max_codes of them where there are more.
// Pairs within `related` bits are left out, for they say nothing of how often unrelated images are taken for
// candidates; -1 leaves none out.
code_rates measure_rates(std::span<const std::uint8_t> codes, std::size_t max_codes, int related);

}  // namespace libmatch::test
