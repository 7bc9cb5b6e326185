// The table of hashes: what libmatch.h's lm_hash values are called, how wide their codes are, how they are compared.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/metric.h"
#include "libmatch/libmatch.h"

namespace libmatch::detail {

struct hash_description {
  lm_hash hash;
  const char *name;
  std::uint32_t bits;  // 0: any of the widths below
  bool is_digest;      // of the file's bytes, looked up exactly
  metric compared_by;
  std::uint32_t least_bits, most_bits, bits_step;
  std::uint32_t usual_distance;  // of a match; 0 where there is none
  bool is_of_pixels;             // computed here from an image
};

std::span<const hash_description> all_hashes() noexcept;
// Null for an unknown hash.
const hash_description *describe(lm_hash hash) noexcept;

// Whether codes of this hash can have so many bits.
bool has_width(const hash_description &hash, std::uint64_t bits) noexcept;
// "a multiple of 64 from 64 to 2048", in bits or in another unit of so many.
std::string widths(const hash_description &hash, std::uint32_t bits_a_unit = 1);

}  // namespace libmatch::detail
