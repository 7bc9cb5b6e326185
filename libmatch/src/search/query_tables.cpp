#include "search/query_tables.h"

#include <algorithm>
#include <cmath>

#include "distance/definition.h"

namespace libmatch::detail {

namespace {

constexpr std::uint32_t width = 16;
constexpr std::uint32_t substrings_of_word = 64 / width;
// 20 bytes each, in at most 16 tables, and as many for 16,384 queries at distance 31: 85 MiB, a table of 5 MiB at a
// time.
constexpr std::size_t max_entries_of_table = std::size_t{17} << 14;
// A candidate costs about as much as so many steps of the kernel.
constexpr std::uint64_t steps_of_candidate = 16;
constexpr std::size_t candidates_at_once = 4096;

bucket_layout shape_of_tables(std::uint32_t words) noexcept {
  bucket_layout layout;
  layout.width = width;
  layout.tables = std::min(bucket_layout::max_tables, words * substrings_of_word);
  return layout;
}

}  // namespace

query_table_load load_of_query_tables(std::uint32_t words, std::uint32_t max_distance) noexcept {
  const bucket_layout layout = shape_of_tables(words);
  const auto radii = choose_radii(layout, max_distance);
  query_table_load load;
  for (std::uint32_t t = 0; t < layout.tables; ++t) {
    load.tables += radii[t] >= 0 ? 1 : 0;
    load.entries += count_masks(width, radii[t]);
  }
  return load;
}

std::size_t sets_of_tables(std::size_t n_queries, std::uint32_t words, std::uint32_t max_distance) noexcept {
  const int largest_radius = choose_radii(shape_of_tables(words), max_distance)[0];
  const double entries = count_masks(width, largest_radius) * static_cast<double>(n_queries);
  return static_cast<std::size_t>(std::ceil(entries / static_cast<double>(max_entries_of_table)));
}

query_tables::query_tables(const query_batch &queries, std::uint32_t max_distance, const distance_kernels &kernels,
                           thread_pool &threads)
    : queries_(queries),
      max_distance_(max_distance),
      kernels_(kernels),
      layout_(shape_of_tables(queries.words)),
      radii_(choose_radii(layout_, max_distance)) {
  const auto asked = static_cast<std::size_t>(
      std::count_if(radii_.begin(), radii_.begin() + layout_.tables, [](int radius) { return radius >= 0; }));
  tables_.resize(asked);  // those with a radius come first
  threads.for_each(asked, [this](std::size_t t) { build(static_cast<std::uint32_t>(t)); });
}

void query_tables::build(std::uint32_t t) {
  owned_table &made = tables_[t];
  made.asking = sort_queries(layout_, t, queries_, make_masks(width, radii_[t]).masks, {});
  const std::size_t size = made.asking.queries.size();
  made.entries.resize(2 * (size + entries_of_step));  // a row compares so many, even where its bucket is empty
  std::fill(made.entries.begin() + static_cast<std::ptrdiff_t>(2 * size), made.entries.end(), 0);
  for (std::size_t entry = 0; entry < size; ++entry) {
    const std::uint64_t *code = queries_.rows + std::size_t{made.asking.queries[entry]} * queries_.words;
    std::copy_n(code + first_compared_word(t), 2, made.entries.begin() + static_cast<std::ptrdiff_t>(2 * entry));
  }
}

// Two words that do not hold the substring, where there are such: they decide more.
std::uint32_t query_tables::first_compared_word(std::uint32_t t) const noexcept {
  return queries_.words >= 4 && t / substrings_of_word < 2 ? 2 : 0;
}

bool query_tables::search(const segment_view &segment, const row_range &range, std::uint32_t first_query,
                          std::uint64_t max_work, std::vector<search_hit> &hits) const {
  const std::size_t hits_before = hits.size();
  std::vector<bucket_hit> found(candidates_at_once);
  const std::uint64_t *rows = segment.rows + range.first * segment.words;
  const std::size_t n_rows = range.last - range.first;
  std::uint64_t candidates = 0;
  lookup_cursor cursor;
  for (std::uint32_t t = 0; t < tables_.size(); ++t) {
    const owned_table &asked = tables_[t];
    const query_table view{asked.asking.starts.data(), asked.entries.data(), t,
                           first_compared_word(t),     max_distance_,        max_work};
    cursor.row = 0;
    while (cursor.row < n_rows) {
      const std::size_t count =
          kernels_.look_up(view, rows, n_rows, segment.words, &cursor, found.data(), found.size());
      candidates += count;
      if (cursor.steps + candidates * steps_of_candidate > max_work) {
        hits.resize(hits_before);
        return false;
      }
      for (const bucket_hit &hit : std::span(found.data(), count)) {
        const std::size_t row = range.first + hit.source;
        const std::uint32_t q = asked.asking.queries[hit.position];
        const std::uint64_t *code = queries_.rows + std::size_t{q} * queries_.words;
        const std::uint64_t *row_code = segment.rows + row * segment.words;
        const std::uint32_t distance = hamming_distance(row_code, code, segment.words);
        if (distance <= max_distance_ && !found_earlier(layout_, radii_, row_code, code, t) &&
            !segment.is_removed(row)) {
          hits.push_back(
              {segment.ids[row], first_query + q, distance, {range.segment, static_cast<std::uint32_t>(row)}});
        }
      }
    }
  }
  return true;
}

}  // namespace libmatch::detail
