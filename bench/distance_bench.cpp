// Distance kernels alone, each instruction set's, on data in the caches: seconds for the unit that the planner counts
// in (the constants of libmatch/src/search/planner.cpp).
#include "core/aligned_vector.h"
#include "core/cpu_features.h"
#include "distance/dispatch.h"
#include "fixture.h"
#include "search/prefix.h"
#include "support/random_codes.h"

namespace {

using libmatch::detail::aligned_vector;
using libmatch::detail::distance_kernels;
using libmatch::detail::instruction_set;
using libmatch::detail::tile_rows;
using libmatch::detail::tile_words;

constexpr std::uint32_t words = 4;
constexpr std::uint32_t limit = 31;

benchmark::Counter seconds_each(std::size_t units) {
  return {static_cast<double>(units), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert};
}

aligned_vector<std::uint64_t> aligned_rows(std::size_t n, std::uint64_t seed) {
  const std::vector<std::uint64_t> rows = libmatch::test::random_rows(n, words, seed);
  aligned_vector<std::uint64_t> copy(rows.size());
  std::copy(rows.begin(), rows.end(), copy.begin());
  return copy;
}

// row_word: 64 bits of a row and a query.
void distances(benchmark::State &state, const distance_kernels &kernels) {
  const aligned_vector<std::uint64_t> rows = aligned_rows(tile_rows, 1);
  const aligned_vector<std::uint64_t> query = aligned_rows(1, 2);
  std::vector<std::uint32_t> found(tile_rows);
  for (auto _ : state) {
    kernels.distances(query.data(), rows.data(), tile_rows, words, found.data());
    benchmark::DoNotOptimize(found.data());
  }
  state.counters["row_word"] = seconds_each(tile_rows * words);
}

// slice_bit: making a bit of a plane.
void slice(benchmark::State &state, const distance_kernels &kernels) {
  const auto n_planes = static_cast<std::uint32_t>(state.range(0));
  const aligned_vector<std::uint64_t> rows = aligned_rows(tile_rows, 1);
  aligned_vector<std::uint64_t> planes(n_planes * tile_words);
  for (auto _ : state) {
    kernels.slice(rows.data(), tile_rows, words, 0, n_planes, planes.data());
    benchmark::DoNotOptimize(planes.data());
  }
  state.counters["slice_bit"] = seconds_each(std::size_t{n_planes} * tile_rows);
}

// plane_bit: a bit of a row and a query, with many queries; few_plane_bit: with fewer than eight. coarse_group: four
// bits of them, in coarse counts.
void find_by(benchmark::State &state, const distance_kernels &kernels, bool coarse) {
  const auto find = coarse ? kernels.find_coarse : kernels.find;
  const auto n_queries = static_cast<std::size_t>(state.range(0));
  const auto max_distance = static_cast<std::uint32_t>(state.range(1));
  const std::uint32_t n_planes = coarse ? libmatch::detail::selective_coarse_planes(max_distance, words)
                                        : libmatch::detail::selective_planes(max_distance, words);
  const aligned_vector<std::uint64_t> rows = aligned_rows(tile_rows, 1);
  const aligned_vector<std::uint64_t> queries = aligned_rows(n_queries, 2);
  aligned_vector<std::uint64_t> planes(n_planes * tile_words);
  kernels.slice(rows.data(), tile_rows, words, 0, n_planes, planes.data());
  const std::vector<std::uint32_t> limits(n_queries, max_distance);
  std::vector<libmatch::detail::tile_hit> hits(2 * tile_rows);
  const libmatch::detail::sliced_tiles tile{planes.data(),  n_planes,  words,         rows.data(), tile_rows,
                                            queries.data(), n_queries, limits.data(), {}};
  for (auto _ : state) {
    for (libmatch::detail::tile_cursor cursor; cursor.tile == 0;) {
      benchmark::DoNotOptimize(find(tile, &cursor, hits.data(), hits.size()));
    }
  }
  if (coarse) {
    state.counters["coarse_group"] = seconds_each(n_planes / 4 * tile_rows * n_queries);
  } else {
    state.counters["plane_bit"] = seconds_each(n_planes * tile_rows * n_queries);
  }
}
void find(benchmark::State &state, const distance_kernels &kernels) { find_by(state, kernels, false); }
void find_coarse(benchmark::State &state, const distance_kernels &kernels) { find_by(state, kernels, true); }

// Buckets of one table, one after the other in 96-bit words inline.
struct bench_buckets {
  static constexpr std::uint32_t n_inline = 3;
  aligned_vector<std::uint32_t> inline_words;
  std::uint32_t size;  // positions

