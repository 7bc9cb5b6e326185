// What the AVX-512 kernels for vectors of bytes share. Internal linkage, as in vector_tile_steps.h.
#pragma once

#include <immintrin.h>

#include "distance/vector_tile_steps.h"

namespace libmatch::detail {

namespace {

struct avx512_set {
  using vector = __m512i;
  static constexpr std::size_t lanes = 16;

  static vector broadcast(std::int32_t value) { return _mm512_set1_epi32(value); }
  static vector load(const void *source) { return _mm512_load_si512(source); }
  static void store(std::int32_t *target, vector v) { _mm512_store_si512(target, v); }
  static vector add(vector a, vector b) { return _mm512_add_epi32(a, b); }
  static vector subtract(vector a, vector b) { return _mm512_sub_epi32(a, b); }
  static vector larger(vector a, vector b) { return _mm512_max_epi32(a, b); }
  static vector negated_half(const std::int32_t *sums) {
    return _mm512_sub_epi32(_mm512_setzero_si512(), _mm512_srai_epi32(load(sums), 1));
  }
  static void keep(vector &v) { __asm__("" : "+v"(v)); }
  static bool any_at_least(vector v, std::int32_t least) {
    return _mm512_cmpge_epi32_mask(v, _mm512_set1_epi32(least)) != 0;
  }
};

}  // namespace

}  // namespace libmatch::detail
