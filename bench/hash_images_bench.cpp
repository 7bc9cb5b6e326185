// PDQ of pixels: images a second, by side length and by what is asked of the orientations.
#include "fixture.h"

namespace {

void hash_images(benchmark::State &state) {
  const auto side = static_cast<std::uint32_t>(state.range(1));
  const bench::Context context = bench::open(state, state.range(0));
  const std::vector<std::uint8_t> pixels = bench::random_bytes(std::size_t{side} * side * 3, 3);
  const lm_image image{pixels.data(), side, side, std::size_t{side} * 3, LM_PIXEL_RGB8};
  lm_hash_options options = LM_HASH_OPTIONS_INIT;
  options.orientations = static_cast<lm_orientations>(state.range(2));
  std::vector<std::uint8_t> codes(8 * bench::code_size_bytes);
  std::uint8_t quality = 0;
  for (auto _ : state) {
    bench::check(lm_hash_images(context.get(), &options, &image, 1, nullptr, codes.data(), &quality));
    benchmark::DoNotOptimize(codes.data());
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(pixels.size()));
}

void axes(benchmark::internal::Benchmark *benchmark) {
  benchmark->ArgNames({"backend", "side", "orientations"})
      ->ArgsProduct({bench::backends(),
                     {64, 512, 2048},
                     {LM_ORIENTATIONS_PLAIN, LM_ORIENTATIONS_DERIVED, LM_ORIENTATIONS_TRUE}})
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace

BENCHMARK(hash_images)->Apply(axes);
