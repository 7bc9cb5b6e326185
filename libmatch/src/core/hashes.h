// The table of hashes: what libmatch.h's lm_hash values are called and how wide their codes are.
#pragma once

#include <cstdint>
#include <span>

#include "libmatch/libmatch.h"

namespace libmatch::detail {

struct hash_description {
  lm_hash hash;
  const char *name;
  std::uint32_t bits;  // 0: any width
  bool is_digest;      // of the file's bytes, looked up exactly
};

std::span<const hash_description> all_hashes() noexcept;
// Null for an unknown hash.
const hash_description *describe(lm_hash hash) noexcept;

}  // namespace libmatch::detail
