#include "pairs.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "hits.h"
#include "pairs.cuh"
#include "range.h"
#include "segment.h"

namespace libmatch::cuda {

namespace {

constexpr unsigned block_threads = 256;
constexpr std::uint64_t most_blocks = 4096;
constexpr std::uint64_t rows_at_once_least = 64;

unsigned blocks_for(std::uint64_t items) noexcept {
  return static_cast<unsigned>(
      std::clamp<std::uint64_t>((items + block_threads - 1) / block_threads, 1, most_blocks));
}

// Rows first .. first + size - 1 that are not removed.
std::uint64_t live_rows(const table_segment &segment, std::uint64_t first, std::uint64_t size) noexcept {
  if (segment.removed == nullptr) {
    return size;
  }
  std::uint64_t live = 0;
  for (std::uint64_t row = first; row < first + size; ++row) {
    live += (segment.removed[row >> 6] >> (row & 63) & 1) ^ 1;
  }
  return live;
}

class pair_search {
 public:
  pair_search(device_call &call, const search_request &request, std::vector<segment_part> segments,
              std::int32_t max_distance, const pair_options &options)
      : call_(call),
        request_(request),
        segments_(std::move(segments)),
        max_distance_(max_distance),
        options_(options),
        count_(call, 1),
        limits_(call, options.rows_at_once),
        hits_(call, hits_expected(options.rows_at_once)) {}

  // A segment's rows are looked for in the segments before it and in itself up to the last of the batch.
  void run() {
    std::uint64_t rows_before = 0;
    std::uint64_t batch = options_.rows_at_once;
    for (const segment_part &segment : segments_) {
      for (std::uint64_t first = 0; first < segment.size;) {
        const std::uint64_t size = std::min<std::uint64_t>(batch, segment.size - first);
        if (search_rows(segment, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(size))) {
          const std::uint64_t live = live_rows(request_.segments[segment.number], first, size);
          count_progress(request_.progress, live * (rows_before + segment.size));
          first += size;
        } else {
          batch = std::max(size / 2, rows_at_once_least);
        }
      }
      rows_before += segment.size;
    }
  }

  std::vector<table_pair> take() { return std::move(pairs_); }

 private:
  // False: there are too many hits at once.
  bool search_rows(const segment_part &segment, std::uint32_t first, std::uint32_t size) {
    check(launch({dim3((size + block_threads - 1) / block_threads), dim3(block_threads), 0, call_.stream()},
                 limit_rows, segment.removed, first, size, max_distance_, limits_.data()),
          "setting the limits of rows");
    // A row is what its hits call the query.
    const query_part queries{segment.rows + std::uint64_t{first} * segment.width_words, limits_.data(), size, first,
                             max_distance_};
    for (;;) {
      count_.clear();
      find(segment, queries);
      const std::uint64_t found = count_.download()[0];
      if (found <= hits_.size()) {
        keep(segment.number, found);
        return true;
      }
      if (found > options_.hits_at_once && size > rows_at_once_least) {
        return false;
      }
      hits_ = device_array<table_hit>(call_, 0);  // given back first: there may be no room for both
      hits_ = device_array<table_hit>(call_, static_cast<std::size_t>(found));
    }
  }

  void find(const segment_part &segment, const query_part &queries) {
    const range_launch with{call_.owner().facts(), call_.stream()};
    const hit_sink sink{hits_.data(), count_.data(), hits_.size()};
    for (const segment_part &other : segments_) {
      if (other.number < segment.number) {
        launch_range(with, other, queries, sink);
      }
    }
    segment_part up_to_batch = segment;
    up_to_batch.size = queries.first + queries.size;
    launch_range(with, up_to_batch, queries, sink);
  }

  void keep(std::uint32_t segment, std::uint64_t found) {
    if (found == 0) {
      return;
    }
    const device_array<table_pair> kept(call_, static_cast<std::size_t>(found));
    count_.clear();
    check(launch({dim3(blocks_for(found)), dim3(block_threads), 0, call_.stream()}, keep_earlier, hits_.data(), found,
                 segment, pair_sink{kept.data(), count_.data(), kept.size()}),
          "keeping one of two hits of a pair");
    const auto n_kept = static_cast<std::size_t>(count_.download()[0]);
    const std::size_t before = pairs_.size();
    pairs_.resize(before + n_kept);
    call_.download(pairs_.data() + before, kept.data(), n_kept * sizeof(table_pair));
  }

  device_call &call_;
  const search_request &request_;
  std::vector<segment_part> segments_;
  std::int32_t max_distance_;
  const pair_options &options_;
  device_array<unsigned long long> count_;
  device_array<std::int32_t> limits_;
  device_array<table_hit> hits_;
  std::vector<table_pair> pairs_;
};

}  // namespace

void search_pairs(device &on, const search_request &request, std::uint32_t max_distance, table_pairs *out_pairs,
                  const pair_options &options) {
  device_call call(on);
  const std::vector<segment_use> used = on.segments().use_all(call, request, {.plane = true, .ids = false});
  std::vector<segment_part> segments;
  std::uint32_t most_bits = 0;
  for (std::size_t s = 0; s < used.size(); ++s) {
    if (used[s].arrays().size != 0) {
      segments.push_back(to_segment_part(used[s].arrays(), static_cast<std::uint32_t>(s)));
      most_bits = used[s].arrays().width_words * 32;
    }
  }
  pair_search search(call, request, std::move(segments), static_cast<std::int32_t>(std::min(max_distance, most_bits)),
                     options);
  search.run();
  auto owner = std::make_unique<std::vector<table_pair>>(search.take());
  out_pairs->pairs = owner->data();
  out_pairs->size = owner->size();
  out_pairs->owner = owner.release();
}

void release(table_pairs *pairs) noexcept {
  delete static_cast<std::vector<table_pair> *>(pairs->owner);
  *pairs = table_pairs{};
}

}  // namespace libmatch::cuda
