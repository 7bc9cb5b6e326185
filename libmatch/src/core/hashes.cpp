#include "core/hashes.h"

#include <array>

namespace libmatch::detail {

namespace {

constexpr std::array<hash_description, 5> hashes{{
    {LM_HASH_CODE, "code", 0, false},
    {LM_HASH_PDQ256, "pdq256", 256, false},
    {LM_HASH_MD5, "md5", 128, true},
    {LM_HASH_SHA1, "sha1", 160, true},
    {LM_HASH_SHA256, "sha256", 256, true},
}};

}  // namespace

std::span<const hash_description> all_hashes() noexcept { return hashes; }

const hash_description *describe(lm_hash hash) noexcept {
  for (const hash_description &description : hashes) {
    if (description.hash == hash) {
      return &description;
    }
  }
  return nullptr;
}

}  // namespace libmatch::detail
