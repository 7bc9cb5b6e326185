// PDQ of RGB pixels in memory, one thread: width x height by version. megapixels: a second.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <utility>

#include "core/cpu_features.h"
#include "hash/pdq.h"
#include "support/pixels.h"

namespace {

using libmatch::detail::instruction_set;

template <typename Hash>
void run(benchmark::State &state, std::uint32_t width, std::uint32_t height, const Hash &hash) {
  const libmatch::test::pixels image = libmatch::test::noise(1, width, height, LM_PIXEL_RGB8);
  for (auto iteration : state) {
    benchmark::DoNotOptimize(hash(image.view()));
  }
  state.counters["megapixels"] =
      benchmark::Counter(static_cast<double>(width) * height * 1e-6, benchmark::Counter::kIsIterationInvariantRate);
}

void add(const std::string &version, std::uint32_t width, std::uint32_t height, auto hash) {
  const std::string name = "pdq/" + version + "/" + std::to_string(width) + "x" + std::to_string(height);
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State &state) {
    run(state, width, height, hash);
  })->Unit(benchmark::kMillisecond);
}

bool add_all() {
  for (const auto &[width, height] : {std::pair{512U, 512U}, {1024U, 768U}, {4000U, 3000U}}) {
    add("definition", width, height,
        [](const lm_image &image) { return libmatch::detail::pdq_definition(image, LM_ORIENTATIONS_PLAIN); });
    for (const instruction_set set : {instruction_set::scalar, instruction_set::avx2, instruction_set::avx512}) {
      if (!libmatch::detail::can_run(set)) {
        continue;
      }
      const std::string name = instruction_set_name(set);
      add(name, width, height,
          [set](const lm_image &image) { return libmatch::detail::pdq(image, LM_ORIENTATIONS_PLAIN, set); });
      add(name + "_derived", width, height,
          [set](const lm_image &image) { return libmatch::detail::pdq(image, LM_ORIENTATIONS_DERIVED, set); });
      add(name + "_sampled", width, height,
          [set](const lm_image &image) { return libmatch::detail::pdq(image, LM_ORIENTATIONS_SAMPLED, set); });
      add(name + "_true", width, height,
          [set](const lm_image &image) { return libmatch::detail::pdq(image, LM_ORIENTATIONS_TRUE, set); });
    }
  }
  return true;
}

[[maybe_unused]] const bool added = add_all();

}  // namespace
