// distance_kernels::slice for AVX-512: the same bit of 64 rows is one mask register.
//
// 64 rows x 128 bits take 64 loads of two words, 16 operations to part them, 64 to bring bytes together, and 128
// tests of bits with as many stores of masks: 272 operations, 0.03 a row and bit. The stores alone, one a cycle,
// would take 3.7 ps a row and bit at 4.2 GHz.
#pragma once

#include <immintrin.h>

#include "distance/kernels.h"

namespace libmatch::detail {
namespace {

// Two words of each of 64 rows; 128-bit lane l of vector v holds rows 16 l + 2 v and 16 l + 2 v + 1.
struct word_columns {
  __m512i first[8];
  __m512i second[8];
};

inline __m128i load_two(const std::uint64_t *words) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i *>(words));
}

// Those of rows 0, 16, 32 and 48 from one on.
inline __m512i load_four_rows(const std::uint64_t *rows, std::size_t stride) {
  const __m512i first = _mm512_castsi128_si512(load_two(rows));
  const __m512i two = _mm512_inserti64x2(first, load_two(rows + 16 * stride), 1);
  const __m512i three = _mm512_inserti64x2(two, load_two(rows + 32 * stride), 2);
  return _mm512_inserti64x2(three, load_two(rows + 48 * stride), 3);
}

// rows: the first of the two words of row 0; stride: words from one row to the next.
inline void load_columns(const std::uint64_t *rows, std::size_t stride, word_columns &columns) {
  for (std::size_t v = 0; v < 8; ++v) {
    const __m512i even = load_four_rows(rows + 2 * v * stride, stride);
    const __m512i odd = load_four_rows(rows + (2 * v + 1) * stride, stride);
    columns.first[v] = _mm512_unpacklo_epi64(even, odd);
    columns.second[v] = _mm512_unpackhi_epi64(even, odd);
  }
}

// bytes[k] holds byte k of a word of every row, in the order of rows.
inline void gather_bytes(const __m512i *column, __m512i *bytes) {
  // Byte k of both rows of a lane side by side, then lanes of 8 x 8 such pairs are transposed.
  const __m512i pair_up = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));
  __m512i fours[8];
  for (std::size_t v = 0; v < 4; ++v) {
    const __m512i a = _mm512_shuffle_epi8(column[2 * v], pair_up);
    const __m512i b = _mm512_shuffle_epi8(column[2 * v + 1], pair_up);
    fours[v] = _mm512_unpacklo_epi16(a, b);      // bytes 0 to 3
    fours[v + 4] = _mm512_unpackhi_epi16(a, b);  // 4 to 7
  }
  for (std::size_t half = 0; half < 2; ++half) {
    const __m512i *four = fours + 4 * half;
    const __m512i low_ab = _mm512_unpacklo_epi32(four[0], four[1]);
    const __m512i high_ab = _mm512_unpackhi_epi32(four[0], four[1]);
    const __m512i low_cd = _mm512_unpacklo_epi32(four[2], four[3]);
    const __m512i high_cd = _mm512_unpackhi_epi32(four[2], four[3]);
    bytes[4 * half] = _mm512_unpacklo_epi64(low_ab, low_cd);
    bytes[4 * half + 1] = _mm512_unpackhi_epi64(low_ab, low_cd);
    bytes[4 * half + 2] = _mm512_unpacklo_epi64(high_ab, high_cd);
    bytes[4 * half + 3] = _mm512_unpackhi_epi64(high_ab, high_cd);
  }
}

// The first n_planes planes of a word, whole bytes; those of 64 rows are a word in each.
inline void store_planes(const __m512i *column, std::uint32_t n_planes, std::uint64_t *planes) {
  __m512i bytes[8];
  gather_bytes(column, bytes);
  for (std::uint32_t byte = 0; byte < 8 && 8 * byte < n_planes; ++byte, planes += 8 * tile_words) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      const __m512i mask = _mm512_set1_epi8(static_cast<char>(1U << bit));
      planes[bit * tile_words] = _mm512_test_epi8_mask(bytes[byte], mask);
    }
  }
}

// Rows that are fewer than 64, or of a single word: two words of each, zero where there is nothing.
struct copied_words {
  std::uint64_t words[64][2] = {};

  copied_words(const std::uint64_t *rows, std::size_t n_rows, std::size_t stride, std::uint32_t n_words) {
    for (std::size_t r = 0; r < n_rows; ++r, rows += stride) {
      for (std::uint32_t w = 0; w < n_words; ++w) {
        words[r][w] = rows[w];
      }
    }
  }
};

void slice(const std::uint64_t *rows, std::size_t n_rows, std::uint32_t words, std::uint32_t first_word,
           std::uint32_t n_planes, std::uint64_t *planes) {
  for (std::size_t group = 0; group < tile_words; ++group) {
    const std::uint64_t *group_rows = rows + group * 64 * words;
    const std::size_t left = n_rows > group * 64 ? n_rows - group * 64 : 0;
    for (std::uint32_t word = first_word; word * 64 < n_planes; word += 2) {
      word_columns columns;
      if (left >= 64 && word + 2 <= words) {
        load_columns(group_rows + word, words, columns);
      } else {
        const std::uint32_t n_words = word >= words ? 0 : words - word < 2 ? 1 : 2;
        const copied_words copied(group_rows + word, n_words == 0 ? 0 : left < 64 ? left : 64, words, n_words);
        load_columns(copied.words[0], 2, columns);
      }
      const std::uint32_t wanted = n_planes - word * 64;
      std::uint64_t *target = planes + std::size_t{word} * 64 * tile_words + group;
      store_planes(columns.first, wanted, target);
      if (wanted > 64) {
        store_planes(columns.second, wanted - 64, target + 64 * tile_words);
      }
    }
  }
}

}  // namespace
}  // namespace libmatch::detail
