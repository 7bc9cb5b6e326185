// The first half of PDQ: an image to the averages of 64 x 64 places, the sums taken in the order of hash/pdq_steps.h,
// which tells in the last bit. So every row and every column is one chain of additions: threads take rows, then
// columns.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "hash/luma.h"
#include "launch.cuh"
#include "pdq_views.h"

namespace libmatch::cuda {

// Pixels of an image that may be turned: by column and row of the turned one.
struct pixel_view {
  const std::uint8_t *first;
  std::int64_t column_step;
  std::int64_t row_step;
  std::uint32_t width;
  std::uint32_t height;
  std::int32_t format;

  __device__ float luma(std::uint32_t x, std::uint32_t y) const {
    const std::uint8_t *pixel = first + x * column_step + y * row_step;
    if (format == LM_PIXEL_GRAY8) return detail::luma(pixel[0], pixel[0], pixel[0]);
    if (format == LM_PIXEL_RGB8) return detail::luma(pixel[0], pixel[1], pixel[2]);
    return detail::luma(detail::over_white(pixel[0], pixel[3]), detail::over_white(pixel[1], pixel[3]),
                        detail::over_white(pixel[2], pixel[3]));
  }
};

// A sliding average along an axis, step by step: a step adds a value while there are any, subtracts the one that
// leaves the window, and from step half - 1 on makes an output.
struct box_axis {
  std::uint32_t length;
  std::uint32_t window;
  std::uint32_t half;

  __device__ explicit box_axis(std::uint32_t along)
      : length(along), window(window_of(along)), half((window_of(along) + 2) / 2) {}
  __device__ std::uint32_t steps() const { return length + half - 1; }
  __device__ bool adds(std::uint32_t step) const { return step < length; }
  __device__ bool subtracts(std::uint32_t step) const { return step >= window && step < steps(); }
  // Values in the window after a step.
  __device__ float count(std::uint32_t step) const {
    return static_cast<float>(min(step + 1, length) - (step >= window ? step + 1 - window : 0));
  }
  // The output that is sampled as place i of 64.
  __device__ std::uint32_t place(std::uint32_t i) const {
    return static_cast<std::uint32_t>(std::uint64_t{2 * i + 1} * length / (2 * sample_side));
  }
  // Of the mirrored axis: an even window, filtered twice, moves the two by 2 against each other (hash/pdq_axis.h).
  __device__ std::uint32_t mirrored_place(std::uint32_t i) const {
    return length - 1 - place(i) - (window % 2 == 0 ? 2 : 0);
  }
};

// Which of the sampled places along an axis come next: those of the axis in rising order, and of its mirror image the
// last first. Lines 0 to 63 are of the axis, 64 to 127 of its mirror image.
struct place_cursor {
  std::uint32_t plain = 0;
  std::uint32_t mirrored = 0;

  template <typename Function>
  __device__ void at(const box_axis &axis, std::uint32_t output, bool both, const Function &take) {
    for (; plain < sample_side && axis.place(plain) == output; ++plain) take(plain);
    if (!both) return;
    for (; mirrored < sample_side && axis.mirrored_place(sample_side - 1 - mirrored) == output; ++mirrored) {
      take(2 * sample_side - 1 - mirrored);
    }
  }
};

// A tile of 32 rows and as many steps, padded so that a warp meets no bank twice along either.
inline constexpr std::uint32_t tile_pitch = 33;
inline constexpr std::uint32_t tile_floats = 32 * tile_pitch;

// Filters 32 rows, one a lane, by a warp. value(row, column) is what they hold, asked for along the rows and so that
// lanes ask for neighbours; take(step, sum, cell) gets every output, whose cell of the tile may be written;
// flush(first step, tile) follows each 32 steps.
template <typename Value, typename Take, typename Flush>
__device__ void filter_rows(const box_axis &axis, float *added, float *subtracted, const Value &value,
                            const Take &take, const Flush &flush) {
  const std::uint32_t lane = threadIdx.x % 32;
  float sum = 0;
  for (std::uint32_t first = 0; first < axis.steps(); first += 32) {
    const std::uint32_t column = first + lane;
    for (std::uint32_t row = 0; row < 32; ++row) {
      added[row * tile_pitch + lane] = axis.adds(column) ? value(row, column) : 0.0F;
      subtracted[row * tile_pitch + lane] = axis.subtracts(column) ? value(row, column - axis.window) : 0.0F;
    }
    __syncwarp();
    const std::uint32_t end = min(first + 32, axis.steps());
    for (std::uint32_t step = first; step < end; ++step) {
      const std::uint32_t cell = lane * tile_pitch + step - first;
      sum += added[cell];
      sum -= subtracted[cell];
      if (step + 1 >= axis.half) take(step, sum, added + cell);
    }
    __syncwarp();
    flush(first, added);
    __syncwarp();
  }
}

// What a block needs to average an image down: its place in the workspace, and tiles in shared memory.
struct downsampler {
  pixel_view image;
  bool both;        // the places of the mirror images, too
  float *tiles;     // two of each warp
  float *averaged;  // these five: see hash_workspace
  float *smoothed;
  float *column_sums;
  float *sampled;
  float *samples;
  std::uint32_t ring_rows;

