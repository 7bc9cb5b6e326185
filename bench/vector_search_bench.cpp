// Exact search over random vectors of 144 bytes: pairs of vectors and queries a second, and each kernel's tile alone.
#include "core/aligned_vector.h"
#include "core/cpu_features.h"
#include "distance/vector_kernels.h"
#include "fixture.h"

namespace {

using libmatch::detail::aligned_vector;
using libmatch::detail::laid_out_vectors;
using libmatch::detail::vector_kernels;

constexpr std::size_t dimensions = 144;
constexpr std::uint32_t words = dimensions / 8;
constexpr std::uint32_t k = 10;
// Random bytes are 1,560,000 apart: the first third of them decides. At twice that it never does.
constexpr std::int64_t near_distance = 100'000;
constexpr std::int64_t far_distance = 3'000'000;

benchmark::Counter pairs(std::size_t n) {
  return {static_cast<double>(n), benchmark::Counter::kIsIterationInvariantRate};
}

const lm_index *vectors_of(std::size_t size) {
  static std::size_t held = 0;
  static bench::Index index;
  if (!index || held != size) {
    lm_context *opened = nullptr;
    bench::check(lm_context_create(nullptr, 1, &opened));
    const bench::Context context(opened);
    lm_index *created = nullptr;
    bench::check(lm_index_create(opened, LM_HASH_VECTOR8, 8 * dimensions, nullptr, &created));
    index.reset(created);
    bench::check(lm_index_add(created, bench::random_bytes(size * dimensions, 1).data(), nullptr, nullptr, size));
    held = size;
  }
  return index.get();
}

template <class Search>
void run(benchmark::State &state, Search search) {
  const auto size = static_cast<std::size_t>(state.range(1));
  const auto batch = static_cast<std::size_t>(state.range(2));
  const bench::Context context = bench::open(state, state.range(0));
  const lm_index *index = vectors_of(size);
  const std::vector<std::uint8_t> queries = bench::random_bytes(batch * dimensions, 2);
  for (auto _ : state) {
    lm_matches *found = nullptr;
    bench::check(search(index, context.get(), queries.data(), batch, &found));
    const bench::Matches matches(found);
    benchmark::DoNotOptimize(lm_matches_view(found));
  }
  state.counters["comparisons"] = pairs(size * batch);
}

void vector_range(benchmark::State &state) {
  run(state,
      [](const lm_index *index, lm_context *context, const std::uint8_t *queries, std::size_t n, lm_matches **out) {
        return lm_index_search_range(index, context, queries, n, near_distance, nullptr, out);
      });
}

void vector_knn(benchmark::State &state) {
  run(state, [](const lm_index *index, lm_context *context, const std::uint8_t *queries, std::size_t n,
                lm_matches **out) { return lm_index_search_knn(index, context, queries, n, k, nullptr, out); });
}

// One tile of rows, laid out each time as a search does for every 512 queries.
void vector_tile(benchmark::State &state, const vector_kernels &kernels, bool runs_here) {
  if (!runs_here) {
    state.SkipWithError("this processor does not have it");
    return;
  }
  const auto n = static_cast<std::size_t>(state.range(0));
  const std::size_t n_rows = kernels.tile_rows;
  const std::size_t vector_bytes = dimensions * kernels.value_bytes;
  aligned_vector<unsigned char> row_values(n_rows * vector_bytes);
  aligned_vector<unsigned char> query_values(n * vector_bytes);
  aligned_vector<std::int32_t> sums(2 * (n_rows + n + 16));
  const laid_out_vectors rows{row_values.data(), sums.data(), sums.data() + n_rows};
  const laid_out_vectors queries{query_values.data(), sums.data() + 2 * n_rows, sums.data() + 2 * n_rows + n};
  const std::vector<std::uint8_t> bytes = bench::random_bytes((n_rows + n) * dimensions, 3);
  const auto *first = reinterpret_cast<const std::uint64_t *>(bytes.data());
  kernels.lay_out_queries(first + n_rows * words, n, words, queries);
  const bool far = state.range(1) == far_distance;
  const std::vector<std::uint32_t> limits(n, near_distance);
  // Far: the rows' first sums say that they are near, so that every value is looked at.
  const std::vector<std::int32_t> none(n_rows, -(1 << 28));
  std::vector<libmatch::detail::tile_hit> hits(libmatch::detail::max_step_hits);
  for (auto _ : state) {
    kernels.lay_out_rows(first, n_rows, words, rows);
    if (far) {
      std::copy(none.begin(), none.end(), rows.head);
    }
    for (std::size_t query = 0; query < n;) {
      benchmark::DoNotOptimize(
          kernels.find({rows, queries, n, limits.data(), words}, &query, hits.data(), hits.size()));
    }
  }
  state.counters["comparisons"] = pairs(n_rows * n);
}

void axes(benchmark::internal::Benchmark *benchmark) {
  benchmark->ArgNames({"backend", "vectors", "batch"})
      ->ArgsProduct({bench::backends(), {10'000, 1'000'000}, {1, 256}})
      ->Unit(benchmark::kMillisecond);
}

void tile_axes(benchmark::internal::Benchmark *benchmark) {
  benchmark->ArgNames({"batch", "distance"})->ArgsProduct({{4, 6, 8, 512}, {near_distance, far_distance}});
}

#if defined(LIBMATCH_X86)
const libmatch::detail::cpu_features &host = libmatch::detail::host_cpu_features();
const bool has_avx512bw = libmatch::detail::can_run(libmatch::detail::instruction_set::avx512bw);
#endif

}  // namespace

BENCHMARK(vector_range)->Apply(axes);
BENCHMARK(vector_knn)->Apply(axes);
#if defined(LIBMATCH_X86)
BENCHMARK_CAPTURE(vector_tile, avx2, libmatch::detail::avx2_vector_kernels, host.avx2)->Apply(tile_axes);
BENCHMARK_CAPTURE(vector_tile, avx512bw, libmatch::detail::avx512bw_vector_kernels, has_avx512bw)->Apply(tile_axes);
BENCHMARK_CAPTURE(vector_tile, avx512_vnni, libmatch::detail::avx512_vnni_vector_kernels,
                  has_avx512bw &&host.avx512vnni)
    ->Apply(tile_axes);
#elif defined(LIBMATCH_NEON)
BENCHMARK_CAPTURE(vector_tile, neon, libmatch::detail::neon_vector_kernels, true)->Apply(tile_axes);
#endif
