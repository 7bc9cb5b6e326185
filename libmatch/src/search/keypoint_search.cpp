#include "search/keypoint_search.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "search/keypoint_tables.h"
#include "search/tile_scan.h"

namespace libmatch::detail {

namespace {

// Queries of one task of lookups: enough to outweigh a task's cost.
constexpr std::size_t queries_of_task = 64;
// Ranges of rows that are scanned before their hits are gathered: a query's surplus is dropped then.
constexpr std::size_t ranges_at_once = 32;

// Two near codes by where they are; ordered as the result is.
struct located_pair {
  std::uint32_t set;
  std::uint32_t segment;
  std::uint32_t reference;
  std::uint32_t query_point;
  std::uint32_t reference_point;
  std::uint32_t distance;

  auto owner() const noexcept { return std::tie(set, segment, reference); }
  friend bool operator<(const located_pair &a, const located_pair &b) noexcept {
    return std::tie(a.set, a.segment, a.reference, a.query_point, a.reference_point) <
           std::tie(b.set, b.segment, b.reference, b.query_point, b.reference_point);
  }
};

class keypoint_search {
 public:
  keypoint_search(std::span<const keypoint_codes> segments, const keypoint_queries &queries,
                  const keypoint_search_options &options, const search_environment &environment)
      : segments_(segments), queries_(queries), options_(options), environment_(environment) {}

  keypoint_candidates run() {
    for (std::uint32_t s = 0; s < segments_.size() && queries_.size() != 0; ++s) {
      const keypoint_codes &codes = segments_[s];
      if (codes.tables != nullptr && options_.method != keypoint_method::exact) {
        look_up(s);
      } else {
        scan(s);
      }
    }
    std::sort(pairs_.begin(), pairs_.end());
    return group();
  }

 private:
  void look_up(std::uint32_t s) {
    const keypoint_codes &codes = segments_[s];
    std::vector<std::vector<keypoint_hit>> found((queries_.size() + queries_of_task - 1) / queries_of_task);
    environment_.threads.for_each(found.size(), [&](std::size_t task) {
      const std::size_t first = task * queries_of_task;
      const std::size_t last = std::min(first + queries_of_task, queries_.size());
      look_up_keypoints(codes, queries_.rows, first, last, options_, environment_.kernels, found[task]);
      environment_.progress.add((last - first) * codes.size);
    });
    for (const std::vector<keypoint_hit> &hits : found) {
      for (const keypoint_hit &hit : hits) {
        locate(s, hit);
      }
    }
  }

  // All rows, a group of ranges at a time: with max_pairs_of_code hits of each query at most in each range, memory is
  // bounded even where every code is like every other.
  void scan(std::uint32_t s) {
    const keypoint_codes &codes = segments_[s];
    const segment_view view{codes.rows, nullptr, nullptr, codes.size, keypoint_codes::words, {}, nullptr};
    std::vector<row_range> ranges;
    cut_rows(view, s, ranges);
    std::vector<std::uint32_t> counts(queries_.size());
    for (std::size_t first = 0; first < ranges.size(); first += ranges_at_once) {
      std::vector<std::vector<keypoint_hit>> found(std::min(ranges_at_once, ranges.size() - first));
      environment_.threads.for_each(found.size(),
                                    [&](std::size_t i) { scan_range(view, ranges[first + i], found[i]); });
      for (const std::vector<keypoint_hit> &hits : found) {
        for (const keypoint_hit &hit : hits) {
          if (counts[hit.query]++ < options_.max_pairs_of_code) {
            locate(s, hit);
          }
        }
      }
    }
  }

  void scan_range(const segment_view &view, const row_range &range, std::vector<keypoint_hit> &hits) const {
    tile_scanner scanner(environment_.kernels);
    std::vector<std::uint32_t> counts(queries_.size());
    const std::vector<std::uint32_t> limits(std::min(query_block_size, queries_.size()), options_.max_distance);
    for (std::size_t first = 0; first < queries_.size(); first += query_block_size) {
      const query_batch block{queries_.rows + first * view.words, std::min(query_block_size, queries_.size() - first),
                              view.words};
      scanner.scan(view, range, block, std::span(limits).first(block.size),
                   [&](std::uint32_t query, std::size_t row, std::uint32_t distance) {
                     const std::size_t q = first + query;
                     if (counts[q]++ < options_.max_pairs_of_code) {
                       hits.push_back({static_cast<std::uint32_t>(q), static_cast<std::uint32_t>(row), distance});
                     }
                   });
      environment_.progress.add((range.last - range.first) * block.size);
    }
  }

  void locate(std::uint32_t s, const keypoint_hit &hit) {
    const keypoint_codes &codes = segments_[s];
    const std::size_t reference = codes.owner_of(hit.row);
    if (reference == codes.references() || codes.is_removed(reference)) {
      return;
    }
    const auto behind = std::upper_bound(queries_.starts.begin(), queries_.starts.end(), hit.query);
    const auto set = static_cast<std::uint32_t>(behind - queries_.starts.begin()) - 1;
    pairs_.push_back({set, s, static_cast<std::uint32_t>(reference), hit.query - queries_.starts[set],
                      hit.row - codes.starts[reference], hit.distance});
  }

  // Whether enough different points of both sides are in the pairs, which are ordered by query point.
  bool has_points(std::span<const located_pair> pairs) {
    std::uint32_t query_points = 0;
    reference_points_.clear();
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      query_points += i == 0 || pairs[i].query_point != pairs[i - 1].query_point ? 1 : 0;
      reference_points_.push_back(pairs[i].reference_point);
    }
    std::sort(reference_points_.begin(), reference_points_.end());
    const auto end = std::unique(reference_points_.begin(), reference_points_.end());
    return query_points >= options_.least_points &&
           static_cast<std::size_t>(end - reference_points_.begin()) >= options_.least_points;
  }

  keypoint_candidates group() {
    keypoint_candidates result;
    for (std::size_t first = 0; first < pairs_.size();) {
      std::size_t last = first + 1;
      while (last < pairs_.size() && pairs_[last].owner() == pairs_[first].owner()) {
        ++last;
      }
      const std::span<const located_pair> pairs(pairs_.data() + first, last - first);
      if (has_points(pairs)) {
        result.candidates.push_back(
            {pairs[0].set, {pairs[0].segment, pairs[0].reference}, result.pairs.size(), pairs.size()});
        for (const located_pair &pair : pairs) {
          result.pairs.push_back({pair.query_point, pair.reference_point, pair.distance});
        }
      }
      first = last;
    }
    return result;
  }

  std::span<const keypoint_codes> segments_;
  const keypoint_queries &queries_;
  const keypoint_search_options &options_;
  const search_environment &environment_;
  std::vector<located_pair> pairs_;
  std::vector<std::uint32_t> reference_points_;
};

}  // namespace

keypoint_candidates search_keypoints(std::span<const keypoint_codes> segments, const keypoint_queries &queries,
                                     const keypoint_search_options &options, const search_environment &environment) {
  return keypoint_search(segments, queries, options, environment).run();
}

}  // namespace libmatch::detail
