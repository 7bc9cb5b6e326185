// Tables of multi-index hashing on a device, and searches of them: the host's side of buckets.cuh.
#pragma once

#include <cstddef>
#include <cstdint>

#include "backend_table.h"
#include "device.h"
#include "hits.cuh"
#include "resident_memory.h"
#include "search_views.h"
#include "segment.h"

namespace libmatch::cuda {

// The tables of a segment whose rows are on the device.
class bucket_tables {
 public:
  static std::size_t bytes_for(std::uint32_t size, std::uint32_t width_words) noexcept;

  // There once it returned.
  bucket_tables(device_call &call, const std::uint32_t *rows, std::uint32_t size, std::uint32_t width_words);

  const bucket_part &part() const noexcept { return part_; }
  // A warp goes through a bucket by itself: false where one is so large that all would wait for it.
  bool are_even() const noexcept { return even_; }
  std::size_t bytes() const noexcept { return starts_.bytes() + rows_.bytes() + words_.bytes(); }

 private:
  resident_memory starts_;
  resident_memory rows_;
  resident_memory words_;
  bucket_part part_{};
  bool even_ = true;
};

// Whether tables can answer a search of this distance, and sooner than the products of a device that has them.
bool buckets_pay(const device_facts &facts, std::uint32_t width_words, std::uint32_t max_distance) noexcept;

// What a search of so many queries, at a distance at which tables pay, wants of those of so many rows.
bucket_need need_of_buckets(const bucket_rule &rule, lm_layout_policy policy, std::uint64_t n_rows,
                            std::uint64_t n_queries) noexcept;

// Puts a range search by the tables into the stream: as launch_range, for a largest limit at which they pay.
void launch_probes(cudaStream_t stream, const segment_part &segment, const bucket_part &buckets,
                   const query_part &queries, const hit_sink &sink);

}  // namespace libmatch::cuda
