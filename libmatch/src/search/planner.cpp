#include "search/planner.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "search/buckets.h"
#include "search/line_buckets.h"
#include "search/prefix.h"
#include "search/query_tables.h"
#include "search/tile_scan.h"

namespace libmatch::detail {

namespace {

// Nanoseconds on one thread of an AMD Zen 5, measured by bench/distance_bench.cpp (counters of these names) and
// bench/search_method_bench.cpp, 2026-11-25; planes again on 2026-11-26. Of lines, lookups and survivors whole
// searches, of ten million codes and of one, 2026-11-26. Only their ratios matter here.
struct method_costs {
  double row_word;       // compare 64 bits of a row and a query
  double plane_bit;      // one bit of a row and a query, by tables of the planes
  double few_plane_bit;  // the same where there are too few queries for tables
  double coarse_group;   // a group of four bits of a row and a query, in coarse counts
  double slice_bit;      // make one bit of a plane
  double lane;           // one position of a bucket and a visitor
  double line;           // one line and a visitor
  double lookup;         // one row in one table of the queries
  double lookup_step;    // four more entries of a bucket there
};
constexpr method_costs scalar_costs{2.0, 4.5e-3, 7.0e-3, 9.0e-3, 0.066, 4.7, 50, 15, 6};
// Computed, not measured: the operations that distance/neon.cpp counts, two a cycle at 3 GHz; slicing is plain C++.
constexpr method_costs neon_costs{0.26, 2.5e-3, 5.7e-3, 3.5e-3, 0.16, 0.40, 16, 4, 3.5};
constexpr method_costs avx2_costs{0.20, 0.87e-3, 2.1e-3, 1.45e-3, 0.066, 0.22, 3.3, 2.0, 1.6};
constexpr method_costs avx512bw_costs{0.24, 0.34e-3, 0.75e-3, 0.5e-3, 0.0045, 0.12, 3.3, 1.5, 1.4};
constexpr method_costs avx512_costs{0.04, 0.34e-3, 0.75e-3, 0.5e-3, 0.0045, 0.05, 2.2, 1.2, 1.3};

constexpr double memory_byte = 0.06;      // read in order
constexpr double probe_cost = 40;         // one bucket of one query: waits for memory in part
constexpr double line_cost = 6;           // one line of one query, waiting for memory
constexpr double read_line_cost = 1.8;    // one line for all who visit its block
constexpr double table_entry_cost = 7;    // one entry of a table of queries
constexpr double empty_table_cost = 4e4;  // and the table itself
constexpr double looked_up_survivor_cost = 20;
constexpr double entry_cost = 12;             // one entry of the sorted list of visitors
constexpr double scan_survivor_cost = 12;     // a row that coarse counts leave open
constexpr double survivor_cost = 20;          // a row fetched to settle a pair
constexpr double crowded_survivor_cost = 14;  // the same where there are many
constexpr double query_cost = 300;            // whatever a query costs besides
constexpr double inline_survival = 4e-4;      // of random pairs within 31 on 96 bits
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

double cost_of_coarse_counts(const search_shape &shape, std::uint32_t planes, const method_costs &costs) noexcept {
  const double prepare = shape.words * 8 * memory_byte + planes * costs.slice_bit;
  const double settle = share_of_coarse_counts(planes / 4, shape.max_distance / 2) * scan_survivor_cost;
  return static_cast<double>(shape.n_rows) *
         (prepare + (planes / 4.0 * costs.coarse_group + settle) * static_cast<double>(shape.n_queries));
}

double cost_of_planes(const search_shape &shape, const method_costs &costs) noexcept {
  const std::uint32_t coarse = coarse_planes_of_batch(shape.n_queries, shape.max_distance, shape.words);
  if (coarse != 0) {
    return cost_of_coarse_counts(shape, coarse, costs);
  }
  const std::uint32_t planes = selective_planes(shape.max_distance, shape.words);
  const auto rows = static_cast<double>(shape.n_rows);
  const bool stored = shape.has_planes && planes == plane_layout::n_planes;
  const double prepare =
      stored ? planes / 8.0 * memory_byte : shape.words * 8 * memory_byte + planes * costs.slice_bit;
  const double bit = shape.n_queries < min_queries_for_tables ? costs.few_plane_bit : costs.plane_bit;
  return rows * (prepare + planes * bit * static_cast<double>(shape.n_queries));
}

// The share of random pairs that differ in at most `limit` of so many bits, by the normal distribution.
double share_within(double bits, double limit) noexcept {
  const double deviations = (limit + 0.5 - bits / 2) / (std::sqrt(bits) / 2);
  return 0.5 * std::erfc(-deviations / std::sqrt(2.0));
}

double cost_of_lookups(const search_shape &shape, const method_costs &costs) noexcept {
  const query_table_load load = load_of_query_tables(shape.words, shape.max_distance);
  const auto queries = static_cast<double>(shape.n_queries);
  const auto sets = static_cast<double>(sets_of_tables(shape.n_queries, shape.words, shape.max_distance));
  const double entries = queries * load.entries;
  const double of_row =
      sets * load.tables * (costs.lookup + shape.words * 8 * memory_byte) +
      entries / 65536 *
          (costs.lookup_step / entries_of_step + share_within(128, shape.max_distance) * looked_up_survivor_cost);
  return entries * table_entry_cost + sets * load.tables * empty_table_cost +
         static_cast<double>(shape.n_rows) * of_row;
}

// Expected probes and candidates of one query among rows that are spread evenly over the buckets.
struct bucket_load {
  double probes = 0;
  double candidates = 0;
  double survivors = 0;
  double lines = 0;  // of one cache line each, where buckets are such
};

bucket_load load_of(const search_shape &shape) noexcept {
  const bucket_layout &layout = *shape.buckets;
  const auto radii = choose_radii(layout, shape.max_distance);
  bucket_load load;
  for (std::uint32_t t = 0; t < layout.tables; ++t) {
    load.probes += count_masks(layout.width, radii[t]);
  }
  load.candidates = load.probes * static_cast<double>(shape.n_rows) / static_cast<double>(layout.buckets());
  if (layout.lines != 0) {
    load.lines = load.probes * layout.lines / static_cast<double>(layout.buckets());
    const auto limits = limits_of_tables(layout, radii, shape.max_distance);
    for (std::uint32_t t = 0; t < layout.tables; ++t) {
      const double candidates = load.candidates * count_masks(layout.width, radii[t]) / std::max(load.probes, 1.0);
      load.survivors += candidates * share_within(inline_line_bits, limits[t]);
    }
    return load;
  }
  // Beyond 31 the words inline let through ever more.
  const double passes = share_within(32.0 * layout.n_inline, shape.max_distance);
  load.survivors = load.candidates * std::max(passes, layout.n_inline == 3 ? inline_survival : 0);
  return load;
}

double cost_of_probes(const search_shape &shape, const method_costs &costs) noexcept {
  const bucket_load load = load_of(shape);
  if (shape.buckets->lines != 0) {
    return static_cast<double>(shape.n_queries) *
           (query_cost + load.lines * std::max(costs.line, line_cost) + load.survivors * crowded_survivor_cost);
  }
  const double bytes = shape.buckets->n_inline * 4.0;
  const double each = query_cost + load.probes * probe_cost +
                      load.candidates * std::max(costs.lane, bytes * memory_byte) + load.survivors * survivor_cost;
  return each * static_cast<double>(shape.n_queries);
}

double cost_of_visits(const search_shape &shape, const method_costs &costs) noexcept {
  const bucket_load load = load_of(shape);
  const bucket_layout &layout = *shape.buckets;
  if (layout.lines != 0) {
    const double reading = static_cast<double>(layout.tables) * layout.lines * read_line_cost;
    return reading + static_cast<double>(shape.n_queries) *
                         (query_cost + load.lines * costs.line + load.survivors * survivor_cost);
  }
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
    case search_method::lookups:
      return "lookups";
    case search_method::probes:
      return "probes";
    case search_method::visits:
      return "visits";
  }
  return "unknown";
}

bool can_search(search_method method, const search_shape &shape) noexcept {
  if (method != search_method::rows && shape.max_distance >= shape.words * 64) {
    return false;  // every pair is a match
  }
  switch (method) {
    case search_method::rows:
    case search_method::planes:
      return true;
    case search_method::lookups:
      return has_query_tables(shape.words);
    case search_method::probes:
    case search_method::visits:
      return shape.buckets != nullptr;
  }
  return false;
}

search_plan plan_range(const search_shape &shape, instruction_set set) noexcept {
  const method_costs &costs = costs_of(set);
  search_plan best{search_method::rows, cost_of_rows(shape, costs)};
  const auto consider = [&](search_method method, auto cost) {
    if (can_search(method, shape)) {
      const double nanoseconds = cost(shape, costs);
      if (nanoseconds < best.nanoseconds) {
        best = {method, nanoseconds};
      }
    }
  };
  consider(search_method::planes, cost_of_planes);
  consider(search_method::lookups, cost_of_lookups);
  consider(search_method::probes, cost_of_probes);
  consider(search_method::visits, cost_of_visits);
  return best;
}

std::uint64_t max_lookup_work(const search_shape &shape, instruction_set set) noexcept {
  const method_costs &costs = costs_of(set);
  return static_cast<std::uint64_t>(std::min(cost_of_planes(shape, costs) / costs.lookup_step, 1e18));
}

crowd_limits limits_of_crowds(const search_shape &shape, instruction_set set) noexcept {
  search_shape one = shape;
  one.n_queries = 1;
  const auto survivors_for = [](double nanoseconds) {
    return static_cast<std::uint64_t>(std::min(nanoseconds / crowded_survivor_cost, 1e18));
  };
  return {shape.n_queries < min_queries_for_slicing ? shape.n_rows / 2 : shape.n_rows / 16,
          survivors_for(cost_of_planes(one, costs_of(set))),
          survivors_for(cost_of_planes(shape, costs_of(set)) / static_cast<double>(shape.n_queries))};
}

}  // namespace libmatch::detail
