// The host's side of distance_counts.cuh.
#pragma once

#include <algorithm>
#include <cstdint>

#include "device.h"
#include "distance_counts.cuh"
#include "search_views.h"

namespace libmatch::cuda {

// Puts count_distances of a segment into the stream of the call.
template <typename word_distance>
void launch_counts(const device_call &call, const segment_part &segment, const query_part &queries,
                   std::uint32_t stride, const distance_steps &steps, std::uint32_t *counts) {
  constexpr std::uint64_t block_threads = 256;
  constexpr std::uint64_t rows_of_thread = 16;  // what a block pays for its tables is then little
  constexpr std::uint64_t most_row_blocks = 4096;
  constexpr std::size_t usual_shared_bytes = std::size_t{48} << 10;
  const std::uint64_t rows = (segment.size + std::uint64_t{stride} - 1) / stride;
  const auto row_blocks =
      static_cast<unsigned>(std::clamp<std::uint64_t>(rows / (block_threads * rows_of_thread), 1, most_row_blocks));
  const auto put = [&](auto kernel, std::uint32_t tile_queries) {
    // A grid has at most 65,535 blocks in y.
    constexpr std::uint32_t most_tiles = 32768;
    for (std::uint32_t first = 0; first < queries.size; first += most_tiles * tile_queries) {
      query_part part = queries;
      part.rows += std::uint64_t{first} * segment.width_words;
      part.size = std::min(queries.size - first, most_tiles * tile_queries);
      const launch_shape shape{dim3(row_blocks, (part.size + tile_queries - 1) / tile_queries),
                               dim3(static_cast<unsigned>(block_threads)),
                               count_shared_bytes(tile_queries, segment.width_words, steps.size), call.stream()};
      check(launch(shape, kernel, segment, part, stride, steps, counts + std::uint64_t{first} * steps.size),
            "counting distances");
    }
  };
  if (count_shared_bytes(8, segment.width_words, steps.size) <= usual_shared_bytes) {
    put(count_distances<word_distance, 8>, 8);
  } else {
    put(count_distances<word_distance, 4>, 4);
  }
}

}  // namespace libmatch::cuda
