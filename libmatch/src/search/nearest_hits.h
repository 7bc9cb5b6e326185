// What k-NN searches keep while they go through the rows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "search/ordering.h"

namespace libmatch::detail {

// The best k hits of each query of a block so far, and up to k more: when there are 2 k the worse half is dropped,
// which costs a few steps a hit, where a heap would cost log k and more. A query's limit is the distance of the k-th
// best when that was last looked for: ties may still win by a smaller id.
class nearest_hits {
 public:
  nearest_hits(std::size_t n_queries, std::size_t k)
      : k_(k), hits_(n_queries), limits_(n_queries, std::numeric_limits<std::uint32_t>::max()) {}

  std::span<const std::uint32_t> limits() const noexcept { return limits_; }

  // hit.distance is at most the query's limit when the rows were compared, which may have fallen since.
  void offer(const search_hit &hit, std::uint32_t query) {
    std::vector<search_hit> &hits = hits_[query];
    if (hit.distance > limits_[query]) {
      return;
    }
    hits.push_back(hit);
    const bool is_first_limit = hits.size() == k_ && limits_[query] == std::numeric_limits<std::uint32_t>::max();
    if (is_first_limit || hits.size() / 2 >= k_) {
      const auto kth = hits.begin() + static_cast<std::ptrdiff_t>(k_ - 1);
      std::nth_element(hits.begin(), kth, hits.end(), nearer);
      hits.resize(k_);
      limits_[query] = hits.back().distance;
    }
  }

  // All that are held, k and more of each query where there are so many, in no order.
  std::vector<search_hit> take() const {
    std::vector<search_hit> all;
    for (const auto &hits : hits_) {
      all.insert(all.end(), hits.begin(), hits.end());
    }
    return all;
  }

 private:
  std::size_t k_;
  std::vector<std::vector<search_hit>> hits_;
  std::vector<std::uint32_t> limits_;
};

}  // namespace libmatch::detail
