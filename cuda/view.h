// Searches by programs that have their codes on the device: put into a stream of theirs, in memory of theirs, without
// waiting or allocating, so that they can be part of a CUDA graph.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "backend_table.h"
#include "device.h"
#include "hits.cuh"
#include "segment.h"

namespace libmatch::cuda {

class segments_view {
 public:
  segments_view(std::shared_ptr<device> owner, const view_request &request);
  ~segments_view();
  segments_view(const segments_view &) = delete;
  segments_view &operator=(const segments_view &) = delete;

  std::uint64_t workspace_bytes(std::uint64_t n_queries, std::uint64_t capacity) const noexcept;
  void search(const view_search &search) const;

 private:
  std::shared_ptr<device> owner_;
  // By tables where there are any and they pay.
  void search_segment(std::size_t s, const query_part &queries, cudaStream_t stream, const hit_sink &sink) const;

  std::vector<segment_use> segments_;
  std::uint32_t words_;
  std::uint32_t code_bits_;
  lm_layout_policy policy_ = LM_LAYOUT_AUTOMATIC;  // of buckets, one for all: the segments are of one index
  // On the device: bit_order of the request, and the ids of each segment.
  std::size_t tables_bytes_ = 0;
  void *tables_ = nullptr;
  const std::uint32_t *bit_order_ = nullptr;
  const std::int64_t *const *ids_ = nullptr;
};

}  // namespace libmatch::cuda
