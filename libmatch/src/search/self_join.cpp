#include "search/self_join.h"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <vector>

#include "core/aligned_vector.h"

namespace libmatch::detail {

namespace {

// Rows that are searched for at once. Many make a search cheaper a row; their hits are held in memory meanwhile, so a
// batch starts small and follows the number of hits.
constexpr std::size_t batch_rows_least = 64;
constexpr std::size_t batch_rows_first = 1024;
constexpr std::size_t batch_rows_most = 65536;
constexpr std::size_t batch_hits = std::size_t{1} << 22;

struct code_pair {
  std::int64_t first_id;
  std::int64_t second_id;
  row_location first;
  row_location second;
  std::uint32_t distance;
};

bool is_before(const code_pair &a, const code_pair &b) noexcept {
  return std::tie(a.first_id, a.second_id, a.distance, a.first.segment, a.first.row, a.second.segment, a.second.row) <
         std::tie(b.first_id, b.second_id, b.distance, b.first.segment, b.first.row, b.second.segment, b.second.row);
}

// Live rows of one segment as queries.
struct row_batch {
  aligned_vector<std::uint64_t> codes;
  std::vector<std::uint32_t> rows;  // of each query
};

// Up to `most` live rows from row `next` on, which moves behind them.
row_batch take_rows(const segment_view &segment, std::size_t &next, std::size_t most) {
  row_batch batch;
  for (; next < segment.size && batch.rows.size() < most; ++next) {
    if (!segment.is_removed(next)) {
      const std::uint64_t *code = segment.rows + next * segment.words;
      batch.codes.insert(batch.codes.end(), code, code + segment.words);
      batch.rows.push_back(static_cast<std::uint32_t>(next));
    }
  }
  return batch;
}

// As a pair of a result: the smaller id first.
code_pair pair_of(std::span<const segment_view> segments, const near_rows &rows) {
  const std::int64_t earlier_id = segments[rows.earlier.segment].ids[rows.earlier.row];
  const std::int64_t later_id = segments[rows.later.segment].ids[rows.later.row];
  return earlier_id <= later_id ? code_pair{earlier_id, later_id, rows.earlier, rows.later, rows.distance}
                                : code_pair{later_id, earlier_id, rows.later, rows.earlier, rows.distance};
}

// Of the hits of rows of segment s, those that lie before the row: every pair is met from both its ends.
void append_pairs(std::span<const segment_view> segments, std::uint32_t s, const row_batch &batch,
                  const search_result &hits, std::vector<code_pair> &pairs) {
  for (std::size_t q = 0; q < batch.rows.size(); ++q) {
    const row_location later{s, batch.rows[q]};
    for (auto i = static_cast<std::size_t>(hits.offsets[q]); i < static_cast<std::size_t>(hits.offsets[q + 1]); ++i) {
      const row_location earlier = hits.locations[i];
      if (earlier.segment == s && earlier.row >= later.row) {
        continue;
      }
      pairs.push_back(pair_of(segments, {earlier, later, hits.distances[i]}));
    }
  }
}

std::size_t next_batch_rows(std::size_t rows, std::size_t hits) {
  if (hits > batch_hits) {
    return std::max(rows / 4, batch_rows_least);
  }
  return hits < batch_hits / 4 ? std::min(rows * 2, batch_rows_most) : rows;
}

pair_result to_result(std::vector<code_pair> pairs) {
  std::sort(pairs.begin(), pairs.end(), is_before);
  pair_result result;
  result.first_ids.reserve(pairs.size());
  result.second_ids.reserve(pairs.size());
  result.distances.reserve(pairs.size());
  result.first_locations.reserve(pairs.size());
  result.second_locations.reserve(pairs.size());
  for (const code_pair &pair : pairs) {
    result.first_ids.push_back(pair.first_id);
    result.second_ids.push_back(pair.second_id);
    result.distances.push_back(pair.distance);
    result.first_locations.push_back(pair.first);
    result.second_locations.push_back(pair.second);
  }
  return result;
}

std::uint64_t live_rows(const segment_view &segment) {
  std::uint64_t live = segment.size;
  for (std::size_t row = 0; segment.removed != nullptr && row < segment.size; ++row) {
    live -= segment.is_removed(row) ? 1 : 0;
  }
  return live;
}

}  // namespace

std::uint64_t pairs_to_compare(std::span<const segment_view> segments) {
  std::uint64_t pairs = 0;
  std::uint64_t rows = 0;
  for (const segment_view &segment : segments) {
    rows += segment.size;
    pairs += live_rows(segment) * rows;
  }
  return pairs;
}

// Rows are looked up in their own segment and in those before it: an index has its large segments first, and so the
// rows of the largest, which are most of all, are looked up in one segment only.
pair_result search_pairs(std::span<const segment_view> segments, const range_searcher &search) {
  std::vector<code_pair> pairs;
  std::size_t batch_rows = batch_rows_first;
  for (std::uint32_t s = 0; s < segments.size(); ++s) {
    for (std::size_t next = 0; next < segments[s].size;) {
      const row_batch batch = take_rows(segments[s], next, batch_rows);
      const query_batch queries{batch.codes.data(), batch.rows.size(), segments[s].words};
      const search_result hits = search(segments.first(s + 1), queries);
      append_pairs(segments, s, batch, hits, pairs);
      batch_rows = next_batch_rows(batch_rows, hits.ids.size());
    }
  }
  return to_result(std::move(pairs));
}

pair_result search_pairs(std::span<const segment_view> segments, std::uint32_t max_distance,
                         const search_environment &environment) {
  return search_pairs(segments, [&](std::span<const segment_view> searched, const query_batch &queries) {
    return search_range(searched, queries, max_distance, environment);
  });
}

pair_result order_pairs(std::span<const segment_view> segments, std::span<const near_rows> pairs) {
  std::vector<code_pair> ordered;
  ordered.reserve(pairs.size());
  for (const near_rows &rows : pairs) {
    ordered.push_back(pair_of(segments, rows));
  }
  return to_result(std::move(ordered));
}

}  // namespace libmatch::detail
