// The order in which an index holds the bits of a code.
//
// A search decides nearly everything on a code's first bits and on substrings of it, and does best when their bits
// are independent. Neighbouring coefficients of a natural image's DCT are not, so the rows of a PDQ code are laid out
// in an order that takes those apart: docs/decisions/004-exact-search.md. A Hamming distance does not mind.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "libmatch/libmatch.h"

namespace libmatch::detail {

// pdq_bit_order()[j] is the number k = 16 i + j' of the PDQ bit at place j of a row, bit k being bit k & 7 of byte
// 31 - k / 8 of the code as libmatch.h has it.
const std::array<std::uint8_t, 256> &pdq_bit_order() noexcept;

// Lays n codes of a hash out as rows of whole words. What a digest leaves of its last word is zero.
void pack_rows(const std::uint8_t *codes, std::size_t n, lm_hash hash, std::uint32_t bits, std::uint64_t *rows);
// The code, bits / 8 bytes, that pack_rows has made a row of.
void unpack_row(const std::uint64_t *row, lm_hash hash, std::uint32_t bits, std::uint8_t *code);

}  // namespace libmatch::detail
