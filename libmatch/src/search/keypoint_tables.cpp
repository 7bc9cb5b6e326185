#include "search/keypoint_tables.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "distance/dispatch.h"
#include "distance/transpose.h"
#include "search/keypoint_bits.h"

namespace libmatch::detail {

namespace {

constexpr std::uint32_t words = keypoint_codes::words;
// Whole chunks that hold all bits of a code.
constexpr std::uint32_t all_planes = (words * 64 + chunk_bits - 1) / chunk_bits * chunk_bits;

// Names of the buckets of all rows in one table. Rows are turned into planes, which the places of a name are picked
// from, and back.
std::vector<std::uint32_t> name_buckets(const keypoint_table_layout &layout, std::uint32_t t,
                                        const std::uint64_t *rows) {
  const distance_kernels &kernels = fastest_kernels();
  const std::uint8_t *places = layout.table_places(t);
  aligned_vector<std::uint64_t> planes(std::size_t{all_planes} * tile_words);
  std::vector<std::uint32_t> names(layout.size);
  for (std::size_t first = 0; first < layout.size; first += tile_rows) {
    const std::size_t n_rows = std::min(tile_rows, layout.size - first);
    kernels.slice(rows + first * words, n_rows, words, 0, all_planes, planes.data());
    for (std::size_t group = 0; group * 64 < n_rows; ++group) {
      std::array<std::uint64_t, 64> block{};
      for (std::uint32_t i = 0; i < layout.width; ++i) {
        block[i] = planes[places[i] * tile_words + group];
      }
      transpose_64(block.data());
      for (std::size_t r = 0; r < std::min<std::size_t>(64, n_rows - group * 64); ++r) {
        names[first + group * 64 + r] = static_cast<std::uint32_t>(block[r]);
      }
    }
  }
  return names;
}

// Rows by which memory is asked for ahead: buckets lie anywhere.
constexpr std::size_t starts_ahead = 32;
constexpr std::size_t rows_ahead = 16;

// Counting sort of the rows by bucket, which keeps their order within each.
void build_table(const keypoint_table_layout &layout, std::uint32_t t, const std::uint64_t *codes,
                 std::uint32_t *starts, std::uint32_t *rows) {
  const std::vector<std::uint32_t> names = name_buckets(layout, t, codes);
  const std::size_t buckets = layout.buckets();
  std::fill_n(starts, buckets + 1, 0U);
  for (std::size_t r = 0; r < names.size(); ++r) {
    if (r + starts_ahead < names.size()) {
      __builtin_prefetch(starts + names[r + starts_ahead], 1);
    }
    ++starts[names[r]];
  }
  std::uint32_t place = 0;
  for (std::size_t b = 0; b < buckets; ++b) {
    place += std::exchange(starts[b], place);
  }
  for (std::size_t r = 0; r < names.size(); ++r) {
    if (r + starts_ahead < names.size()) {
      __builtin_prefetch(starts + names[r + starts_ahead], 1);
      __builtin_prefetch(rows + starts[names[r + rows_ahead]], 1);
    }
    rows[starts[names[r]]++] = static_cast<std::uint32_t>(r);
  }
  // Each start has moved to the end of its bucket, which is where the next begins.
  std::copy_backward(starts, starts + buckets, starts + buckets + 1);
  starts[0] = 0;
}

}  // namespace

keypoint_table_layout plan_keypoint_tables(std::size_t n_codes) noexcept {
  constexpr std::uint32_t least_width = 12;
  constexpr std::uint32_t most_width = 24;
  keypoint_table_layout layout;
  layout.size = n_codes;
  // Buckets of four to eight codes: a start then costs half a byte to a byte of each code's 5, and what a query meets
  // is the same for every length of list.
  const auto log2 = static_cast<std::uint32_t>(std::bit_width(n_codes | 1U)) - 1;
  layout.width = std::clamp(log2, least_width + 2, most_width + 2) - 2;
  layout.tables = 7;
  return layout;
}

bool keypoint_tables_pay(std::size_t n_codes) noexcept { return n_codes >= 65536; }

std::size_t keypoint_table_bytes(const keypoint_table_layout &layout) noexcept {
  return layout.tables * (layout.width + (layout.buckets() + 1 + layout.size) * sizeof(std::uint32_t));
}

owned_keypoint_tables build_keypoint_tables(const std::uint64_t *rows, std::size_t n_codes, thread_pool &threads) {
  owned_keypoint_tables made;
  made.layout = plan_keypoint_tables(n_codes);
  const std::size_t tables = made.layout.tables;
  made.places = choose_key_bits(rows, n_codes, made.layout.tables, made.layout.width);
  made.starts.resize(tables * (made.layout.buckets() + 1));
  made.rows.resize(tables * n_codes);
  made.layout.places = made.places.data();
  made.layout.starts = made.starts.data();
  made.layout.rows = made.rows.data();
  threads.for_each(tables, [&](std::size_t t) {
    build_table(made.layout, static_cast<std::uint32_t>(t), rows,
                made.starts.data() + t * (made.layout.buckets() + 1), made.rows.data() + t * n_codes);
  });
  return made;
}

std::uint32_t keypoint_bucket_of(const keypoint_table_layout &layout, const std::uint64_t *code,
                                 std::uint32_t t) noexcept {
  const std::uint8_t *places = layout.table_places(t);
  std::uint32_t name = 0;
  for (std::uint32_t i = 0; i < layout.width; ++i) {
    name |= static_cast<std::uint32_t>(code[places[i] / 64] >> (places[i] % 64) & 1U) << i;
  }
  return name;
}

}  // namespace libmatch::detail
