// The kernels in plain C++: the definition in a loop.
#include "distance/definition.h"
#include "distance/kernels.h"
#include "distance/tile_steps.h"

namespace libmatch::detail {

namespace {

void distances(const std::uint64_t *query, const std::uint64_t *rows, std::size_t n, std::uint32_t words,
               std::uint32_t *out) {
  for (std::size_t r = 0; r < n; ++r) {
    out[r] = hamming_distance(query, rows + r * words, words);
  }
}

std::size_t find(const distance_tile &tile, std::size_t *query, tile_hit *hits, std::size_t capacity) {
  return find_whole(tile, query, hits, capacity, distances);
}

}  // namespace

const distance_kernels scalar_kernels{max_tile_rows, distances, find, nullptr, 0};

}  // namespace libmatch::detail
