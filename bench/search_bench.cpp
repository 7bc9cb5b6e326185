// Exact search through the C API, one thread, the index prepared: the operations by set of codes, with axes for the
// rest. microseconds: a query. The lists are long and of many kinds: choose with --benchmark_filter.
#include "fixture.h"

namespace {

constexpr std::uint32_t usual_distance = 31;

bench::batches<std::uint8_t> queries_of(const std::string &set, std::uint32_t bits, std::size_t batch) {
  const std::size_t n = bench::batches<std::uint8_t>::queries_for(batch);
  return {bits == 256 ? bench::codes_of(set, n, 2) : bench::random_bytes(n * bits / 8, 2), batch * bits / 8};
}

void count(benchmark::State &state, std::size_t codes, std::size_t batch) {
  state.counters["comparisons"] =
      benchmark::Counter(static_cast<double>(codes * batch), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["a_query"] = benchmark::Counter(
      static_cast<double>(batch), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

// The axes are backend, bits, codes, batch, and the distance or k.
template <class Search>
void run(benchmark::State &state, const std::string &set, Search search) {
  const bench::Context context = bench::open(state, state.range(0));
  const auto bits = static_cast<std::uint32_t>(state.range(1));
  const auto codes = static_cast<std::size_t>(state.range(2));
  const auto batch = static_cast<std::size_t>(state.range(3));
  const lm_index *index = bench::index_of(set, bits, codes);
  bench::batches<std::uint8_t> queries = queries_of(set, bits, batch);
  for (auto _ : state) {
    lm_matches *found = nullptr;
    bench::check(search(index, context.get(), queries.next(), batch, &found));
    const bench::Matches matches(found);
    benchmark::DoNotOptimize(lm_matches_view(found));
  }
  count(state, codes, batch);
}

void search_range(benchmark::State &state, const std::string &set) {
  const auto max_distance = static_cast<std::uint32_t>(state.range(4));
  run(state, set,
      [=](const lm_index *index, lm_context *context, const std::uint8_t *queries, std::size_t n, lm_matches **out) {
        return lm_index_search_range(index, context, queries, n, max_distance, nullptr, out);
      });
}

void search_knn(benchmark::State &state, const std::string &set) {
  const auto k = static_cast<std::uint32_t>(state.range(4));
  run(state, set,
      [=](const lm_index *index, lm_context *context, const std::uint8_t *queries, std::size_t n, lm_matches **out) {
        return lm_index_search_knn(index, context, queries, n, k, nullptr, out);
      });
}

// The axes are backend, codes and distance.
void search_pairs(benchmark::State &state, const std::string &set) {
  const bench::Context context = bench::open(state, state.range(0));
  const auto codes = static_cast<std::size_t>(state.range(1));
  const lm_index *index = bench::index_of(set, 256, codes);
  for (auto _ : state) {
    lm_pairs *found = nullptr;
    bench::check(
        lm_index_search_pairs(index, context.get(), static_cast<std::uint32_t>(state.range(2)), nullptr, &found));
    const bench::Pairs pairs(found);
    benchmark::DoNotOptimize(lm_pairs_view(found));
  }
  count(state, codes, codes);
}

// Sets by name; the list of each is as long as bench::list_size_of has it, and 10,000 once more for random codes.
bool add_all() {
  for (const std::string_view name : libmatch::test::code_set_names()) {
    const std::string set(name);
    const auto size = static_cast<std::int64_t>(bench::list_size_of(set));
    const auto add = [&](const char *operation, auto function) {
      return benchmark::RegisterBenchmark((std::string(operation) + '/' + set).c_str(),
                                          [=](benchmark::State &state) { function(state, set); })
          ->Unit(benchmark::kMillisecond);
    };
    add("search_range", search_range)
        ->ArgNames({"backend", "bits", "codes", "batch", "distance"})
        ->ArgsProduct({bench::backends(), {256}, {size}, {1, 256, 4096}, {usual_distance}});
    add("search_knn", search_knn)
        ->ArgNames({"backend", "bits", "codes", "batch", "k"})
        ->ArgsProduct({bench::backends(), {256}, {size}, {1, 256}, {1, 10, 100}});
    add("search_pairs", search_pairs)
        ->ArgNames({"backend", "codes", "distance"})
        ->ArgsProduct({bench::backends(), {100'000}, {usual_distance}});
    if (set == "random") {
      add("search_range", search_range)
          ->ArgNames({"backend", "bits", "codes", "batch", "distance"})
          ->ArgsProduct({bench::backends(), {256}, {10'000, size}, {1, 256}, {16, 47, 64}})
          ->ArgsProduct({bench::backends(), {64, 128, 512}, {size}, {1, 256}, {8}});
    }
  }
  return true;
}

[[maybe_unused]] const bool added = add_all();

}  // namespace
