// Range search by each of its methods, whatever the planner would choose, over every set of codes: microseconds a
// query. What the planner's costs of whole methods are measured by (libmatch/src/search/planner.cpp).
#include <memory>
#include <numeric>
#include <string>

#include "core/aligned_vector.h"
#include "core/cpu_features.h"
#include "core/parallel.h"
#include "distance/dispatch.h"
#include "fixture.h"
#include "index/bit_order.h"
#include "search/buckets.h"
#include "search/planes.h"
#include "search/scan.h"

namespace {

using libmatch::detail::instruction_set;
using libmatch::detail::search_method;

constexpr std::uint32_t words = 4;

libmatch::detail::aligned_vector<std::uint64_t> rows_of(const std::string &set, std::size_t size,
                                                        std::uint64_t seed) {
  libmatch::detail::aligned_vector<std::uint64_t> rows(size * words);
  libmatch::detail::pack_rows(bench::codes_of(set, size, seed).data(), size, LM_HASH_PDQ256, 256, rows.data());
  return rows;
}

// A segment with all its layouts.
struct prepared_segment {
  libmatch::detail::aligned_vector<std::uint64_t> rows;  // on huge pages, as those of an index
  std::vector<std::int64_t> ids;
  libmatch::detail::aligned_vector<std::uint64_t> planes;
  libmatch::detail::owned_buckets buckets;
  libmatch::detail::segment_view view;

  prepared_segment(const std::string &set, std::size_t size) : rows(rows_of(set, size, 1)), ids(size) {
    libmatch::detail::thread_pool threads(0);
    std::iota(ids.begin(), ids.end(), 0);
    planes = libmatch::detail::build_planes(rows.data(), size, words, threads);
    buckets = libmatch::detail::build_buckets(rows.data(), size, words, threads);
    view = {rows.data(), ids.data(), nullptr, size, words, {planes.data()}, &buckets.layout};
  }
};

// Kept from one benchmark to the next of the same set and size.
const prepared_segment &segment_of(const std::string &set, std::size_t size) {
  static std::pair<std::string, std::size_t> held;
  static std::unique_ptr<prepared_segment> segment;
  if (!segment || held != std::pair(set, size)) {
    segment.reset();
    segment = std::make_unique<prepared_segment>(set, size);
    held = {set, size};
  }
  return *segment;
}

void search(benchmark::State &state, const std::string &set, search_method method, instruction_set kernels) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const auto batch = static_cast<std::size_t>(state.range(1));
  const auto max_distance = static_cast<std::uint32_t>(state.range(2));
  const prepared_segment &segment = segment_of(set, size);
  const auto rows = rows_of(set, bench::batches<std::uint64_t>::queries_for(batch), 2);
  bench::batches<std::uint64_t> queries({rows.begin(), rows.end()}, batch * words);
  libmatch::detail::thread_pool threads(1);
  libmatch::detail::progress_meter progress(nullptr, 0);
  const libmatch::detail::search_environment environment{libmatch::detail::kernels_for(kernels), kernels, threads,
                                                         progress, method};
  for (auto _ : state) {
    benchmark::DoNotOptimize(libmatch::detail::search_range(
        std::span(&segment.view, 1), {queries.next(), batch, words}, max_distance, environment));
  }
  state.counters["a_query"] = benchmark::Counter(
      static_cast<double>(batch), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

bool add_all() {
  for (const std::string_view codes : libmatch::test::code_set_names()) {
    for (const instruction_set kernels : libmatch::detail::instruction_sets_best_first) {
      if (!libmatch::detail::can_run(kernels)) {
        continue;
      }
      for (const search_method method : {search_method::rows, search_method::planes, search_method::lookups,
                                         search_method::probes, search_method::visits}) {
        const std::string name = "search_method/" + std::string(codes) + '/' + search_method_name(method) + '/' +
                                 instruction_set_name(kernels);
        benchmark::RegisterBenchmark(
            name.c_str(),
            [=, set = std::string(codes)](benchmark::State &state) { search(state, set, method, kernels); })
            ->ArgNames({"codes", "batch", "distance"})
            ->ArgsProduct({{static_cast<std::int64_t>(bench::list_size_of(codes))}, {1, 256, 1024, 4096}, {31}})
            ->Unit(benchmark::kMillisecond);
      }
    }
  }
  return true;
}

[[maybe_unused]] const bool added = add_all();

}  // namespace
