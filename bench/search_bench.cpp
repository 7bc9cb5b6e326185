// Exact search over random codes of 256 bits: codes compared with queries a second.
#include "fixture.h"

namespace {

constexpr std::uint32_t max_distance = 31;
constexpr std::uint32_t k = 10;

template <class Search>
void run(benchmark::State &state, Search search) {
  const auto codes = static_cast<std::size_t>(state.range(1));
  const auto batch = static_cast<std::size_t>(state.range(2));
  const bench::Context context = bench::open(state, state.range(0));
  const lm_index *index = bench::index_of(codes);
  const std::vector<std::uint8_t> queries = bench::random_bytes(batch * bench::code_size_bytes, 2);
  for (auto _ : state) {
    lm_matches *found = nullptr;
    bench::check(search(index, context.get(), queries.data(), batch, &found));
    const bench::Matches matches(found);
    benchmark::DoNotOptimize(lm_matches_view(found));
  }
  state.counters["comparisons"] =
      benchmark::Counter(static_cast<double>(codes * batch), benchmark::Counter::kIsIterationInvariantRate);
}

void search_range(benchmark::State &state) {
  run(state,
      [](const lm_index *index, lm_context *context, const std::uint8_t *queries, std::size_t n, lm_matches **out) {
        return lm_index_search_range(index, context, queries, n, max_distance, nullptr, out);
      });
}

void search_knn(benchmark::State &state) {
  run(state, [](const lm_index *index, lm_context *context, const std::uint8_t *queries, std::size_t n,
                lm_matches **out) { return lm_index_search_knn(index, context, queries, n, k, nullptr, out); });
}

void axes(benchmark::internal::Benchmark *benchmark) {
  benchmark->ArgNames({"backend", "codes", "batch"})
      ->ArgsProduct({bench::backends(), {10'000, 1'000'000}, {1, 256}})
      ->Unit(benchmark::kMillisecond);
}

}  // namespace

BENCHMARK(search_range)->Apply(axes);
BENCHMARK(search_knn)->Apply(axes);
