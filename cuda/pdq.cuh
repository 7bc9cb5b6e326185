// PDQ of a batch of images on the device, bit for bit as tests/support/tier_one.h has it: a block an image, from its
// pixels to the codes of all orientations, of the whole and of what its border frames. Compiled with --fmad=false.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "instructions.cuh"
#include "launch.cuh"
#include "pdq_border.cuh"
#include "pdq_filters.cuh"
#include "pdq_views.h"

namespace libmatch::cuda {

// Shared memory of a block: tiles while the image is averaged down, then what follows in their place.
inline constexpr std::uint32_t hash_shared_floats = hash_block_threads / 32 * 2 * tile_floats;

struct transform_space {
  float halfway[frequencies * sample_side];
  float coefficients[frequencies * frequencies];
  float median;
  std::uint32_t gradient;
  line_interval rows;
  line_interval columns;
};
static_assert(sizeof(transform_space) <= hash_shared_floats * sizeof(float));

// The image as orientation `turn` turns it; of 0 as it is.
inline __device__ pixel_view turned(const pixel_view &image, const oriented_from &turn) {
  // Rows and columns change places first; then what ran along columns runs along rows, and so backwards likewise.
  const bool bottom_up = turn.transposed ? (turn.direction & 1U) != 0 : (turn.direction & 2U) != 0;
  const bool right_to_left = turn.transposed ? (turn.direction & 2U) != 0 : (turn.direction & 1U) != 0;
  pixel_view view = image;
  if (turn.transposed) {
    view.column_step = image.row_step;
    view.row_step = image.column_step;
    view.width = image.height;
    view.height = image.width;
  }
  if (right_to_left) {
    view.first += (view.width - 1) * view.column_step;
    view.column_step = -view.column_step;
  }
  if (bottom_up) {
    view.first += (view.height - 1) * view.row_step;
    view.row_step = -view.row_step;
  }
  return view;
}

// Cosines x samples x transposed cosines, each sum in the order of k. `direction`: which samples.
inline __device__ void transform(const float *cosines, const float *samples, std::uint32_t direction,
                                 transform_space &space) {
  samples += (direction & 2U) != 0 ? sample_side * 2 * sample_side : 0;
  samples += (direction & 1U) != 0 ? sample_side : 0;
  for (std::uint32_t i = threadIdx.x; i < frequencies * sample_side; i += blockDim.x) {
    float sum = 0;
    for (std::uint32_t k = 0; k < sample_side; ++k) {
      sum += cosines[i / sample_side * sample_side + k] * samples[k * 2 * sample_side + i % sample_side];
    }
    space.halfway[i] = sum;
  }
  __syncthreads();
  for (std::uint32_t i = threadIdx.x; i < frequencies * frequencies; i += blockDim.x) {
    float sum = 0;
    for (std::uint32_t k = 0; k < sample_side; ++k) {
      sum += space.halfway[i / frequencies * sample_side + k] * cosines[i % frequencies * sample_side + k];
    }
    space.coefficients[i] = sum;
  }
  __syncthreads();
}

// The signs of odd frequencies change along every axis that runs backwards.
inline __device__ void turn_signs(std::uint32_t direction, transform_space &space) {
  for (std::uint32_t i = threadIdx.x; i < frequencies * frequencies; i += blockDim.x) {
    const bool vertical = (direction & 2U) != 0 && i / frequencies % 2 == 0;
    const bool horizontal = (direction & 1U) != 0 && i % 2 == 0;
    if (vertical != horizontal) space.coefficients[i] = -space.coefficients[i];
  }
  __syncthreads();
}

// The lower median: the value that at most 127 are less than, and at least 128 no greater. Equal ones write the same.
inline __device__ void find_median(transform_space &space) {
  constexpr std::uint32_t values = frequencies * frequencies;
  for (std::uint32_t i = threadIdx.x; i < values; i += blockDim.x) {
    const float mine = space.coefficients[i];
    std::uint32_t less = 0;
    std::uint32_t equal_before = 0;
    for (std::uint32_t k = 0; k < values; ++k) {
      const float other = space.coefficients[k];
      less += other < mine ? 1U : 0U;
      equal_before += other == mine && k < i ? 1U : 0U;
    }
    // By this order exactly one is the 128th.
    if (less + equal_before == values / 2 - 1) space.median = mine;
  }
  __syncthreads();
}

// Bit k is bit k % 8 of byte 31 - k / 8. A warp makes four bytes at once.
inline __device__ void write_code(const transform_space &space, bool transposed, std::uint8_t *code) {
  for (std::uint32_t k = threadIdx.x; k < frequencies * frequencies; k += blockDim.x) {
    const std::uint32_t from = transposed ? k % frequencies * frequencies + k / frequencies : k;
    const unsigned bits = __ballot_sync(all_lanes, space.coefficients[from] > space.median ? 1 : 0);
    if (threadIdx.x % 32 < 4) {
      code[31 - k / 32 * 4 - threadIdx.x % 32] = static_cast<std::uint8_t>(bits >> (8 * (threadIdx.x % 32)));
    }
  }
}

inline __device__ std::uint32_t difference(float a, float b) {
  const int percentage = static_cast<int>((a - b) * 100 / 255);
  return static_cast<std::uint32_t>(percentage < 0 ? -percentage : percentage);
}

inline __device__ std::uint8_t quality_of(const float *samples, transform_space &space) {
  if (threadIdx.x == 0) space.gradient = 0;
  __syncthreads();
  std::uint32_t sum = 0;
  for (std::uint32_t i = threadIdx.x; i < sample_side * (sample_side - 1); i += blockDim.x) {
    const std::uint32_t along = i / sample_side;
    const std::uint32_t across = i % sample_side;
    const float *in_row = samples + across * 2 * sample_side + along;
    const float *in_column = samples + along * 2 * sample_side + across;
    sum += difference(in_row[0], in_row[1]) + difference(in_column[0], in_column[2 * sample_side]);
  }
  atomicAdd(&space.gradient, sum);
  __syncthreads();
  return static_cast<std::uint8_t>(min(space.gradient / 90, 100U));
}

// All codes that come from one plane of samples: of orientation 0 alone, of all by direction, or by signs.
inline __device__ void write_codes(const image_batch &batch, const float *samples, bool all, transform_space &space,
                                   std::uint8_t (*codes)[32]) {
  for (std::uint32_t direction = 0; direction < (all ? 4U : 1U); ++direction) {
    const bool by_signs = batch.orientations == LM_ORIENTATIONS_DERIVED;
    transform(batch.cosines, samples, by_signs ? 0 : direction, space);
    if (by_signs) turn_signs(direction, space);
    find_median(space);
    for (std::uint32_t orientation = 0; orientation < (all ? 8U : 1U); ++orientation) {
      const oriented_from turn = batch.turns.of(orientation);
      if (turn.direction == direction) write_code(space, turn.transposed, codes[orientation]);
    }
    __syncthreads();
  }
}

inline __device__ void hash_view(const image_batch &batch, const pixel_view &image, float *workspace, float *shared,
                                 std::uint8_t (*codes)[32], std::uint8_t *quality) {
  if (image.width < 5 || image.height < 5) return;
  auto &space = *reinterpret_cast<transform_space *>(shared);
  const bool sampled =
      batch.orientations == LM_ORIENTATIONS_SAMPLED && window_of(image.width) != 2 && window_of(image.height) != 2;
  const bool from_one_plane = batch.orientations == LM_ORIENTATIONS_DERIVED || sampled;
  const bool turns_image = batch.orientations != LM_ORIENTATIONS_PLAIN && !from_one_plane;
  for (std::uint32_t orientation = 0; orientation < (turns_image ? 8U : 1U); ++orientation) {
    const pixel_view view = turned(image, batch.turns.of(orientation));
    const hash_workspace at(view.width, view.height);
    float *const samples = workspace + at.samples;
    const downsampler averages{view,
                               sampled,
                               shared,
                               workspace,
                               workspace + at.smoothed,
                               workspace + at.column_sums,
                               workspace + at.sampled,
                               samples,
                               at.ring_rows};
    averages.run();
    if (orientation == 0) {
      const std::uint8_t found = quality_of(samples, space);
      if (threadIdx.x == 0) *quality = found;
    }
    write_codes(batch, samples, from_one_plane, space, codes + orientation);
  }
}

// What the borders frame, in space.rows and space.columns. All threads take part.
inline __device__ void find_border(const pixel_view &image, float *workspace, transform_space &space) {
  const hash_workspace at(image.width, image.height);
  auto *const counts = reinterpret_cast<std::uint32_t *>(workspace);
  const border_sums sums{image, counts + at.row_luma, counts + at.column_luma};
  sums.sum_rows();
  sums.sum_columns();
  __syncthreads();
  if (threadIdx.x < 32) {
    line_interval rows{0, image.height};
    line_interval columns{0, image.width};
    for (int repetition = 0; repetition < 2; ++repetition) {
      rows = without_border(sums, true, rows, columns);
      columns = without_border(sums, false, columns, rows);
    }
    if (threadIdx.x == 0) {
      space.rows = rows;
      space.columns = columns;
    }
  }
  __syncthreads();
}

// Brings them along without memory of the host that would have to live until the stream is that far.
static __global__ void place_cosines(const cosines_half half, float *to) {
  for (std::uint32_t i = threadIdx.x; i < cosines_size / 2; i += blockDim.x) to[i] = half.values[i];
}

static __global__ void __launch_bounds__(hash_block_threads) hash_images(const image_batch batch) {
  LM_SHARED(float, shared, hash_shared_floats);
  auto *const workspace = reinterpret_cast<float *>(batch.workspace + blockIdx.x * batch.workspace_bytes);
  for (std::uint32_t i = blockIdx.x; i < batch.size; i += gridDim.x) {
    image_on_device image = batch.images == nullptr ? batch.same : batch.images[i];
    if (batch.images == nullptr) image.pixels += i * batch.image_stride_bytes;
    const std::int64_t pixel_bytes = image.format == LM_PIXEL_GRAY8 ? 1 : image.format == LM_PIXEL_RGB8 ? 3 : 4;
    const pixel_view whole{image.pixels, pixel_bytes,  static_cast<std::int64_t>(image.stride_bytes),
                           image.width,  image.height, image.format};
    table_image_codes *const codes = batch.codes + i;
    hash_view(batch, whole, workspace, shared, codes->whole, &codes->whole_quality);
    if (!may_have_border(image.width, image.height)) continue;
    auto &space = *reinterpret_cast<transform_space *>(shared);
    find_border(whole, workspace, space);
    const line_interval rows = space.rows;
    const line_interval columns = space.columns;
    __syncthreads();
    pixel_view framed = whole;
    framed.first += columns.begin * whole.column_step + rows.begin * whole.row_step;
    framed.width = columns.end - columns.begin;
    framed.height = rows.end - rows.begin;
    if (framed.width == whole.width && framed.height == whole.height) continue;
    if (threadIdx.x == 0) {
      codes->is_framed = 1;
      codes->left = columns.begin;
      codes->top = rows.begin;
      codes->width = framed.width;
      codes->height = framed.height;
    }
    hash_view(batch, framed, workspace, shared, codes->trimmed, &codes->trimmed_quality);
  }
}

}  // namespace libmatch::cuda
