#include "search/vector_scan.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "core/aligned_vector.h"
#include "search/nearest_hits.h"
#include "search/ordering.h"

namespace libmatch::detail {

namespace {

// Queries that meet a tile one after the other: 144 dimensions of them stay in the second-level cache.
constexpr std::size_t query_block = 512;
// Rows of one task, which stay in the cache while blocks of queries pass; whole tiles.
constexpr std::size_t row_block = 4096;
// Rows whose distances to one query are taken at once where there are too few queries to lay anything out.
constexpr std::size_t distance_block = 256;

struct row_block_range {
  std::uint32_t segment;
  std::size_t first;
  std::size_t last;  // one past the end
};

std::vector<row_block_range> cut_into_blocks(std::span<const segment_view> segments) {
  std::vector<row_block_range> blocks;
  for (std::uint32_t s = 0; s < segments.size(); ++s) {
    for (std::size_t first = 0; first < segments[s].size; first += row_block) {
      blocks.push_back({s, first, std::min(first + row_block, segments[s].size)});
    }
  }
  return blocks;
}

// Memory for vectors as a kernel wants them.
class laid_out_storage {
 public:
  laid_out_storage(std::size_t n, std::uint32_t words, std::size_t value_bytes)
      : vector_bytes_(words * sizeof(std::uint64_t) * value_bytes), values_(n * vector_bytes_), head_(n), whole_(n) {}

  // From the first-th vector on.
  laid_out_vectors from(std::size_t first) {
    return {values_.data() + first * vector_bytes_, head_.data() + first, whole_.data() + first};
  }

 private:
  std::size_t vector_bytes_;
  aligned_vector<unsigned char> values_;
  aligned_vector<std::int32_t> head_;
  aligned_vector<std::int32_t> whole_;
};

bool lays_out(const vector_kernels &kernels, std::size_t n_queries) {
  return kernels.find != nullptr && n_queries >= kernels.min_queries;
}

// The queries of a search, laid out once for all tasks where that pays.
class vector_queries {
 public:
  vector_queries(const query_batch &batch, const vector_kernels &kernels)
      : batch_(batch),
        laid_out_(lays_out(kernels, batch.size)),
        storage_(laid_out_ ? batch.size : 0, batch.words, kernels.value_bytes) {
    if (laid_out_) {
      kernels.lay_out_queries(batch.rows, batch.size, batch.words, storage_.from(0));
    }
  }

  std::size_t size() const noexcept { return batch_.size; }
  std::uint32_t words() const noexcept { return batch_.words; }
  bool laid_out() const noexcept { return laid_out_; }
  const std::uint64_t *row(std::size_t q) const noexcept { return batch_.rows + q * batch_.words; }
  laid_out_vectors from(std::size_t first) { return storage_.from(first); }