  explicit bench_buckets(std::uint32_t positions) : inline_words(std::size_t{positions} * n_inline), size(positions) {
    libmatch::test::random_source random(1);
    for (std::uint32_t &word : inline_words) {
      word = static_cast<std::uint32_t>(random.next());
    }
  }
};
constexpr std::uint32_t n_positions = 8192;

// lane: a position of a bucket and a query, bucket after bucket of the given size.
void probe(benchmark::State &state, const distance_kernels &kernels) {
  const auto bucket = static_cast<std::uint32_t>(state.range(0));
  const bench_buckets buckets(n_positions);
  const std::uint32_t query[bench_buckets::n_inline] = {1, 2, 3};
  const std::uint32_t *table = buckets.inline_words.data();
  std::vector<libmatch::detail::bucket_probe> probes;
  for (std::uint32_t first = 0; first + bucket <= buckets.size; first += bucket) {
    probes.push_back({first, first + bucket, 0, limit});
  }
  const libmatch::detail::bucket_probes all{&table, query, bench_buckets::n_inline, probes.data(), probes.size()};
  std::vector<libmatch::detail::bucket_hit> hits(512);
  for (auto _ : state) {
    libmatch::detail::probe_cursor cursor;
    while (cursor.probe < probes.size()) {
      benchmark::DoNotOptimize(kernels.probe(all, &cursor, hits.data(), hits.size()));
    }
  }
  state.counters["lane"] = seconds_each(probes.size() * bucket);
}

// lane: the same, a bucket of the given size met by so many queries at once.
void visit(benchmark::State &state, const distance_kernels &kernels) {
  const auto bucket = static_cast<std::uint32_t>(state.range(0));
  const auto n_visitors = static_cast<std::size_t>(state.range(1));
  const bench_buckets buckets(n_positions);
  const bench_buckets queries(static_cast<std::uint32_t>(n_visitors));
  const libmatch::detail::bucket_visitors all{
      buckets.inline_words.data(), bench_buckets::n_inline, bucket, queries.inline_words.data(), n_visitors, limit};
  std::vector<libmatch::detail::bucket_hit> hits(std::size_t{2} * libmatch::detail::bucket_lanes * n_visitors);
  for (auto _ : state) {
    for (std::uint32_t position = 0; position < bucket;) {
      benchmark::DoNotOptimize(kernels.visit(all, &position, hits.data(), hits.size()));
    }
  }
  state.counters["lane"] = seconds_each(std::size_t{bucket} * n_visitors);
}

bool add_all() {
  for (const instruction_set set : libmatch::detail::instruction_sets_best_first) {
    if (!libmatch::detail::can_run(set)) {
      continue;
    }
    const distance_kernels &kernels = libmatch::detail::kernels_for(set);
    const auto add = [&](const char *operation, auto run) {
      const std::string name = std::string("distance/") + operation + '/' + instruction_set_name(set);
      return benchmark::RegisterBenchmark(name.c_str(),
                                          [run, &kernels](benchmark::State &state) { run(state, kernels); });
    };
    add("distances", distances);
    add("slice", slice)->ArgName("planes")->Arg(96)->Arg(144);
    add("find", find)->ArgNames({"batch", "distance"})->ArgsProduct({{1, 4, 8, 16, 256, 4096}, {31}});
    add("find", find)->ArgNames({"batch", "distance"})->ArgsProduct({{256}, {16, 47, 64}});
    add("find_coarse", find_coarse)->ArgNames({"batch", "distance"})->ArgsProduct({{256, 4096}, {16, 31, 47}});
    add("probe", probe)->ArgName("bucket")->Arg(16)->Arg(152)->Arg(1024);
    add("visit", visit)->ArgNames({"bucket", "visitors"})->ArgsProduct({{16, 152}, {1, 17, 256}});
  }
  return true;
}

[[maybe_unused]] const bool added = add_all();

}  // namespace
