// The vector of the instruction set that the including file is compiled for: loads, transposition, luma. Only for
// pdq_kernels_body.h. The vectors are the compilers' own (GCC and Clang), so that one source serves every width.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(LIBMATCH_PDQ_NEON)
#include <arm_neon.h>
#endif

#include <cstddef>
#include <cstdint>

#include "hash/pdq_kernels.h"

namespace libmatch::detail {
namespace {

#if defined(__AVX512F__)
constexpr std::size_t lanes = 16;
#elif defined(__AVX2__)
constexpr std::size_t lanes = 8;
#else
constexpr std::size_t lanes = 4;
#endif

typedef float vector __attribute__((vector_size(lanes * 4)));
typedef std::int32_t integers __attribute__((vector_size(lanes * 4)));
typedef std::uint32_t words __attribute__((vector_size(lanes * 4)));
typedef std::uint16_t shorts __attribute__((vector_size(lanes * 4)));
typedef std::uint8_t bytes __attribute__((vector_size(lanes)));

inline vector load(const float *source) {
  vector result;
  __builtin_memcpy(&result, source, sizeof(result));
  return result;
}

inline void store(float *destination, const vector &value) { __builtin_memcpy(destination, &value, sizeof(value)); }

inline vector quotient(const vector &sum, const pdq_divisor &divisor) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(sum, _mm512_set1_ps(divisor.reciprocal), sum * divisor.correction);
#elif defined(LIBMATCH_PDQ_NEON)
  return reinterpret_cast<vector>(vfmaq_n_f32(reinterpret_cast<float32x4_t>(sum * divisor.correction),
                                              reinterpret_cast<float32x4_t>(sum), divisor.reciprocal));
#else
  return sum / divisor.count;
#endif
}

// ---- Transposition of lanes x lanes floats ----

#if defined(__AVX512F__)
#define LIBMATCH_UNPACK(a, b, i, j)                                                                                \
  __builtin_shufflevector(a, b, i, (i) + 16, j, (j) + 16, (i) + 4, (i) + 20, (j) + 4, (j) + 20, (i) + 8, (i) + 24, \
                          (j) + 8, (j) + 24, (i) + 12, (i) + 28, (j) + 12, (j) + 28)
#define LIBMATCH_UNPACK_PAIRS(a, b, i)                                                                         \
  __builtin_shufflevector(a, b, i, (i) + 1, (i) + 16, (i) + 17, (i) + 4, (i) + 5, (i) + 20, (i) + 21, (i) + 8, \
                          (i) + 9, (i) + 24, (i) + 25, (i) + 12, (i) + 13, (i) + 28, (i) + 29)
// Quarters i and i + 2 of a, then of b.
#define LIBMATCH_QUARTERS(a, b, i)                                                                            \
  __builtin_shufflevector(a, b, 4 * (i), 4 * (i) + 1, 4 * (i) + 2, 4 * (i) + 3, 4 * (i) + 8, 4 * (i) + 9,     \
                          4 * (i) + 10, 4 * (i) + 11, 4 * (i) + 16, 4 * (i) + 17, 4 * (i) + 18, 4 * (i) + 19, \
                          4 * (i) + 24, 4 * (i) + 25, 4 * (i) + 26, 4 * (i) + 27)
#elif defined(__AVX2__)
#define LIBMATCH_UNPACK(a, b, i, j) \
  __builtin_shufflevector(a, b, i, (i) + 8, j, (j) + 8, (i) + 4, (i) + 12, (j) + 4, (j) + 12)
#define LIBMATCH_UNPACK_PAIRS(a, b, i) \
  __builtin_shufflevector(a, b, i, (i) + 1, (i) + 8, (i) + 9, (i) + 4, (i) + 5, (i) + 12, (i) + 13)
#else
#define LIBMATCH_UNPACK(a, b, i, j) __builtin_shufflevector(a, b, i, (i) + 4, j, (j) + 4)
#define LIBMATCH_UNPACK_PAIRS(a, b, i) __builtin_shufflevector(a, b, i, (i) + 1, (i) + 4, (i) + 5)
#endif

// 4 x 4 blocks, each transposed within the 128-bit quarters of four vectors.
inline void transpose_quarters(vector *v) {
  const vector low01 = LIBMATCH_UNPACK(v[0], v[1], 0, 1);
  const vector high01 = LIBMATCH_UNPACK(v[0], v[1], 2, 3);
  const vector low23 = LIBMATCH_UNPACK(v[2], v[3], 0, 1);
  const vector high23 = LIBMATCH_UNPACK(v[2], v[3], 2, 3);
  v[0] = LIBMATCH_UNPACK_PAIRS(low01, low23, 0);
  v[1] = LIBMATCH_UNPACK_PAIRS(low01, low23, 2);
  v[2] = LIBMATCH_UNPACK_PAIRS(high01, high23, 0);
  v[3] = LIBMATCH_UNPACK_PAIRS(high01, high23, 2);
}

inline void transpose(vector *v) {
  for (std::size_t i = 0; i < lanes; i += 4) {
    transpose_quarters(v + i);
  }
#if defined(__AVX512F__)
  for (std::size_t i = 0; i < 4; ++i) {
    const vector even_top = LIBMATCH_QUARTERS(v[i], v[i + 4], 0);
    const vector odd_top = LIBMATCH_QUARTERS(v[i], v[i + 4], 1);
    const vector even_bottom = LIBMATCH_QUARTERS(v[i + 8], v[i + 12], 0);
    const vector odd_bottom = LIBMATCH_QUARTERS(v[i + 8], v[i + 12], 1);
    v[i] = LIBMATCH_QUARTERS(even_top, even_bottom, 0);
    v[i + 8] = LIBMATCH_QUARTERS(even_top, even_bottom, 1);
    v[i + 4] = LIBMATCH_QUARTERS(odd_top, odd_bottom, 0);
    v[i + 12] = LIBMATCH_QUARTERS(odd_top, odd_bottom, 1);
  }
#elif defined(__AVX2__)
  for (std::size_t i = 0; i < 4; ++i) {
    const vector low = __builtin_shufflevector(v[i], v[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    v[i + 4] = __builtin_shufflevector(v[i], v[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    v[i] = low;
  }
#endif
}

inline vector reversed(const vector &v) {
#if defined(__AVX512F__)
  return __builtin_shufflevector(v, v, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
#elif defined(__AVX2__)
  return __builtin_shufflevector(v, v, 7, 6, 5, 4, 3, 2, 1, 0);
#else
  return __builtin_shufflevector(v, v, 3, 2, 1, 0);
#endif
}

#undef LIBMATCH_UNPACK
#undef LIBMATCH_UNPACK_PAIRS
#undef LIBMATCH_QUARTERS

// The lowest byte of each: below 256 the whole of it.
inline bytes bytes_of(const integers &values) {
#if defined(__AVX2__) && !defined(__AVX512F__)
  // GCC takes the general form apart into single bytes there.
  const auto whole = reinterpret_cast<__m256i>(values);
  const __m128i halves = _mm_packs_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
  const __m128i packed = _mm_packus_epi16(halves, halves);
  bytes result;
  __builtin_memcpy(&result, &packed, sizeof(result));
  return result;
#else
  return __builtin_convertvector(values, bytes);
#endif
}

// ---- Luma of `lanes` pixels that stand one after the other ----

inline vector floats(const integers &values) { return __builtin_convertvector(values, vector); }

// The same additions as luma() of hash/luma.h.
inline vector luma_of(const vector &red, const vector &green, const vector &blue) {
  return (0.299F * red + 0.587F * green) + 0.114F * blue;
}

struct gray8 {
  static constexpr std::size_t size_bytes = 1;
  static vector luma(const std::uint8_t *pixels) {
#if defined(__AVX512F__)
    const auto values = reinterpret_cast<integers>(
        _mm512_maskz_cvtepu8_epi32(0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i *>(pixels))));
#elif defined(__AVX2__)
    const auto values =
        reinterpret_cast<integers>(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i *>(pixels))));
#else
    const integers values{pixels[0], pixels[1], pixels[2], pixels[3]};
#endif
    const vector gray = floats(values);
    return luma_of(gray, gray, gray);
  }
};

struct rgb8 {
  static constexpr std::size_t size_bytes = 3;
#if defined(__AVX512F__)
  // Each 128-bit quarter takes four pixels; a byte shuffle then widens one channel to 32-bit integers.
  static vector luma(const std::uint8_t *pixels) {
    const __m512i loaded = _mm512_maskz_loadu_epi8(0xffffffffffffULL, pixels);
    const auto quarters = reinterpret_cast<__m512i>(
        __builtin_shufflevector(reinterpret_cast<integers>(loaded), reinterpret_cast<integers>(loaded), 0, 1, 2, 0, 3,
                                4, 5, 0, 6, 7, 8, 0, 9, 10, 11, 0));
    // Into the lowest byte of 2^23, which makes it that much greater; a fused multiply-add takes 2^23 away again, and
    // rounds the product of the factor and the channel alone, as a multiplication would.
    const auto product = [&](std::int32_t i, float factor) {
      const __m512i places = _mm512_set4_epi32(i + 9, i + 6, i + 3, i);
      const __m512i biased =
          _mm512_mask_shuffle_epi8(_mm512_set1_epi32(0x4b000000), 0x1111111111111111ULL, quarters, places);
      return reinterpret_cast<vector>(
          _mm512_fmadd_ps(_mm512_castsi512_ps(biased), _mm512_set1_ps(factor), _mm512_set1_ps(factor * -8388608.0F)));
    };
    return (product(0, 0.299F) + product(1, 0.587F)) + product(2, 0.114F);
  }
#elif defined(__AVX2__)
  // The lower half takes bytes 0 to 15, the upper one bytes 8 to 23, so that nothing is read behind the last pixel.
  static vector luma(const std::uint8_t *pixels) {
    const __m128i lower = _mm_loadu_si128(reinterpret_cast<const __m128i *>(pixels));
    const __m128i upper = _mm_loadu_si128(reinterpret_cast<const __m128i *>(pixels + 8));
    const __m256i halves = _mm256_set_m128i(upper, lower);
    const auto channel = [&](std::int32_t i) {
      const std::int32_t none = static_cast<std::int32_t>(0x80808000U);
      const __m256i places = _mm256_setr_epi32(none | i, none | (i + 3), none | (i + 6), none | (i + 9),
                                               none | (i + 4), none | (i + 7), none | (i + 10), none | (i + 13));
      return _mm256_cvtepi32_ps(_mm256_shuffle_epi8(halves, places));
    };
    return luma_of(channel(0), channel(1), channel(2));
  }
#elif defined(LIBMATCH_PDQ_NEON)
  // 12 bytes, so that nothing is read behind the last pixel; a table look-up then widens one channel to 32 bits.
  static vector luma(const std::uint8_t *pixels) {
    std::uint32_t last;
    __builtin_memcpy(&last, pixels + 8, sizeof(last));
    const uint8x16_t loaded = vcombine_u8(vld1_u8(pixels), vreinterpret_u8_u32(vdup_n_u32(last)));
    const auto channel = [&](std::uint32_t i) {
      const uint32x4_t places =
          vaddq_u32(uint32x4_t{0xffffff00U, 0xffffff03U, 0xffffff06U, 0xffffff09U}, vdupq_n_u32(i));
      return floats(reinterpret_cast<integers>(vqtbl1q_u8(loaded, vreinterpretq_u8_u32(places))));
    };
    return luma_of(channel(0), channel(1), channel(2));
  }
#else
  static vector luma(const std::uint8_t *pixels) {
    const auto channel = [&](std::size_t i) {
      return floats(integers{pixels[i], pixels[i + 3], pixels[i + 6], pixels[i + 9]});
    };
    return luma_of(channel(0), channel(1), channel(2));
  }
#endif
};

struct rgba8 {
  static constexpr std::size_t size_bytes = 4;
  // Where byte i of a word in memory stands in its value.
  static constexpr std::uint32_t shift_of(std::uint32_t i) {
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 8 * i : 24 - 8 * i;
  }
  static vector luma(const std::uint8_t *pixels) {
    words loaded;
    __builtin_memcpy(&loaded, pixels, sizeof(loaded));
    const words alpha = (loaded >> shift_of(3)) & 255U;
    const words white = 255 * (255 - alpha) + 127;
    const auto channel = [&](std::uint32_t i) {
      const words value = (loaded >> shift_of(i)) & 255U;
      // The product fits in 16 bits, whose multiplication is cheaper; the upper halves are zeros.
      const auto product = reinterpret_cast<words>(reinterpret_cast<shorts>(value) * reinterpret_cast<shorts>(alpha));
      const words sum = product + white;
      // sum / 255, exact below 65535.
      return floats(reinterpret_cast<integers>((sum + 1 + (sum >> 8)) >> 8));
    };
    return luma_of(channel(0), channel(1), channel(2));
  }
};

// Of the n < lanes pixels, at lane `first` and on; the others are of black pixels.
template <typename Pixel>
inline vector partial_luma(const std::uint8_t *pixels, std::size_t n, std::size_t first) {
  std::uint8_t padded[lanes * Pixel::size_bytes] = {};
  __builtin_memcpy(padded + first * Pixel::size_bytes, pixels, n * Pixel::size_bytes);
  return Pixel::luma(padded);
}

}  // namespace
}  // namespace libmatch::detail
