// Which references share keypoints with an image: 1,000 query codes and those of the mirror image, over lists of
// references with 200 codes each, by tables and code by code, two threads. 100 of the query codes are those of one
// reference with 0 to 32 bits flipped; `found` is the share of these pairs that is found, `build` the seconds that
// making the tables takes, `table_bytes` what they take a reference.
#include <chrono>
#include <memory>

#include "core/cpu_features.h"
#include "core/parallel.h"
#include "distance/dispatch.h"
#include "fixture.h"
#include "search/keypoint_search.h"
#include "search/keypoint_tables.h"
#include "support/keypoint_codes.h"

namespace {

namespace lm = libmatch::detail;

constexpr std::size_t points = 200;
constexpr std::uint32_t query_points = 1000;
constexpr std::size_t planted = 100;
constexpr std::size_t drawn_pictures = 100;
constexpr std::uint32_t words = lm::keypoint_codes::words;

struct list_of_references {
  lm::thread_pool threads{2};
  lm::aligned_vector<std::uint64_t> codes;
  std::vector<std::uint32_t> starts;
  lm::owned_keypoint_tables tables;
  double build_seconds = 0;
  std::vector<std::uint64_t> queries;
  std::size_t original = 0;  // the reference that the planted codes are of

  explicit list_of_references(std::size_t references) {
    const std::vector<std::uint64_t> drawn = libmatch::test::codes_of_drawn_pictures(drawn_pictures, 1);
    codes = libmatch::test::bulk_codes(drawn, references * points, 2);
    for (std::size_t r = 0; r <= references; ++r) {
      starts.push_back(static_cast<std::uint32_t>(r * points));
    }
    const auto begin = std::chrono::steady_clock::now();
    tables = lm::build_keypoint_tables(codes.data(), references * points, threads);
    build_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    make_queries(drawn, references / 2);
  }

  void make_queries(const std::vector<std::uint64_t> &drawn, std::size_t reference) {
    original = reference;
    libmatch::test::random_source random(3);
    const auto own = libmatch::test::bulk_codes(drawn, query_points, 4);
    queries.assign(own.begin(), own.end());
    for (std::size_t i = 0; i < planted; ++i) {
      std::copy_n(&codes[(reference * points + i) * words], words, &queries[i * words]);
      libmatch::test::flip_bits(&queries[i * words], words, random.below(33), random);
    }
    for (std::size_t i = 0; i < query_points; ++i) {
      const auto mirrored = lm::mirrored_code(&queries[i * words]);
      queries.insert(queries.end(), mirrored.begin(), mirrored.end());
    }
  }

  std::size_t found(const lm::keypoint_candidates &result) const {
    std::size_t pairs = 0;
    for (const lm::keypoint_candidate &candidate : result.candidates) {
      if (candidate.set == 0 && candidate.reference.row == original) {
        for (const lm::keypoint_pair &pair : result.pairs_of(candidate)) {
          pairs += pair.query_point < planted && pair.query_point == pair.reference_point ? 1 : 0;
        }
      }
    }
    return pairs;
  }
};

const list_of_references &list_of(std::size_t references) {
  static std::unique_ptr<list_of_references> held;
  if (!held || held->starts.size() != references + 1) {
    held.reset();
    held = std::make_unique<list_of_references>(references);
  }
  return *held;
}

void keypoint_search(benchmark::State &state, lm::keypoint_method method) {
  const auto references = static_cast<std::size_t>(state.range(0));
  const list_of_references &list = list_of(references);
  lm::keypoint_codes view;
  view.rows = list.codes.data();
  view.size = references * points;
  view.starts = list.starts;
  view.tables = &list.tables.layout;
  const std::vector<std::uint32_t> sets{0, query_points, 2 * query_points};
  lm::keypoint_search_options options;
  options.method = method;
  lm::thread_pool threads(2);
  lm::progress_meter progress(nullptr, 0);
  const lm::instruction_set set =
      *std::find_if(lm::instruction_sets_best_first.begin(), lm::instruction_sets_best_first.end(), lm::can_run);
  lm::keypoint_candidates result;
  for (auto _ : state) {
    result = lm::search_keypoints({&view, 1}, {list.queries.data(), sets}, options,
                                  {lm::kernels_for(set), set, threads, progress});
  }
  state.counters["found"] = static_cast<double>(list.found(result)) / planted;
  state.counters["candidates"] = static_cast<double>(result.candidates.size());
  state.counters["build"] = list.build_seconds;
  state.counters["table_bytes"] =
      static_cast<double>(lm::keypoint_table_bytes(list.tables.layout)) / static_cast<double>(references);
}

BENCHMARK_CAPTURE(keypoint_search, tables, lm::keypoint_method::automatic)
    ->ArgName("references")
    ->Arg(1000)
    ->Arg(10'000)
    ->Arg(300'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(keypoint_search, exact, lm::keypoint_method::exact)
    ->ArgName("references")
    ->Arg(1000)
    ->Arg(10'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
