#include "keypoints.h"

#include <algorithm>
#include <vector>

#include "hits.h"
#include "keypoints.cuh"
#include "knn.h"
#include "range.h"
#include "segment.h"

namespace libmatch::cuda {

namespace {

using detail::fail;

constexpr std::uint64_t queries_at_once = 16384;

void check_tables(const table_segment &segment, const table_queries &queries) {
  const table_keypoint_tables &tables = *segment.keypoint_tables;
  const bool usable = segment.words * 2 == keypoint_code_words && queries.words == segment.words &&
                      tables.tables <= lookup_tables_most && tables.width >= 1 && tables.width <= 31 &&
                      lookup_shared_bytes(tables.max_candidates_of_code) <= std::size_t{48} << 10;
  if (!usable) {
    fail(LM_ERROR_UNSUPPORTED, "keypoint tables of ", tables.tables, " x ", tables.width,
         " bits are none that a CUDA device is asked to search");
  }
}

void look_up(device_call &call, const search_request &request, std::span<const segment_use> segments,
             std::int32_t max_distance, hit_collector &collector) {
  const table_queries &queries = request.queries;
  std::uint64_t rows = 0;
  for (const segment_use &segment : segments) {
    rows += segment.arrays().size;
  }
  for (std::uint64_t first = 0; first < queries.size && rows != 0; first += queries_at_once) {
    const std::uint64_t size = std::min(queries_at_once, queries.size - first);
    const device_array<std::uint64_t> codes(call, queries.rows + first * queries.words, size * queries.words);
    const device_array<std::int32_t> limits(call, std::vector<std::int32_t>(size, max_distance).data(), size);
    const query_part there{reinterpret_cast<const std::uint32_t *>(codes.data()), limits.data(),
                           static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(first), max_distance};
    const std::uint64_t warps_of_block = lookup_block_threads / 32;
    const dim3 blocks(static_cast<unsigned>((size + warps_of_block - 1) / warps_of_block));
    collector.collect([&](const hit_sink &sink) {
      for (std::size_t s = 0; s < segments.size(); ++s) {
        const segment_arrays &arrays = segments[s].arrays();
        if (arrays.size != 0) {
          const std::size_t shared_bytes = lookup_shared_bytes(arrays.keypoint_tables.max_candidates_of_code);
          check(launch({blocks, dim3(lookup_block_threads), shared_bytes, call.stream()}, look_up_codes,
                       to_segment_part(arrays, static_cast<std::uint32_t>(s)), arrays.keypoint_tables, there, sink),
                "looking up codes");
        }
      }
    });
    count_progress(request.progress, size * rows);
  }
}

}  // namespace

void search_nearest_codes(device &on, const search_request &request, std::uint32_t max_distance, std::uint64_t most,
                          table_hits *out_hits) {
  device_call call(on);
  std::vector<segment_use> compared(request.n_segments);
  std::vector<segment_use> looked_up(request.n_segments);
  for (std::uint64_t s = 0; s < request.n_segments; ++s) {
    const table_segment &segment = request.segments[s];
    if (segment.size == 0) {
      continue;
    }
    if (segment.keypoint_tables != nullptr) {
      check_tables(segment, request.queries);
      looked_up[s] = on.segments().use(call, segment, {.plane = false, .ids = false, .keypoint_tables = true});
    } else {
      compared[s] = on.segments().use(call, segment, {.plane = true, .ids = false});
    }
  }
  nearest_options options;
  options.k = most;
  options.max_distance = static_cast<std::int32_t>(std::min(max_distance, request.queries.words * 64));
  options.fine_bits = code_fine_bits;
  options.by_sample = false;
  hit_collector collector(call, hits_expected(request.queries.size));
  collect_nearest(call, compared, request.queries, options, code_kernels(), request.progress, collector);
  look_up(call, request, looked_up, options.max_distance, collector);
  collector.finish(out_hits);
}

}  // namespace libmatch::cuda
