#include "search/keypoint_search.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "search/keypoint_tables.h"
#include "search/tile_scan.h"

namespace libmatch::detail {

namespace {

// Queries of one task of lookups: enough to outweigh a task's cost.
constexpr std::size_t queries_of_task = 64;
// Ranges of rows that are scanned before the nearest of their hits are chosen, which lowers the limits of the next.
constexpr std::size_t ranges_at_once = 32;

bool is_nearer(const located_keypoint_hit &a, const located_keypoint_hit &b) noexcept {
  return std::tie(a.query, a.distance, a.location.segment, a.location.row) <
         std::tie(b.query, b.distance, b.location.segment, b.location.row);
}

// Orders hits by query and keeps of each query the nearest `most`.
void keep_nearest_of_each(std::vector<located_keypoint_hit> &hits, std::uint32_t most) {
  std::sort(hits.begin(), hits.end(), is_nearer);
  std::size_t kept = 0;
  std::size_t first_of_query = 0;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (hits[i].query != hits[first_of_query].query) {
      first_of_query = i;
    }
    if (i - first_of_query < most) {
      hits[kept++] = hits[i];
    }
  }
  hits.resize(kept);
}

// The distance that a query's further hits must keep to so that the nearest `most` are not lost: it falls as they
// come.
class falling_limits {
 public:
  falling_limits(std::vector<std::uint32_t> limits, std::uint32_t most)
      : limits_(std::move(limits)), most_(most), counts_(limits_.size() * steps) {}

  std::span<const std::uint32_t> limits() const noexcept { return limits_; }

  // Returns whether the hit may be among the nearest.
  bool take(std::size_t query, std::uint32_t distance) {
    std::uint32_t &limit = limits_[query];
    if (distance > limit) {
      return false;
    }
    std::uint32_t *counts = &counts_[query * steps];
    ++counts[std::min(distance, steps - 1)];
    std::uint32_t nearer = 0;
    for (std::uint32_t d = 0; d < std::min(limit, steps - 1); ++d) {
      nearer += counts[d];
      if (nearer >= most_) {
        limit = d;
        break;
      }
    }
    return true;
  }

 private:
  static constexpr std::uint32_t steps = 64;  // distances that are told apart

  std::vector<std::uint32_t> limits_;
  std::uint32_t most_;
  std::vector<std::uint32_t> counts_;
};

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
    return keypoint_candidates_of(segments_, queries_, options_, std::move(hits_));
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
    append(s, found);
  }

  void append(std::uint32_t s, const std::vector<std::vector<keypoint_hit>> &found) {
    for (const std::vector<keypoint_hit> &hits : found) {
      for (const keypoint_hit &hit : hits) {
        hits_.push_back({hit.query, hit.distance, {s, hit.row}});
      }
    }
  }

  // What no further hit may exceed: the last of the nearest, where there are so many.
  std::vector<std::uint32_t> limits() const {
    std::vector<std::uint32_t> limits(queries_.size(), options_.max_distance);
    std::vector<std::uint32_t> counts(queries_.size());
    for (const located_keypoint_hit &hit : hits_) {
      if (++counts[hit.query] == options_.max_pairs_of_code) {
        limits[hit.query] = hit.distance;
      }
    }
    return limits;
  }

  // All rows, a group of ranges at a time.
  void scan(std::uint32_t s) {
    const keypoint_codes &codes = segments_[s];
    const segment_view view{codes.rows, nullptr, codes.removed, codes.size, keypoint_codes::words, {}, nullptr};
    std::vector<row_range> ranges;
    cut_rows(view, s, ranges);
    for (std::size_t first = 0; first < ranges.size(); first += ranges_at_once) {
      std::vector<std::vector<keypoint_hit>> found(std::min(ranges_at_once, ranges.size() - first));
      keep_nearest_of_each(hits_, options_.max_pairs_of_code);
      const std::vector<std::uint32_t> limits = this->limits();
      environment_.threads.for_each(found.size(),
                                    [&](std::size_t i) { scan_range(view, ranges[first + i], limits, found[i]); });
      append(s, found);
    }
  }

  void scan_range(const segment_view &view, const row_range &range, const std::vector<std::uint32_t> &limits,
                  std::vector<keypoint_hit> &hits) const {
    tile_scanner scanner(environment_.kernels);
    for (std::size_t first = 0; first < queries_.size(); first += query_block_size) {
      const query_batch block{queries_.rows + first * view.words, std::min(query_block_size, queries_.size() - first),
                              view.words};
      const auto begin = limits.begin() + static_cast<std::ptrdiff_t>(first);
      falling_limits falling({begin, begin + static_cast<std::ptrdiff_t>(block.size)}, options_.max_pairs_of_code);
      scanner.scan(
          view, range, block, falling.limits(), [&](std::uint32_t query, std::size_t row, std::uint32_t distance) {
            if (falling.take(query, distance)) {
              hits.push_back({static_cast<std::uint32_t>(first + query), distance, static_cast<std::uint32_t>(row)});
            }
          });
      environment_.progress.add((range.last - range.first) * block.size);
    }
  }

  std::span<const keypoint_codes> segments_;
  const keypoint_queries &queries_;
  const keypoint_search_options &options_;
  const search_environment &environment_;
  std::vector<located_keypoint_hit> hits_;
};

// From hits to the references that have enough of them.
class keypoint_grouping {
 public:
  keypoint_grouping(std::span<const keypoint_codes> segments, const keypoint_queries &queries,
                    const keypoint_search_options &options)
      : segments_(segments), queries_(queries), options_(options) {}

  keypoint_candidates run(const std::vector<located_keypoint_hit> &hits) {
    for (const located_keypoint_hit &hit : hits) {
      locate(hit);
    }
    std::sort(pairs_.begin(), pairs_.end());
    return group();
  }

 private:
  void locate(const located_keypoint_hit &hit) {
    const keypoint_codes &codes = segments_[hit.location.segment];
    const std::size_t reference = codes.owner_of(hit.location.row);
    if (reference == codes.references()) {
      return;
    }
    const auto behind = std::upper_bound(queries_.starts.begin(), queries_.starts.end(), hit.query);
    const auto set = static_cast<std::uint32_t>(behind - queries_.starts.begin()) - 1;
    pairs_.push_back({set, hit.location.segment, static_cast<std::uint32_t>(reference),
                      hit.query - queries_.starts[set], hit.location.row - codes.starts[reference], hit.distance});
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
  std::vector<located_pair> pairs_;
  std::vector<std::uint32_t> reference_points_;
};

}  // namespace

keypoint_candidates search_keypoints(std::span<const keypoint_codes> segments, const keypoint_queries &queries,
                                     const keypoint_search_options &options, const search_environment &environment) {
  return keypoint_search(segments, queries, options, environment).run();
}

keypoint_candidates keypoint_candidates_of(std::span<const keypoint_codes> segments, const keypoint_queries &queries,
                                           const keypoint_search_options &options,
                                           std::vector<located_keypoint_hit> hits) {
  keep_nearest_of_each(hits, options.max_pairs_of_code);
  return keypoint_grouping(segments, queries, options).run(hits);
}

}  // namespace libmatch::detail
