// What the kernel that hashes images is given.
#pragma once

#include <cstdint>

#include "backend_table.h"
#include "hash/border_rule.h"

namespace libmatch::cuda {

// Pixels on the device; `format` is an lm_pixel_format.
struct image_on_device {
  const std::uint8_t *pixels;
  std::uint64_t stride_bytes;
  std::uint32_t width;
  std::uint32_t height;
  std::int32_t format;
  std::uint32_t reserved;
};

// How an orientation comes from what was averaged: `direction` has bit 1 where it runs bottom up, bit 0 where it runs
// right to left; then rows and columns change places where it is transposed.
struct oriented_from {
  std::uint32_t direction;
  bool transposed;
};

// All eight in one word, so that no array of a launch is looked up by a number that is known late.
struct all_turns {
  std::uint64_t bits = 0;

  constexpr oriented_from of(std::uint32_t orientation) const {
    const auto turn = static_cast<std::uint32_t>(bits >> (8 * orientation));
    return {turn & 3U, (turn & 4U) != 0};
  }
  constexpr void set(std::uint32_t orientation, const oriented_from &turn) {
    bits |= std::uint64_t{turn.direction | (turn.transposed ? 4U : 0U)} << (8 * orientation);
  }
};

struct image_batch {
  const image_on_device *images;  // null: all are as `same`, image_stride_bytes apart
  image_on_device same;
  std::uint64_t image_stride_bytes;
  std::uint32_t size;
  std::int32_t orientations;  // lm_orientations
  const float *cosines;       // cosines_size: 16 x 64, as in hash/pdq_coefficients.h
  all_turns turns;
  std::uint8_t *workspace;  // of block b from b * workspace_bytes on
  std::uint64_t workspace_bytes;
  table_image_codes *codes;  // all zero
};

// A block's threads; as many rows are filtered at once.
inline constexpr std::uint32_t hash_block_threads = 128;
inline constexpr std::uint32_t sample_side = 64;
inline constexpr std::uint32_t frequencies = 16;
inline constexpr std::uint32_t border_parts = detail::border_rule::parts;
inline constexpr std::uint32_t cosines_size = frequencies * sample_side;

// Half of the cosines: as many as fit into what a launch can be given.
struct cosines_half {
  float values[cosines_size / 2];
};

constexpr std::uint32_t window_of(std::uint32_t length) { return (length + 127) / 128; }

// What a block works in, in floats and after them counts. Rows of planes are rings: as many as the window reaches
// back and a band adds.
struct hash_workspace {
  std::uint64_t averaged = 0;  // ring of rows averaged along rows
  std::uint64_t smoothed;      // band of rows averaged along columns, too
  std::uint64_t column_sums;   // of every column
  std::uint64_t sampled;       // by sampled column: ring of rows averaged along rows once more
  std::uint64_t samples;       // by sampled row and column
  std::uint64_t row_luma;      // by row and part: sum and squares
  std::uint64_t column_luma;   // by part and column: sum and squares
  std::uint64_t size;          // words of 4 bytes
  std::uint32_t ring_rows;     // of averaged and sampled

  constexpr hash_workspace(std::uint32_t width, std::uint32_t height)
      : smoothed(std::uint64_t{hash_block_threads + window_of(height)} * width),
        column_sums(smoothed + std::uint64_t{hash_block_threads} * width),
        sampled(column_sums + width),
        samples(sampled + std::uint64_t{2 * sample_side} * (hash_block_threads + window_of(height))),
        row_luma(samples + std::uint64_t{4 * sample_side} * sample_side),
        column_luma(row_luma + std::uint64_t{2 * border_parts} * height),
        size(column_luma + std::uint64_t{2 * border_parts} * width),
        ring_rows(hash_block_threads + window_of(height)) {}
};

}  // namespace libmatch::cuda
