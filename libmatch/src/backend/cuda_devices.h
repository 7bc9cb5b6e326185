// The C++ side of cuda/backend_table.h: devices that are closed, failures that are thrown, hits that are released.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/identity.h"
#include "core/keypoint_codes.h"
#include "core/progress.h"
#include "core/search_result.h"
#include "core/segment.h"
#include "cuda/backend_table.h"
#include "search/ordering.h"

namespace libmatch::detail {

// Throws what a function of the table reported.
void check_cuda(lm_status status, const cuda::failure_message &message);

// Any number of devices and the parts of every segment that each of them searches.
class cuda_devices {
 public:
  cuda_devices(const cuda::backend_table &table, std::span<const std::int32_t> numbers);

  const cuda::backend_table &table() const noexcept { return table_; }
  std::size_t size() const noexcept { return devices_.size(); }

  // Keeps the segments on the first device: see view_request. Closed by the table's close_view.
  cuda::device_view *open_view(std::span<const segment_view> segments, std::uint32_t words,
                               std::span<const std::uint32_t> bit_order) const;
  cuda::opened_device *device(std::size_t d) const noexcept { return devices_[d].get(); }

  // A function of the table that searches one device.
  using search = std::function<lm_status(cuda::opened_device *device, const cuda::search_request &request,
                                         cuda::table_hits &hits, cuda::failure_message &message)>;
  // Runs it on every device at once, each with its part of the rows: the hits of each, ids included. Segments that
  // have an entry in `tables` are not divided: each is one device's.
  std::vector<std::vector<search_hit>> search_all(std::span<const segment_view> segments, const query_batch &queries,
                                                  progress_meter &progress, const search &call,
                                                  std::span<const keypoint_table_layout *const> tables = {}) const;

  // All near rows by search_pairs of the table; of the first device alone.
  std::vector<cuda::table_pair> search_pairs(std::span<const segment_view> segments, std::uint32_t max_distance,
                                             progress_meter &progress) const;

 private:
  struct closer {
    const cuda::backend_table *table;
    void operator()(cuda::opened_device *device) const { table->close_device(device); }
  };

  void forget_ended() const;
  // What device d searches, each segment at its place; keypoint tables are in the order of the segments.
  struct device_part {
    std::vector<cuda::table_segment> segments;
    std::vector<cuda::table_keypoint_tables> tables;
  };
  device_part part_of(std::span<const segment_view> segments, std::span<const keypoint_table_layout *const> tables,
                      std::size_t d) const;
  std::vector<search_hit> search_one(std::size_t d, std::span<const segment_view> segments, const device_part &part,
                                     const query_batch &queries, progress_meter &progress, const search &call) const;

  const cuda::backend_table &table_;
  std::vector<std::unique_ptr<cuda::opened_device, closer>> devices_;
  mutable identity_watch ended_;
};

}  // namespace libmatch::detail
