// aHash, dHash and pHash as python imagehash computes them: image to code of 8 x 8 or 16 x 16 bits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hash/lanczos.h"
#include "libmatch/libmatch.h"

namespace libmatch::detail {

// Whether `imagehash_code` computes it: LM_HASH_AHASH64 to LM_HASH_PHASH256.
bool is_imagehash(lm_hash hash) noexcept;

// lm_hash_bits(hash) / 8 bytes, bits by row and column, the most significant first, so that their hexadecimal digits
// are str(imagehash). Integers alone from the small plane on. LM_ERROR_LIMIT as lanczos_plane; LM_ERROR_INTERNAL for
// another hash.
std::vector<std::uint8_t> imagehash_code(lm_hash hash, const lm_image &image);

// The steps behind the small plane. `side` bits a side: 8 or 16.
// A bit for every pixel above the mean; the plane is side x side.
std::vector<std::uint8_t> average_bits(const small_plane &plane, std::size_t side);
// A bit for every pixel that is lighter than its left neighbour; the plane is (side + 1) x side.
std::vector<std::uint8_t> difference_bits(const small_plane &plane, std::size_t side);
// A bit for each of the lowest side x side frequencies of the DCT that is above their median; the plane is
// 4 * side x 4 * side.
std::vector<std::uint8_t> frequency_bits(const small_plane &plane, std::size_t side);

// round(2^40 * cos(pi * m / 128)), m = 0 .. 64.
std::span<const std::int64_t> quarter_cosine() noexcept;

}  // namespace libmatch::detail
