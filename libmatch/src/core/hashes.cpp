#include "core/hashes.h"

#include <array>

namespace libmatch::detail {

namespace {

// usual_distance of aHash, dHash and pHash: some 99 of 100 copies of half the size, saved as JPEG of quality 40,
// are within it (docs/hashers.md has the figures).
constexpr std::array<hash_description, 12> hashes{{
    {LM_HASH_CODE, "code", 0, false, metric::hamming, 64, 2048, 64, 0, false},
    {LM_HASH_PDQ256, "pdq256", 256, false, metric::hamming, 256, 256, 256, 31, true},
    {LM_HASH_MD5, "md5", 128, true, metric::hamming, 128, 128, 128, 0, false},
    {LM_HASH_SHA1, "sha1", 160, true, metric::hamming, 160, 160, 160, 0, false},
    {LM_HASH_SHA256, "sha256", 256, true, metric::hamming, 256, 256, 256, 0, false},
    {LM_HASH_VECTOR8, "vector8", 0, false, metric::squared_euclidean, 128, 8192, 8, 0, false},
    {LM_HASH_AHASH64, "ahash64", 64, false, metric::hamming, 64, 64, 64, 3, true},
    {LM_HASH_DHASH64, "dhash64", 64, false, metric::hamming, 64, 64, 64, 7, true},
    {LM_HASH_PHASH64, "phash64", 64, false, metric::hamming, 64, 64, 64, 10, true},
    {LM_HASH_AHASH256, "ahash256", 256, false, metric::hamming, 256, 256, 256, 10, true},
    {LM_HASH_DHASH256, "dhash256", 256, false, metric::hamming, 256, 256, 256, 40, true},
    {LM_HASH_PHASH256, "phash256", 256, false, metric::hamming, 256, 256, 256, 31, true},
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

bool has_width(const hash_description &hash, std::uint64_t bits) noexcept {
  return bits >= hash.least_bits && bits <= hash.most_bits && bits % hash.bits_step == 0;
}

std::string widths(const hash_description &hash, std::uint32_t bits_a_unit) {
  if (hash.bits != 0) {
    return std::to_string(hash.bits / bits_a_unit);
  }
  return "a multiple of " + std::to_string(hash.bits_step / bits_a_unit) + " from " +
         std::to_string(hash.least_bits / bits_a_unit) + " to " + std::to_string(hash.most_bits / bits_a_unit);
}

}  // namespace libmatch::detail
