#include "search/planes.h"

#include <algorithm>

#include "distance/dispatch.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t min_rows = 4096;
constexpr std::size_t tiles_of_task = 64;

std::size_t tiles_of(std::size_t n_rows) { return (n_rows + tile_rows - 1) / tile_rows; }

void slice_tile(const distance_kernels &kernels, const std::uint64_t *rows, std::size_t n_rows, std::uint32_t words,
                std::size_t tile, std::uint64_t *planes) {
  const std::size_t first = tile * tile_rows;
  kernels.slice(rows + first * words, std::min(tile_rows, n_rows - first), words, 0, plane_layout::n_planes, planes);
}

}  // namespace

bool planes_pay(std::size_t n_rows, std::uint32_t words) noexcept {
  return n_rows >= min_rows && words * 64 > plane_layout::n_planes;
}

aligned_vector<std::uint64_t> build_planes(const std::uint64_t *rows, std::size_t n_rows, std::uint32_t words,
                                           thread_pool &threads) {
  const distance_kernels &kernels = fastest_kernels();
  aligned_vector<std::uint64_t> planes(plane_layout::words(n_rows));
  const std::size_t tiles = tiles_of(n_rows);
  threads.for_each((tiles + tiles_of_task - 1) / tiles_of_task, [&](std::size_t task) {
    for (std::size_t tile = task * tiles_of_task; tile < std::min(tiles, (task + 1) * tiles_of_task); ++tile) {
      slice_tile(kernels, rows, n_rows, words, tile, planes.data() + tile * plane_layout::words_of_tile);
    }
  });
  return planes;
}

std::size_t find_wrong_planes(const std::uint64_t *planes, const std::uint64_t *rows, std::size_t n_rows,
                              std::uint32_t words) {
  const distance_kernels &kernels = fastest_kernels();
  aligned_vector<std::uint64_t> expected(plane_layout::words_of_tile);
  for (std::size_t tile = 0; tile < tiles_of(n_rows); ++tile) {
    slice_tile(kernels, rows, n_rows, words, tile, expected.data());
    if (!std::equal(expected.begin(), expected.end(), planes + tile * plane_layout::words_of_tile)) {
      return tile;
    }
  }
  return tiles_of(n_rows);
}

}  // namespace libmatch::detail
