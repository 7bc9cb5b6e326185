// Making what searches go faster with, one thread: seconds a code for planes, seconds a code and table for buckets
// (the prices in libmatch/src/index/prepare.cpp).
#include "core/parallel.h"
#include "fixture.h"
#include "search/buckets.h"
#include "search/planes.h"
#include "support/random_codes.h"

namespace {

constexpr std::uint32_t words = 4;

benchmark::Counter seconds_each(std::size_t units) {
  return {static_cast<double>(units), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert};
}

void layouts_planes(benchmark::State &state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const std::vector<std::uint64_t> rows = libmatch::test::random_rows(size, words, 1);
  libmatch::detail::thread_pool threads(1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(libmatch::detail::build_planes(rows.data(), size, words, threads));
  }
  state.counters["code"] = seconds_each(size);
}

void layouts_buckets(benchmark::State &state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const std::vector<std::uint64_t> rows = libmatch::test::random_rows(size, words, 1);
  libmatch::detail::thread_pool threads(1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(libmatch::detail::build_buckets(rows.data(), size, words, threads));
  }
  state.counters["code_and_table"] = seconds_each(size * libmatch::detail::plan_buckets(size, words).tables);
}

}  // namespace

BENCHMARK(layouts_planes)->ArgName("codes")->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(layouts_buckets)->ArgName("codes")->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