  __device__ std::uint32_t lines() const { return both ? 2 * sample_side : sample_side; }
  __device__ float *tile(std::uint32_t which) const { return tiles + (threadIdx.x / 32 * 2 + which) * tile_floats; }

  // Rows begin .. end - 1 of the image, averaged along themselves.
  __device__ void average_rows(std::uint32_t begin, std::uint32_t end) const {
    const box_axis axis(image.width);
    const std::uint32_t lane = threadIdx.x % 32;
    const std::uint32_t first_row = begin + threadIdx.x / 32 * 32;
    if (first_row >= end) return;
    const std::uint32_t rows = min(32U, end - first_row);
    filter_rows(
        axis, tile(0), tile(1),
        [&](std::uint32_t row, std::uint32_t column) {
          return row < rows ? image.luma(column, first_row + row) : 0.0F;
        },
        [&](std::uint32_t step, float sum, float *cell) { *cell = sum / axis.count(step); },
        [&](std::uint32_t first, const float *cells) {
          const std::uint32_t step = first + lane;
          if (step + 1 < axis.half || step >= axis.steps()) return;
          for (std::uint32_t row = 0; row < rows; ++row) {
            averaged[std::uint64_t{(first_row + row) % ring_rows} * image.width + step + 1 - axis.half] =
                cells[row * tile_pitch + lane];
          }
        });
  }

  // Steps begin .. end - 1 of the filter along columns; its output o goes to row (o % hash_block_threads).
  __device__ void average_columns(std::uint32_t begin, std::uint32_t end) const {
    const box_axis axis(image.height);
    for (std::uint32_t x = threadIdx.x; x < image.width; x += blockDim.x) {
      float sum = begin == 0 ? 0.0F : column_sums[x];
      for (std::uint32_t step = begin; step < end; ++step) {
        if (axis.adds(step)) sum += averaged[std::uint64_t{step % ring_rows} * image.width + x];
        if (axis.subtracts(step)) sum -= averaged[std::uint64_t{(step - axis.window) % ring_rows} * image.width + x];
        if (step + 1 >= axis.half) {
          smoothed[std::uint64_t{(step + 1 - axis.half) % hash_block_threads} * image.width + x] =
              sum / axis.count(step);
        }
      }
      column_sums[x] = sum;
    }
  }

  // Rows begin .. end - 1 of those, averaged along themselves once more, at the sampled columns alone.
  __device__ void sample_columns(std::uint32_t begin, std::uint32_t end) const {
    const box_axis axis(image.width);
    const std::uint32_t lane = threadIdx.x % 32;
    const std::uint32_t first_row = begin + threadIdx.x / 32 * 32;
    if (first_row >= end) return;
    const std::uint32_t rows = min(32U, end - first_row);
    place_cursor next;
    filter_rows(
        axis, tile(0), tile(1),
        [&](std::uint32_t row, std::uint32_t column) {
          return row < rows ? smoothed[std::uint64_t{(first_row + row) % hash_block_threads} * image.width + column]
                            : 0.0F;
        },
        [&](std::uint32_t step, float sum, float *) {
          next.at(axis, step + 1 - axis.half, both, [&](std::uint32_t line) {
            if (lane < rows) {
              sampled[std::uint64_t{line} * ring_rows + (first_row + lane) % ring_rows] = sum / axis.count(step);
            }
          });
        },
        [](std::uint32_t, const float *) {});
  }

  // Steps begin .. end - 1 of the filter along the sampled columns, one a thread, which keeps sum and cursor.
  __device__ void sample_rows(std::uint32_t begin, std::uint32_t end, float &sum, place_cursor &next) const {
    const box_axis axis(image.height);
    const std::uint32_t line = threadIdx.x;
    if (line >= lines()) return;
    const float *rows = sampled + std::uint64_t{line} * ring_rows;
    for (std::uint32_t step = begin; step < end; ++step) {
      if (axis.adds(step)) sum += rows[step % ring_rows];
      if (axis.subtracts(step)) sum -= rows[(step - axis.window) % ring_rows];
      if (step + 1 >= axis.half) {
        next.at(axis, step + 1 - axis.half, both,
                [&](std::uint32_t row) { samples[row * 2 * sample_side + line] = sum / axis.count(step); });
      }
    }
  }

  // Reads every pixel once, a band of rows at a time. All threads of the block take part; the samples are there for
  // all of them when it returns.
  __device__ void run() const {
    const box_axis axis(image.height);
    float sum = 0;
    place_cursor next;
    for (std::uint32_t begin = 0; begin < axis.steps(); begin += hash_block_threads) {
      const std::uint32_t end = min(begin + hash_block_threads, axis.steps());
      average_rows(begin, min(end, image.height));
      __syncthreads();
      average_columns(begin, end);
      __syncthreads();
      const std::uint32_t first_output = begin + 1 < axis.half ? 0 : begin + 1 - axis.half;
      const std::uint32_t last_output = end + 1 < axis.half ? 0 : end + 1 - axis.half;
      sample_columns(first_output, last_output);
      __syncthreads();
      sample_rows(first_output, end == axis.steps() ? axis.steps() : last_output, sum, next);
    }
    __syncthreads();
  }
};

}  // namespace libmatch::cuda
