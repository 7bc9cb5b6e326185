// The host's side of knn.cuh, for any metric.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "backend_table.h"
#include "device.h"
#include "hits.h"
#include "knn.cuh"
#include "search_views.h"
#include "segment.h"

namespace libmatch::cuda {

// What searches by different metrics differ in. Both put kernels into the stream of the call and wait for nothing.
class nearest_kernels {
 public:
  virtual ~nearest_kernels() = default;
  // As count_distances says.
  virtual void count(const device_call &call, const segment_part &segment, const query_part &queries,
                     std::uint32_t stride, const distance_steps &steps, std::uint32_t *counts) const = 0;
  // Reports the live rows within the limits of the queries.
  virtual void find(const device_call &call, const segment_part &segment, const query_part &queries,
                    const hit_sink &sink) const = 0;
};

struct nearest_options {
  std::uint64_t k = 0;
  std::int32_t max_distance = 0;  // what lies further is no neighbour
  std::uint32_t fine_bits = 0;    // of distance_steps
  // Whether a sample says where to look first. Without it all within max_distance is looked at, which is better where
  // that is little.
  bool by_sample = true;
  // Rows of the sample; fewer for more neighbours would say too little.
  std::uint64_t sample_rows = std::uint64_t{1} << 17;
  // Hits that are on the device at once, unless a single query has more.
  std::uint64_t hits_at_once = std::uint64_t{1} << 24;
};

// Counts distances in blocks of whole warps; for nearest_kernels::count.
template <typename word_distance>
void launch_counts(const device_call &call, const segment_part &segment, const query_part &queries,
                   std::uint32_t stride, const distance_steps &steps, std::uint32_t *counts) {
  constexpr std::uint64_t block_threads = 256;
  constexpr std::uint64_t rows_of_thread = 16;  // what a block pays for its tables is then little
  constexpr std::uint64_t most_row_blocks = 4096;
  constexpr std::size_t usual_shared_bytes = std::size_t{48} << 10;
  const std::uint64_t rows = (segment.size + std::uint64_t{stride} - 1) / stride;
  const auto row_blocks = static_cast<unsigned>(
      std::clamp<std::uint64_t>(rows / (block_threads * rows_of_thread), 1, most_row_blocks));
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

// The nearest k live rows of each query among all segments, and what lies in the same step of distances as the last of
// them. Progress counts pairs. Throws LM_ERROR_CANCELLED.
void collect_nearest(device_call &call, std::span<const segment_use> segments, const table_queries &queries,
                     const nearest_options &options, const nearest_kernels &kernels, const table_progress &progress,
                     hit_collector &collector);

// Entries of the table: the nearest by Hamming distance. `options`: of tests, whose lists are short.
void search_knn(device &on, const search_request &request, std::uint64_t k, table_hits *out_hits,
                const nearest_options &options = {});
void search_nearest_codes(device &on, const search_request &request, std::uint32_t max_distance, std::uint64_t most,
                          table_hits *out_hits);

}  // namespace libmatch::cuda
