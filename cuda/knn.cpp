#include "knn.h"

#include <algorithm>
#include <bit>

#include "distance_counts.h"
#include "knn.cuh"
#include "range.h"

namespace libmatch::cuda {

namespace {

constexpr unsigned block_threads = 256;
constexpr std::uint64_t most_blocks = 4096;
constexpr std::uint64_t queries_at_once_most = 65536;
constexpr std::uint64_t count_bytes_most = std::uint64_t{256} << 20;
// Pairs between two looks at the progress.
constexpr std::uint64_t pairs_at_once = std::uint64_t{1} << 40;
// Of so many rows at least one is in the sample: a range search returns about so many times k hits.
constexpr std::uint64_t stride_most = 16;
// So many times k rows are in the sample, so that chance moves the limit by little.
constexpr std::uint64_t sample_of_neighbour = 16;

distance_steps steps_up_to(std::uint32_t max_distance, std::uint32_t fine_bits) noexcept {
  const auto bits = static_cast<std::uint32_t>(std::bit_width(max_distance));
  const std::uint32_t shift = bits > fine_bits + 1 ? bits - fine_bits - 1 : 0;
  return {fine_bits, (shift << fine_bits) + (max_distance >> shift) + 1};
}

launch_shape lines_of(const device_call &call, std::uint64_t items) {
  const std::uint64_t blocks = std::clamp<std::uint64_t>((items + block_threads - 1) / block_threads, 1, most_blocks);
  return {dim3(static_cast<unsigned>(blocks)), dim3(block_threads), 0, call.stream()};
}

class nearest_search {
 public:
  nearest_search(device_call &call, std::span<const segment_use> segments, const table_queries &queries,
                 const nearest_options &options, const nearest_kernels &kernels, hit_collector &collector)
      : call_(call),
        queries_(queries),
        options_(options),
        kernels_(kernels),
        collector_(collector),
        steps_(steps_up_to(static_cast<std::uint32_t>(options.max_distance), options.fine_bits)),
        count_(call, 1),
        near_(call, 0) {
    for (std::size_t s = 0; s < segments.size(); ++s) {
      if (segments[s].arrays().size != 0) {
        parts_.push_back(to_segment_part(segments[s].arrays(), static_cast<std::uint32_t>(s)));
        rows_ += segments[s].arrays().size;
      }
    }
    const std::uint64_t sample = std::max(options.sample_rows, options.k * sample_of_neighbour);
    stride_ = static_cast<std::uint32_t>(
        std::clamp<std::uint64_t>(rows_ / std::max<std::uint64_t>(sample, 1), 1, stride_most));
  }

  void run(const table_progress &progress) {
    std::uint64_t block = rows_ == 0 || options_.k == 0 ? 0 : first_block();
    for (std::uint64_t first = 0; first < queries_.size && block != 0;) {
      const std::uint64_t size = std::min(block, queries_.size - first);
      if (search_block(first, size)) {
        count_progress(progress, size * rows_);
        first += size;
      } else {
        block = size / 2;
      }
    }
  }

 private:
  std::uint64_t first_block() const {
    const std::uint64_t hits = std::min(rows_, options_.by_sample ? std::min(options_.k, rows_) * stride_ : 64);
    const std::uint64_t most =
        std::min({queries_at_once_most, count_bytes_most / (steps_.size * sizeof(std::uint32_t)),
                  options_.hits_at_once / hits, pairs_at_once / rows_});
    return std::max<std::uint64_t>(most, 1);
  }

  // False: there are too many hits at once.
  bool search_block(std::uint64_t first, std::uint64_t size) {
    const device_array<std::uint64_t> codes(call_, queries_.rows + first * queries_.words, size * queries_.words);
    device_array<std::int32_t> limits(call_, size);
    device_array<std::uint32_t> counts(call_, size * steps_.size);
    query_part part{reinterpret_cast<const std::uint32_t *>(codes.data()), limits.data(),
                    static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(first), options_.max_distance};
    if (options_.by_sample) {
      part.largest_limit = limits_by_sample(part, counts, limits);
    } else {
      const std::vector<std::int32_t> same(size, options_.max_distance);
      call_.upload(limits.data(), same.data(), size * sizeof(std::int32_t));
    }
    std::uint64_t found = 0;
    if (!find(part, found)) {
      return false;
    }
    counts.clear();
    check(launch(lines_of(call_, found), count_hits, near_.data(), found, part.first, steps_, counts.data()),
          "counting hits");
    set_limits(part, counts, limits);
    collector_.collect([&](const hit_sink &sink) {
      check(launch(lines_of(call_, found), keep_near, near_.data(), found, part.first, limits.data(), sink),
            "keeping the nearest hits");
    });
    return true;
  }

