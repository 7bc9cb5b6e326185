// The host's side of hits.cuh: the array on the device, which grows, and the hits of all launches on the host.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "backend_table.h"
#include "device.h"
#include "hits.cuh"

namespace libmatch::cuda {

// Room for the hits of so many queries that is seldom too small.
inline std::size_t hits_expected(std::uint64_t n_queries) noexcept {
  return std::clamp<std::size_t>(static_cast<std::size_t>(n_queries) * 16, 4096, std::size_t{1} << 22);
}

class hit_collector {
 public:
  hit_collector(device_call &call, std::size_t first_capacity);

  // Calls launch(sink), which launches kernels on the call's stream, waits for them and takes their hits; once more,
  // with room for all, where there were more than fit.
  template <typename Launch>
  void collect(const Launch &launch) {
    prepare();
    launch(sink());
    if (!take()) {
      prepare();
      launch(sink());
      take();
    }
  }

  const std::vector<table_hit> &hits() const noexcept { return hits_; }
  // Hands the hits over to the caller of the table. Spends the collector.
  void finish(table_hits *out);

 private:
  hit_sink sink() const noexcept { return {array_.data(), count_.data(), array_.size()}; }
  void prepare();
  bool take();

  device_call &call_;
  device_array<unsigned long long> count_;
  device_array<table_hit> array_;
  std::vector<table_hit> hits_;
};

// Frees what finish() handed over.
void release(table_hits *hits) noexcept;

}  // namespace libmatch::cuda
