// The kernels of jpeg_rows.h, for whichever instruction set the including file is compiled for. As with
// hash/pdq_kernels.h nothing here may be chosen by the linker for the rest of the library.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "image/jpeg_rows.h"

namespace libmatch::detail {
namespace {

#if defined(__AVX512BW__)
constexpr std::size_t vector_bytes = 64;
#else
constexpr std::size_t vector_bytes = 32;
#endif
constexpr std::size_t lane_bytes = 16;  // unpacking and packing stay within such a part of a vector

typedef std::uint8_t bytes __attribute__((vector_size(vector_bytes)));
typedef std::int16_t shorts __attribute__((vector_size(vector_bytes)));
typedef std::int32_t integers __attribute__((vector_size(vector_bytes)));

#if defined(__AVX512BW__)
#define LIBMATCH_VECTOR(value) reinterpret_cast<__m512i>(value)
#define LIBMATCH_OPERATION(name) _mm512_##name
#else
#define LIBMATCH_VECTOR(value) reinterpret_cast<__m256i>(value)
#define LIBMATCH_OPERATION(name) _mm256_##name
#endif

inline shorts low_shorts(const bytes &values) {
  return reinterpret_cast<shorts>(
      LIBMATCH_OPERATION(unpacklo_epi8)(LIBMATCH_VECTOR(values), LIBMATCH_VECTOR(bytes{})));
}

inline shorts high_shorts(const bytes &values) {
  return reinterpret_cast<shorts>(
      LIBMATCH_OPERATION(unpackhi_epi8)(LIBMATCH_VECTOR(values), LIBMATCH_VECTOR(bytes{})));
}

inline bytes packed(const shorts &low, const shorts &high) {
  return reinterpret_cast<bytes>(LIBMATCH_OPERATION(packus_epi16)(LIBMATCH_VECTOR(low), LIBMATCH_VECTOR(high)));
}

// 2 * value * factor / 2^15, rounded to nearest.
inline shorts scaled(const shorts &value, std::int16_t factor) {
  const shorts factors = factor - shorts{};
  return reinterpret_cast<shorts>(
      LIBMATCH_OPERATION(mulhrs_epi16)(LIBMATCH_VECTOR(value + value), LIBMATCH_VECTOR(factors)));
}

// (blue * -0.34414 + red * (1 - 0.71414)) in the constants of libjpeg, rounded to nearest.
inline shorts green_of(const shorts &blue, const shorts &red) {
  constexpr std::int32_t blue_factor = -22554;
  constexpr std::int32_t red_factor = 65536 - 46802;
  const integers factors = ((red_factor << 16) | (blue_factor & 0xffff)) - integers{};
  const auto half = [&](const auto &pairs) {
    const integers sum = reinterpret_cast<integers>(LIBMATCH_OPERATION(madd_epi16)(pairs, LIBMATCH_VECTOR(factors)));
    return LIBMATCH_VECTOR((sum + 32768) >> 16);
  };
  return reinterpret_cast<shorts>(LIBMATCH_OPERATION(packs_epi32)(
      half(LIBMATCH_OPERATION(unpacklo_epi16)(LIBMATCH_VECTOR(blue), LIBMATCH_VECTOR(red))),
      half(LIBMATCH_OPERATION(unpackhi_epi16)(LIBMATCH_VECTOR(blue), LIBMATCH_VECTOR(red)))));
}

struct shorts_of_colours {
  shorts red;
  shorts green;
  shorts blue;
};

// libjpeg's constants of red and blue, 91881 / 2^16 and 116130 / 2^16, do not fit 16 bits; a quarter of them does,
// and for -128 to 127, which are all there are, the rounded products are the same.
inline shorts_of_colours converted(const shorts &luma, const shorts &blue, const shorts &red) {
  return {luma + scaled(red, 22970), luma - red + green_of(blue, red), luma + scaled(blue, 29033)};
}

// 16 bytes, over and over.
struct repeated_bytes {
  alignas(64) std::uint8_t values[vector_bytes];
};

template <typename ByteAt>
constexpr repeated_bytes repeated(const ByteAt &byte_at) {
  repeated_bytes result{};
  for (std::size_t i = 0; i < vector_bytes; ++i) {
    result.values[i] = static_cast<std::uint8_t>(byte_at(i % lane_bytes));
  }
  return result;
}

inline bytes load(const std::uint8_t *source) {
  bytes result;
  __builtin_memcpy(&result, source, sizeof(result));
  return result;
}

// Pixel i of 16 to where its red, green or blue stands in whichever of the three groups it belongs to: byte 3 * i is
// byte 3 * i % 16 of its group, and 11 is a third in arithmetic modulo 16.
constexpr repeated_bytes red_places = repeated([](std::size_t i) { return i * 11 % 16; });
constexpr repeated_bytes green_places = repeated([](std::size_t i) { return (i + 15) * 11 % 16; });
constexpr repeated_bytes blue_places = repeated([](std::size_t i) { return (i + 14) * 11 % 16; });
constexpr repeated_bytes is_second = repeated([](std::size_t i) { return i % 3 == 1 ? 0xff : 0; });
constexpr repeated_bytes is_third = repeated([](std::size_t i) { return i % 3 == 2 ? 0xff : 0; });

inline bytes placed(const bytes &values, const repeated_bytes &places) {
  return reinterpret_cast<bytes>(
      LIBMATCH_OPERATION(shuffle_epi8)(LIBMATCH_VECTOR(values), LIBMATCH_VECTOR(load(places.values))));
}

// Bytes 0, 3, 6... of the first, 1, 4, 7... of the second, 2, 5, 8... of the third; in each 16 bytes.
inline bytes every_third(const bytes &first, const bytes &second, const bytes &third) {
  const bytes second_mask = load(is_second.values);
  const bytes third_mask = load(is_third.values);
  return (first & ~(second_mask | third_mask)) | (second & second_mask) | (third & third_mask);
}

template <std::size_t lane>
inline void store_lane(const bytes &values, std::uint8_t *destination) {
#if defined(__AVX512BW__)
  const __m128i part = _mm512_extracti32x4_epi32(LIBMATCH_VECTOR(values), static_cast<int>(lane));
#else
  const __m128i part = _mm256_extracti128_si256(LIBMATCH_VECTOR(values), static_cast<int>(lane));
#endif
  __builtin_memcpy(destination + 3 * lane * lane_bytes, &part, sizeof(part));
}

// Of each 16 pixels three groups of 16 bytes, in turns.
inline void store_interleaved(const bytes &red, const bytes &green, const bytes &blue, std::uint8_t *rgb) {
  const bytes reds = placed(red, red_places);
  const bytes greens = placed(green, green_places);
  const bytes blues = placed(blue, blue_places);
  const bytes groups[] = {every_third(reds, greens, blues), every_third(greens, blues, reds),
                          every_third(blues, reds, greens)};
  for (std::size_t i = 0; i < 3; ++i) {
    std::uint8_t *destination = rgb + i * lane_bytes;
    store_lane<0>(groups[i], destination);
    store_lane<1>(groups[i], destination);
#if defined(__AVX512BW__)
    store_lane<2>(groups[i], destination);
    store_lane<3>(groups[i], destination);
#endif
  }
}

inline void convert_vector(const std::uint8_t *luma, const std::uint8_t *blue, const std::uint8_t *red,
                           std::uint8_t *rgb) {
  const bytes all_luma = load(luma);
  const bytes all_blue = load(blue);
  const bytes all_red = load(red);
  const shorts_of_colours low =
      converted(low_shorts(all_luma), low_shorts(all_blue) - 128, low_shorts(all_red) - 128);
  const shorts_of_colours high =
      converted(high_shorts(all_luma), high_shorts(all_blue) - 128, high_shorts(all_red) - 128);
  store_interleaved(packed(low.red, high.red), packed(low.green, high.green), packed(low.blue, high.blue), rgb);
}

void to_rgb(const std::uint8_t *luma, const std::uint8_t *blue, const std::uint8_t *red, std::size_t columns,
            std::uint8_t *rgb) {
  std::size_t x = 0;
  for (; x + vector_bytes <= columns; x += vector_bytes) {
    convert_vector(luma + x, blue + x, red + x, rgb + 3 * x);
  }
  if (x < columns) {
    std::uint8_t last[3 * vector_bytes];
    convert_vector(luma + x, blue + x, red + x, last);
    __builtin_memcpy(rgb + 3 * x, last, 3 * (columns - x));
  }
}

// Two outputs at once, which a little-endian 16-bit number holds in their order.
inline void store_pair(std::uint8_t *output, std::uint16_t even, std::uint16_t odd) {
  const auto pair = static_cast<std::uint16_t>(even | (odd << 8));
  __builtin_memcpy(output, &pair, sizeof(pair));
}

void double_both(const std::uint8_t *__restrict near, const std::uint8_t *__restrict far, std::size_t samples,
                 std::uint16_t *__restrict sums, std::uint8_t *__restrict output) {
  for (std::size_t i = 0; i < samples; ++i) {
    sums[i + 1] = static_cast<std::uint16_t>(3 * near[i] + far[i]);
  }
  sums[0] = sums[1];
  sums[samples + 1] = sums[samples];
  for (std::size_t i = 0; i < samples; ++i) {
    const auto thrice = static_cast<std::uint16_t>(3 * sums[i + 1]);
    const auto even = static_cast<std::uint16_t>(static_cast<std::uint16_t>(thrice + sums[i] + 8) >> 4);
    const auto odd = static_cast<std::uint16_t>(static_cast<std::uint16_t>(thrice + sums[i + 2] + 7) >> 4);
    store_pair(output + 2 * i, even, odd);
  }
}

void double_columns(const std::uint8_t *__restrict row, std::size_t samples, std::uint16_t *__restrict sums,
                    std::uint8_t *__restrict output) {
  for (std::size_t i = 0; i < samples; ++i) {
    sums[i + 1] = row[i];
  }
  sums[0] = sums[1];
  sums[samples + 1] = sums[samples];
  for (std::size_t i = 0; i < samples; ++i) {
    const auto thrice = static_cast<std::uint16_t>(3 * sums[i + 1]);
    const auto even = static_cast<std::uint16_t>(static_cast<std::uint16_t>(thrice + sums[i] + 1) >> 2);
    const auto odd = static_cast<std::uint16_t>(static_cast<std::uint16_t>(thrice + sums[i + 2] + 2) >> 2);
    store_pair(output + 2 * i, even, odd);
  }
}

#undef LIBMATCH_VECTOR
#undef LIBMATCH_OPERATION

}  // namespace
}  // namespace libmatch::detail

#define LIBMATCH_JPEG_ROW_KERNELS \
  { double_both, double_columns, to_rgb }
