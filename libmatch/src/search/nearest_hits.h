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

// The best k hits of each query of a block so far, as heaps with the worst on top. A query's limit is the distance of
// its worst hit once it has k: ties may still win by a smaller id.
class nearest_hits {
 public:
  nearest_hits(std::size_t n_queries, std::size_t k)
      : k_(k), heaps_(n_queries), limits_(n_queries, std::numeric_limits<std::uint32_t>::max()) {}

  std::span<const std::uint32_t> limits() const noexcept { return limits_; }

  void offer(const search_hit &hit, std::uint32_t query) {
    std::vector<search_hit> &heap = heaps_[query];
    if (heap.size() == k_) {
      if (!nearer(hit, heap.front())) {
        return;
      }
      std::pop_heap(heap.begin(), heap.end(), nearer);
      heap.back() = hit;
    } else {
      heap.push_back(hit);
    }
    std::push_heap(heap.begin(), heap.end(), nearer);
    if (heap.size() == k_) {
      limits_[query] = heap.front().distance;
    }
  }

  std::vector<search_hit> take() const {
    std::vector<search_hit> all;
    for (const auto &heap : heaps_) {
      all.insert(all.end(), heap.begin(), heap.end());
    }
    return all;
  }

 private:
  std::size_t k_;
  std::vector<std::vector<search_hit>> heaps_;
  std::vector<std::uint32_t> limits_;
};

}  // namespace libmatch::detail
