#include "range.h"

#include <algorithm>

#include "buckets.h"
#include "range.cuh"

namespace libmatch::cuda {

namespace {

using detail::fail;

// Blocks for each multiprocessor: enough to fill it, few enough that what a block prepares is used for long.
constexpr std::uint64_t blocks_of_multiprocessor = 8;
// Pairs between two looks at the progress: about a tenth of a second on the fastest device.
constexpr std::uint64_t pairs_at_once = std::uint64_t{1} << 40;
constexpr std::uint64_t queries_at_once_most = 65536;
constexpr std::uint64_t queries_at_once_least = 512;

constexpr std::uint64_t parts_of(std::uint64_t whole, std::uint64_t part) noexcept {
  return (whole + part - 1) / part;
}

std::uint64_t blocks_wanted(const device_facts &facts) noexcept {
  return static_cast<std::uint64_t>(std::max(facts.multiprocessors, 1)) * blocks_of_multiprocessor;
}

// Query blocks of a grid whose row blocks alone may be too few to fill the device.
std::uint64_t query_blocks(const range_launch &with, std::uint64_t row_blocks, std::uint64_t query_tiles) noexcept {
  return std::clamp<std::uint64_t>(parts_of(blocks_wanted(with.facts), row_blocks), 1, query_tiles);
}

launch_shape shape_of(const range_launch &with, std::uint64_t row_blocks, std::uint64_t query_blocks,
                      unsigned threads) noexcept {
  return {dim3(static_cast<unsigned>(row_blocks), static_cast<unsigned>(query_blocks)), dim3(threads), 0,
          with.stream};
}

cudaError_t launch_stream(const range_launch &with, const segment_part &segment, const query_part &queries,
                          const hit_sink &sink) {
  const std::uint64_t blocks =
      std::min(parts_of(segment.plane_stride / 4, range_block_threads), blocks_wanted(with.facts));
  return launch(shape_of(with, blocks, 1, range_block_threads), stream_planes, segment, queries, sink);
}

cudaError_t launch_prefix(const range_launch &with, const segment_part &segment, const query_part &queries,
                          const hit_sink &sink) {
  const std::uint64_t rows = parts_of(segment.size, std::uint64_t{prefix_block_threads} * prefix_rows);
  const std::uint64_t tiles = parts_of(queries.size, prefix_tile_queries);
  return launch(shape_of(with, rows, query_blocks(with, rows, tiles), prefix_block_threads), compare_prefixes,
                segment, queries, sink);
}

template <int words>
cudaError_t launch_words(const range_launch &with, const segment_part &segment, const query_part &queries,
                         const hit_sink &sink) {
  const std::uint64_t rows = parts_of(segment.size, range_block_threads);
  const std::uint64_t tiles = parts_of(queries.size, prefix_tile_queries);
  return launch(shape_of(with, rows, query_blocks(with, rows, tiles), range_block_threads), compare_words<words>,
                segment, queries, sink);
}

cudaError_t launch_words(const range_launch &with, std::uint32_t words, const segment_part &segment,
                         const query_part &queries, const hit_sink &sink) {
  switch (words) {
    case 2:
      return launch_words<2>(with, segment, queries, sink);
    case 4:
      return launch_words<4>(with, segment, queries, sink);
    case 6:
      return launch_words<6>(with, segment, queries, sink);
    default:
      return launch_words<8>(with, segment, queries, sink);
  }
}

template <bit_product product>
cudaError_t launch_product(const range_launch &with, const segment_part &segment, const query_part &queries,
                           const hit_sink &sink) {
  const std::uint64_t rows = parts_of(segment.size, std::uint64_t{range_block_threads / 32} * product_warp_rows);
  const std::uint64_t tiles = parts_of(queries.size, product_tile_queries);
  return launch(shape_of(with, rows, query_blocks(with, rows, tiles), range_block_threads), multiply_bits<product>,
                segment, queries, sink);
}

}  // namespace

segment_part to_segment_part(const segment_arrays &arrays, std::uint32_t number) {
  return {arrays.rows, arrays.plane, arrays.removed, arrays.plane_stride, arrays.size, arrays.width_words, number};
}

void launch_range(const range_launch &with, const segment_part &segment, const query_part &queries,
                  const hit_sink &sink) {
  if (segment.size == 0 || queries.size == 0) {
    return;
  }
  const std::uint32_t words =
      prefix_words_for(static_cast<std::uint32_t>(std::max(queries.largest_limit, 0)), segment.width_words);
  const range_kernel kernel = with.kernel.value_or(
      choose_range_kernel({with.facts.compute_capability, segment.width_words, words, queries.size}));
  cudaError_t launched = cudaSuccess;
  switch (kernel) {
    case range_kernel::stream:
      launched = launch_stream(with, segment, queries, sink);
      break;
    case range_kernel::prefix:
      launched = launch_prefix(with, segment, queries, sink);
      break;
    case range_kernel::words:
      launched = launch_words(with, words, segment, queries, sink);
      break;
    case range_kernel::multiply_xor:
      launched = launch_product<bit_product::xor_k256>(with, segment, queries, sink);
      break;
    case range_kernel::multiply_and:
      launched = launch_product<bit_product::and_k256>(with, segment, queries, sink);
      break;
    case range_kernel::multiply_128:
      launched = launch_product<bit_product::xor_k128>(with, segment, queries, sink);
      break;
  }
  check(launched, "starting a range search");
}

void count_progress(const table_progress &progress, std::uint64_t units) {
  if (progress.add != nullptr && progress.add(progress.user_data, units) != 0) {
    fail(LM_ERROR_CANCELLED, "cancelled by the caller");
  }
}

void collect_range(device_call &call, std::span<const segment_use> segments, const table_queries &queries,
                   std::span<const std::int32_t> limits, const table_progress &progress, hit_collector &collector,
                   std::optional<range_kernel> kernel) {
  std::uint64_t rows = 0;
  for (const segment_use &segment : segments) {
    rows += segment.arrays().size;
  }
  const std::uint64_t block =
      std::clamp(pairs_at_once / std::max<std::uint64_t>(rows, 1), queries_at_once_least, queries_at_once_most);
  for (std::uint64_t first = 0; first < queries.size && rows != 0; first += block) {
    const std::uint64_t size = std::min(block, queries.size - first);
    const device_array<std::uint64_t> codes(call, queries.rows + first * queries.words, size * queries.words);
    const device_array<std::int32_t> limits_there(call, limits.data() + first, size);
    const std::int32_t largest = *std::max_element(limits.begin() + static_cast<std::ptrdiff_t>(first),
                                                   limits.begin() + static_cast<std::ptrdiff_t>(first + size));
    const query_part there{reinterpret_cast<const std::uint32_t *>(codes.data()), limits_there.data(),
                           static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(first), largest};
    const range_launch with{call.owner().facts(), call.stream(), kernel};
    collector.collect([&](const hit_sink &sink) {
      for (std::size_t s = 0; s < segments.size(); ++s) {
        const segment_arrays &arrays = segments[s].arrays();
        const segment_part part = to_segment_part(arrays, static_cast<std::uint32_t>(s));
        if (arrays.buckets.rows != nullptr) {
          launch_probes(call.stream(), part, arrays.buckets, there, sink);
        } else {
          launch_range(with, part, there, sink);
        }
      }
    });
    count_progress(progress, size * rows);
  }
}

void search_range(device &on, const search_request &request, std::uint32_t max_distance, table_hits *out_hits) {
  device_call call(on);
  std::vector<segment_use> segments(request.n_segments);
  for (std::uint64_t s = 0; s < request.n_segments; ++s) {
    const table_segment &segment = request.segments[s];
    if (segment.size != 0) {
      segment_needs needs{.plane = true, .ids = false};
      if (buckets_pay(on.facts(), 2 * segment.words, max_distance)) {
        needs.buckets = need_of_buckets(on.buckets(), segment.buckets, segment.size, request.queries.size);
        needs.queries = request.queries.size;
      }
      segments[s] = on.segments().use(call, segment, needs);
    }
  }
  const auto limit = static_cast<std::int32_t>(std::min(max_distance, request.queries.words * 64));
  const std::vector<std::int32_t> limits(request.queries.size, limit);
  hit_collector collector(call, hits_expected(request.queries.size));
  collect_range(call, segments, request.queries, limits, request.progress, collector);
  collector.finish(out_hits);
}

}  // namespace libmatch::cuda
