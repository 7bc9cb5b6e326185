// The vector of 512 bits, for the files compiled for AVX-512: any function of three bits is one operation.
//
// Counting 96 bits of 512 rows takes 64 loads and 122 operations a query, and some 260 of integers and copies that
// find what to load: at eight instructions a cycle 56 cycles, 0.11 a pair. Measured on Zen 5 at 4.2 GHz: 0.14 cycles,
// 33 ps. Coarse counts of 160 bits take 40 loads and 110 operations, 300 instructions: 37 cycles, 0.073 a pair.
// Measured with the tables of a batch of 256: 0.085 cycles, 20 ps.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace libmatch::detail {
namespace {

using bits = __m512i;
constexpr std::size_t bits_words = 8;

inline bits load(const std::uint64_t *words) { return _mm512_load_si512(words); }
inline void store(std::uint64_t *words, bits value) { _mm512_store_si512(words, value); }
inline bits all(bool set) { return _mm512_set1_epi64(set ? -1 : 0); }
inline bits same(std::uint64_t word) { return _mm512_set1_epi64(static_cast<long long>(word)); }
inline void keep(bits &value) { __asm__("" : "+v"(value)); }
inline bits not_(bits a) { return _mm512_ternarylogic_epi64(a, a, a, 0x55); }
inline bits and_(bits a, bits b) { return _mm512_and_si512(a, b); }
inline bits or_(bits a, bits b) { return _mm512_or_si512(a, b); }
inline bits xor_(bits a, bits b) { return _mm512_xor_si512(a, b); }
inline bits select(bits mask, bits a, bits b) { return _mm512_ternarylogic_epi64(b, a, mask, 0xd8); }
inline bits parity(bits a, bits b, bits c) { return _mm512_ternarylogic_epi64(a, b, c, 0x96); }
inline bits majority(bits a, bits b, bits c) { return _mm512_ternarylogic_epi64(a, b, c, 0xe8); }
inline std::uint32_t words_not_set(bits a) { return _mm512_cmpneq_epi64_mask(a, _mm512_set1_epi64(-1)); }
inline bool all_set(bits a) { return words_not_set(a) == 0; }

}  // namespace
}  // namespace libmatch::detail
