#include "vectors.h"

#include <algorithm>
#include <span>
#include <vector>

#include "distance_counts.h"
#include "hits.h"
#include "range.h"
#include "vectors.cuh"

namespace libmatch::cuda {

namespace {

// Blocks for each multiprocessor, where rows and queries are enough for them.
constexpr std::uint64_t blocks_of_multiprocessor = 8;
// Pairs between two looks at the progress, and queries whose limits and codes are on the device at once.
constexpr std::uint64_t pairs_at_once = std::uint64_t{1} << 38;
constexpr std::uint64_t queries_at_once_most = 65536;
constexpr std::uint64_t queries_at_once_least = 512;
// Distances of vectors are many: they are told apart to a 32nd.
constexpr std::uint32_t vector_fine_bits = 5;

constexpr std::uint64_t tiles_of(std::uint64_t items) noexcept { return (items + vector_tile - 1) / vector_tile; }

// No vectors of so many bytes are further apart.
std::int32_t largest_distance(std::uint32_t words) noexcept {
  return static_cast<std::int32_t>(words * sizeof(std::uint64_t) * 255 * 255);
}

void launch_vectors(const device_call &call, const segment_part &segment, const query_part &queries,
                    const hit_sink &sink) {
  const std::uint64_t row_tiles = tiles_of(segment.size);
  const auto multiprocessors = static_cast<std::uint64_t>(std::max(call.owner().facts().multiprocessors, 1));
  const std::uint64_t wanted = (multiprocessors * blocks_of_multiprocessor + row_tiles - 1) / row_tiles;
  const std::uint64_t query_blocks = std::clamp<std::uint64_t>(wanted, 1, tiles_of(queries.size));
  check(launch({dim3(static_cast<unsigned>(row_tiles), static_cast<unsigned>(query_blocks)),
                dim3(vector_block_threads), 0, call.stream()},
               compare_vectors, segment, queries, sink),
        "starting a search of vectors");
}

class vector_kernels final : public nearest_kernels {
 public:
  void count(const device_call &call, const segment_part &segment, const query_part &queries, std::uint32_t stride,
             const distance_steps &steps, std::uint32_t *counts) const override {
    launch_counts<squared_differences>(call, segment, queries, stride, steps, counts);
  }
  void find(const device_call &call, const segment_part &segment, const query_part &queries,
            const hit_sink &sink) const override {
    launch_vectors(call, segment, queries, sink);
  }
};

}  // namespace

void search_vector_range(device &on, const search_request &request, std::uint32_t max_distance,
                         table_hits *out_hits) {
  const table_queries &queries = request.queries;
  device_call call(on);
  const std::vector<segment_use> segments = on.segments().use_all(call, request, {.plane = false, .ids = false});
  std::uint64_t rows = 0;
  for (const segment_use &segment : segments) {
    rows += segment.arrays().size;
  }
  const auto limit =
      static_cast<std::int32_t>(std::min(max_distance, static_cast<std::uint32_t>(largest_distance(queries.words))));
  hit_collector collector(call, hits_expected(queries.size));
  const std::uint64_t block =
      std::clamp(pairs_at_once / std::max<std::uint64_t>(rows, 1), queries_at_once_least, queries_at_once_most);
  for (std::uint64_t first = 0; first < queries.size && rows != 0; first += block) {
    const std::uint64_t size = std::min(block, queries.size - first);
    const device_array<std::uint64_t> vectors(call, queries.rows + first * queries.words, size * queries.words);
    const device_array<std::int32_t> limits(call, std::vector<std::int32_t>(size, limit).data(), size);
    const query_part there{reinterpret_cast<const std::uint32_t *>(vectors.data()), limits.data(),
                           static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(first), limit};
    collector.collect([&](const hit_sink &sink) {
      for (std::size_t s = 0; s < segments.size(); ++s) {
        if (segments[s].arrays().size != 0) {
          launch_vectors(call, to_segment_part(segments[s].arrays(), static_cast<std::uint32_t>(s)), there, sink);
        }
      }
    });
    count_progress(request.progress, size * rows);
  }
  collector.finish(out_hits);
}

void search_vector_knn(device &on, const search_request &request, std::uint64_t k, table_hits *out_hits,
                       const nearest_options &options) {
  nearest_options of_vectors = options;
  of_vectors.k = k;
  of_vectors.max_distance = largest_distance(request.queries.words);
  of_vectors.fine_bits = vector_fine_bits;
  device_call call(on);
  const std::vector<segment_use> segments = on.segments().use_all(call, request, {.plane = false, .ids = false});
  hit_collector collector(call, hits_expected(request.queries.size));
  collect_nearest(call, segments, request.queries, of_vectors, vector_kernels(), request.progress, collector);
  collector.finish(out_hits);
}

}  // namespace libmatch::cuda
