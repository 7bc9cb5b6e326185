#include "search/planner.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "search/buckets.h"
#include "search/prefix.h"
#include "search/tile_scan.h"

namespace libmatch::detail {

namespace {

// Nanoseconds on one thread of an AMD Zen 4 that other work keeps busy, measured by bench/distance_bench.cpp and
// bench/search_bench.cpp, 2026-11-23; only their ratios matter here.
struct method_costs {
  double row_word;       // compare 64 bits of a row and a query
  double plane_bit;      // one bit of a row and a query, by tables of the planes
  double few_plane_bit;  // the same where there are too few queries for tables
  double slice_bit;      // make one bit of a plane
  double lane;           // one position of a bucket and a visitor
};
constexpr method_costs scalar_costs{0.5, 9.0e-3, 11.0e-3, 0.16, 1.5};
// Computed, not measured: the operations that distance/neon.cpp counts, two a cycle at 3 GHz; slicing is plain C++.
constexpr method_costs neon_costs{0.26, 3.1e-3, 5.7e-3, 0.16, 0.40};
constexpr method_costs avx2_costs{0.15, 1.5e-3, 3.0e-3, 0.12, 0.25};
constexpr method_costs avx512bw_costs{0.15, 0.65e-3, 1.7e-3, 0.05, 0.12};
constexpr method_costs avx512_costs{0.10, 0.65e-3, 1.7e-3, 0.05, 0.06};

constexpr double memory_byte = 0.06;      // read in order
constexpr double probe_cost = 40;         // one bucket of one query: waits for memory in part
constexpr double entry_cost = 12;         // one entry of the sorted list of visitors
constexpr double survivor_cost = 60;      // a row fetched to settle a pair
constexpr double query_cost = 300;        // whatever a query costs besides
constexpr double inline_survival = 4e-4;  // of random pairs within 31 on 96 bits
constexpr std::size_t min_queries_for_tables = 8;

const method_costs &costs_of(instruction_set set) noexcept {
  switch (set) {
    case instruction_set::avx512:
      return avx512_costs;
    case instruction_set::avx512bw:
      return avx512bw_costs;
    case instruction_set::avx2:
      return avx2_costs;
    case instruction_set::neon:
      return neon_costs;
    case instruction_set::scalar:
      break;
  }
  return scalar_costs;
}

double cost_of_rows(const search_shape &shape, const method_costs &costs) noexcept {
  const double words = static_cast<double>(shape.n_rows) * shape.words;
  return words * 8 * memory_byte + words * costs.row_word * static_cast<double>(shape.n_queries);
}

double cost_of_planes(const search_shape &shape, const method_costs &costs) noexcept {
  const std::uint32_t planes = selective_planes(shape.max_distance, shape.words);
  const auto rows = static_cast<double>(shape.n_rows);
  const bool stored = shape.has_planes && planes == plane_layout::n_planes;
  const double prepare =
      stored ? planes / 8.0 * memory_byte : shape.words * 8 * memory_byte + planes * costs.slice_bit;
  const double bit = shape.n_queries < min_queries_for_tables ? costs.few_plane_bit : costs.plane_bit;
  return rows * (prepare + planes * bit * static_cast<double>(shape.n_queries));
}

// Expected probes and candidates of one query among rows that are spread evenly over the buckets.
struct bucket_load {
  double probes = 0;
  double candidates = 0;
  double survivors = 0;
};

bucket_load load_of(const search_shape &shape) noexcept {
  const bucket_layout &layout = *shape.buckets;
  const auto radii = choose_radii(layout, shape.max_distance);
  bucket_load load;
  for (std::uint32_t t = 0; t < layout.tables; ++t) {
    load.probes += count_masks(layout.width, radii[t]);
  }
  load.candidates = load.probes * static_cast<double>(shape.n_rows) / static_cast<double>(layout.buckets());
  // Beyond 31 the words inline let through ever more: P(Binomial(32 w, 1/2) <= max_distance), by the normal
  // distribution.
  const double bits = 32.0 * layout.n_inline;
  const double deviations = (shape.max_distance + 0.5 - bits / 2) / (std::sqrt(bits) / 2);
  const double passes = 0.5 * std::erfc(-deviations / std::sqrt(2.0));
  load.survivors = load.candidates * std::max(passes, layout.n_inline == 3 ? inline_survival : 0);
  return load;
}

double cost_of_probes(const search_shape &shape, const method_costs &costs) noexcept {
  const bucket_load load = load_of(shape);
  const double bytes = shape.buckets->n_inline * 4.0;
  const double each = query_cost + load.probes * probe_cost +
                      load.candidates * std::max(costs.lane, bytes * memory_byte) + load.survivors * survivor_cost;
  return each * static_cast<double>(shape.n_queries);
}

double cost_of_visits(const search_shape &shape, const method_costs &costs) noexcept {
  const bucket_load load = load_of(shape);
  const bucket_layout &layout = *shape.buckets;
  const double bytes = (static_cast<double>(layout.words_of_table()) + static_cast<double>(layout.buckets())) * 4.0;
  const double each =
      query_cost + load.probes * entry_cost + load.candidates * costs.lane + load.survivors * survivor_cost;
  return layout.tables * bytes * memory_byte + each * static_cast<double>(shape.n_queries);
}

}  // namespace

const char *search_method_name(search_method method) noexcept {
  switch (method) {
    case search_method::rows:
      return "rows";
    case search_method::planes:
      return "planes";
    case search_method::probes:
      return "probes";
    case search_method::visits:
      return "visits";
  }
  return "unknown";
}

search_plan plan_range(const search_shape &shape, instruction_set set) noexcept {
  const method_costs &costs = costs_of(set);
  search_plan best{search_method::rows, cost_of_rows(shape, costs)};
  const auto consider = [&](search_method method, double nanoseconds) {
    if (nanoseconds < best.nanoseconds) {
      best = {method, nanoseconds};
    }
  };
  if (shape.max_distance < shape.words * 64) {
    consider(search_method::planes, cost_of_planes(shape, costs));
    if (shape.buckets != nullptr) {
      consider(search_method::probes, cost_of_probes(shape, costs));
      consider(search_method::visits, cost_of_visits(shape, costs));
    }
  }
  return best;
}

std::uint64_t max_candidates(std::size_t n_rows, std::size_t n_queries) noexcept {
  return n_queries < min_queries_for_slicing ? n_rows / 2 : n_rows / 16;
}

}  // namespace libmatch::detail