  struct limits_found {
    std::int32_t largest;
    bool all_reached;
  };
  // Starts from the counts; does not wait unless the result is looked at.
  limits_found set_limits(const query_part &part, const device_array<std::uint32_t> &counts,
                          const device_array<std::int32_t> &limits) {
    device_array<std::int32_t> largest(call_, 1);
    device_array<std::uint32_t> unreached(call_, 1);
    largest.clear();
    unreached.clear();
    const found_limits to{limits.data(), largest.data(), unreached.data(), options_.max_distance};
    const std::uint64_t warps_of_block = block_threads / 32;
    const launch_shape shape{dim3(static_cast<unsigned>((part.size + warps_of_block - 1) / warps_of_block)),
                             dim3(block_threads), 0, call_.stream()};
    check(launch(shape, find_limits, counts.data(), part.size, steps_, options_.k, to), "finding limits");
    return {largest.download()[0], unreached.download()[0] == 0};
  }

  std::int32_t limits_by_sample(const query_part &part, device_array<std::uint32_t> &counts,
                                const device_array<std::int32_t> &limits) {
    for (std::uint32_t stride = stride_;; stride = 1) {
      counts.clear();
      for (const segment_part &segment : parts_) {
        kernels_.count(call_, segment, part, stride, steps_, counts.data());
      }
      const limits_found found = set_limits(part, counts, limits);
      // Where most of a sample is removed it may hold fewer than k: then all rows are counted.
      if (found.all_reached || stride == 1) {
        return found.largest;
      }
    }
  }

  bool find(const query_part &part, std::uint64_t &found) {
    if (near_.size() == 0) {
      near_ = device_array<table_hit>(call_, hits_expected(part.size));
    }
    for (;;) {
      count_.clear();
      for (const segment_part &segment : parts_) {
        kernels_.find(call_, segment, part, {near_.data(), count_.data(), near_.size()});
      }
      found = count_.download()[0];
      if (found <= near_.size()) {
        return true;
      }
      if (found > options_.hits_at_once && part.size > 1) {
        return false;
      }
      near_ = device_array<table_hit>(call_, 0);  // given back first: there may be no room for both
      near_ = device_array<table_hit>(call_, static_cast<std::size_t>(found));
    }
  }

  device_call &call_;
  const table_queries &queries_;
  const nearest_options &options_;
  const nearest_kernels &kernels_;
  hit_collector &collector_;
  distance_steps steps_;
  device_array<unsigned long long> count_;
  device_array<table_hit> near_;
  std::vector<segment_part> parts_;
  std::uint64_t rows_ = 0;
  std::uint32_t stride_ = 1;
};

class hamming_kernels final : public nearest_kernels {
 public:
  void count(const device_call &call, const segment_part &segment, const query_part &queries, std::uint32_t stride,
             const distance_steps &steps, std::uint32_t *counts) const override {
    launch_counts<hamming_bits>(call, segment, queries, stride, steps, counts);
  }
  void find(const device_call &call, const segment_part &segment, const query_part &queries,
            const hit_sink &sink) const override {
    launch_range({call.owner().facts(), call.stream()}, segment, queries, sink);
  }
};

}  // namespace

void collect_nearest(device_call &call, std::span<const segment_use> segments, const table_queries &queries,
                     const nearest_options &options, const nearest_kernels &kernels, const table_progress &progress,
                     hit_collector &collector) {
  nearest_search(call, segments, queries, options, kernels, collector).run(progress);
}

const nearest_kernels &code_kernels() noexcept {
  static const hamming_kernels kernels;
  return kernels;
}

void search_knn(device &on, const search_request &request, std::uint64_t k, table_hits *out_hits,
                const nearest_options &options) {
  nearest_options of_codes = options;
  of_codes.k = k;
  of_codes.max_distance = static_cast<std::int32_t>(request.queries.words * 64);
  of_codes.fine_bits = code_fine_bits;
  device_call call(on);
  const std::vector<segment_use> segments = on.segments().use_all(call, request, {.plane = true, .ids = false});
  hit_collector collector(call, hits_expected(request.queries.size));
  collect_nearest(call, segments, request.queries, of_codes, code_kernels(), request.progress, collector);
  collector.finish(out_hits);
}

}  // namespace libmatch::cuda