 private:
  query_batch batch_;
  bool laid_out_;
  laid_out_storage storage_;
};

// Consecutive queries, and for each the largest distance that is a hit.
struct limited_queries {
  vector_queries &all;
  std::size_t first;
  std::span<const std::uint32_t> limits;
};

template <typename Found>
void scan_tiles(const segment_view &segment, const row_block_range &block, const limited_queries &queries,
                const vector_kernels &kernels, const Found &found) {
  const std::uint32_t words = segment.words;
  laid_out_storage tile_rows(kernels.tile_rows, words, kernels.value_bytes);
  const vector_tile tile{tile_rows.from(0), queries.all.from(queries.first), queries.limits.size(),
                         queries.limits.data(), words};
  std::array<tile_hit, 2 * max_step_hits> hits;
  for (std::size_t first = block.first; first < block.last; first += kernels.tile_rows) {
    const std::size_t n = std::min(kernels.tile_rows, block.last - first);
    kernels.lay_out_rows(segment.rows + first * words, n, words, tile.rows);
    for (std::size_t query = 0; query < tile.n_queries;) {
      const std::size_t count = kernels.find(tile, &query, hits.data(), hits.size());
      for (const tile_hit &hit : std::span(hits.data(), count)) {
        found(hit.query, first + hit.row, hit.distance);
      }
    }
  }
}

template <typename Found>
void scan_by_distances(const segment_view &segment, const row_block_range &block, const limited_queries &queries,
                       const vector_kernels &kernels, const Found &found) {
  std::array<std::uint32_t, distance_block> distances;
  for (std::size_t first = block.first; first < block.last; first += distance_block) {
    const std::size_t n = std::min(distance_block, block.last - first);
    for (std::uint32_t q = 0; q < queries.limits.size(); ++q) {
      kernels.distances(queries.all.row(queries.first + q), segment.rows + first * segment.words, n, segment.words,
                        distances.data());
      for (std::size_t r = 0; r < n; ++r) {
        if (distances[r] <= queries.limits[q]) {
          found(q, first + r, distances[r]);
        }
      }
    }
  }
}

// Calls found(query, row, distance) for every live row of the block and every query with a distance up to its limit;
// `found` may lower limits for what follows.
template <typename Found>
void scan_block(const segment_view &segment, const row_block_range &block, const limited_queries &queries,
                const vector_search_environment &environment, const Found &found) {
  const auto found_live = [&](std::uint32_t query, std::size_t row, std::uint32_t distance) {
    if (!segment.is_removed(row)) {
      found(query, row, distance);
    }
  };
  if (queries.all.laid_out()) {
    scan_tiles(segment, block, queries, environment.kernels, found_live);
  } else {
    scan_by_distances(segment, block, queries, environment.kernels, found_live);
  }
  environment.progress.add((block.last - block.first) * queries.limits.size());
}

search_hit to_hit(const segment_view &segment, std::uint32_t segment_place, std::size_t row, std::size_t query,
                  std::uint32_t distance) {
  return {segment.ids[row],
          static_cast<std::uint32_t>(query),
          distance,
          {segment_place, static_cast<std::uint32_t>(row)}};
}

// A block of queries against some of the blocks of rows.
struct nearest_task {
  std::size_t first_query;
  std::size_t n_queries;
  std::span<const row_block_range> blocks;
};

// Each task keeps k hits a query, so rows are divided only as far as the threads need it.
std::vector<nearest_task> plan_nearest(std::size_t n_queries, std::span<const row_block_range> blocks,
                                       unsigned threads) {
  const std::size_t query_blocks = (n_queries + query_block - 1) / query_block;
  const std::size_t wanted = threads == 1 ? 1 : std::size_t{threads} * 4;
  const std::size_t parts = std::clamp<std::size_t>((wanted + query_blocks - 1) / query_blocks, 1, blocks.size());
  std::vector<nearest_task> tasks;
  for (std::size_t first = 0; first < n_queries; first += query_block) {
    for (std::size_t part = 0; part < parts; ++part) {
      const std::size_t begin = blocks.size() * part / parts;
      const std::size_t end = blocks.size() * (part + 1) / parts;
      tasks.push_back({first, std::min(query_block, n_queries - first), blocks.subspan(begin, end - begin)});
    }
  }
  return tasks;
}

}  // namespace

search_plan plan_vector_range(const search_shape &shape, const vector_kernels &kernels) noexcept {
  const double words = static_cast<double>(shape.n_rows) * shape.words;
  const auto n_queries = static_cast<double>(shape.n_queries);
  const bool laid_out = lays_out(kernels, shape.n_queries);
  const double price =
      laid_out ? kernels.layout_price + kernels.find_price * n_queries : kernels.distances_price * n_queries;
  return {search_method::rows, words * price};
}

search_result search_vector_range(std::span<const segment_view> segments, const query_batch &queries,
                                  std::uint32_t max_distance, const vector_search_environment &environment) {
  const std::vector<row_block_range> blocks = cut_into_blocks(segments);
  vector_queries all(queries, environment.kernels);
  const std::vector<std::uint32_t> limits(std::min(query_block, queries.size), max_distance);
  std::vector<std::vector<search_hit>> hits(blocks.size());
  environment.threads.for_each(blocks.size(), [&](std::size_t i) {
    const row_block_range &block = blocks[i];
    const segment_view &segment = segments[block.segment];
    for (std::size_t first = 0; first < queries.size; first += query_block) {
      const std::size_t n = std::min(query_block, queries.size - first);
      scan_block(segment, block, {all, first, std::span(limits).first(n)}, environment,
                 [&](std::uint32_t query, std::size_t row, std::uint32_t distance) {
                   hits[i].push_back(to_hit(segment, block.segment, row, first + query, distance));
                 });
    }
  });
  return order_hits(hits, queries.size, std::numeric_limits<std::size_t>::max(), environment.threads);
}

search_result search_vector_knn(std::span<const segment_view> segments, const query_batch &queries, std::size_t k,
                                const vector_search_environment &environment) {
  const std::vector<row_block_range> blocks = cut_into_blocks(segments);
  vector_queries all(queries, environment.kernels);
  std::vector<nearest_task> tasks;
  if (k > 0 && queries.size > 0 && !blocks.empty()) {
    tasks = plan_nearest(queries.size, blocks, environment.threads.threads());
  }
  std::vector<std::vector<search_hit>> hits(tasks.size());
  environment.threads.for_each(tasks.size(), [&](std::size_t i) {
    const nearest_task &task = tasks[i];
    nearest_hits nearest(task.n_queries, k);
    for (const row_block_range &block : task.blocks) {
      const segment_view &segment = segments[block.segment];
      scan_block(segment, block, {all, task.first_query, nearest.limits()}, environment,
                 [&](std::uint32_t query, std::size_t row, std::uint32_t distance) {
                   nearest.offer(to_hit(segment, block.segment, row, task.first_query + query, distance), query);
                 });
    }
    hits[i] = nearest.take();
  });
  return order_hits(hits, queries.size, k, environment.threads);
}

}  // namespace libmatch::detail
