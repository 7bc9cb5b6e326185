#include "view.h"

#include <algorithm>

#include "buckets.h"
#include "range.h"
#include "view.cuh"

namespace libmatch::cuda {

namespace {

using detail::fail;

constexpr std::uint64_t alignment = 256;

constexpr std::uint64_t aligned(std::uint64_t bytes) noexcept {
  return (bytes + alignment - 1) / alignment * alignment;
}

// Where the parts of a workspace begin.
struct workspace_layout {
  workspace_layout(std::uint64_t n_queries, std::uint32_t words, std::uint64_t capacity) noexcept
      : limits(aligned(n_queries * words * 8)),
        counts(limits + aligned(n_queries * 4)),
        total(counts + aligned(n_queries * 4)),
        hits(total + alignment),
        places(hits + aligned(capacity * sizeof(table_hit))),
        bytes(places + aligned(capacity * 4)) {}

  // The rows of the queries come first.
  std::uint64_t limits;
  std::uint64_t counts;
  std::uint64_t total;  // behind the counts, so that both are cleared at once
  std::uint64_t hits;
  std::uint64_t places;
  std::uint64_t bytes;
};

// A view is made for many searches, so it does not wait for them to pay.
bucket_need need_of_view(const device &on, const table_segment &segment) noexcept {
  const bucket_need need = need_of_buckets(on.buckets(), segment.buckets, segment.size, UINT32_MAX);
  return need == bucket_need::by_use ? bucket_need::build : need;
}

}  // namespace

segments_view::segments_view(std::shared_ptr<device> owner, const view_request &request)
    : owner_(std::move(owner)), words_(request.words), code_bits_(request.code_bits) {
  device_call call(*owner_);
  segments_.resize(request.n_segments);
  std::vector<const std::int64_t *> ids(request.n_segments);
  for (std::uint64_t s = 0; s < request.n_segments; ++s) {
    const table_segment &segment = request.segments[s];
    if (segment.size != 0) {
      const bucket_need buckets = need_of_view(*owner_, segment);
      segments_[s] = owner_->segments().use(call, segment, {.plane = true, .ids = true, .buckets = buckets});
      policy_ = segment.buckets;
      ids[s] = segments_[s].arrays().ids;
    }
  }
  const std::size_t order_bytes = aligned(std::uint64_t{code_bits_} * sizeof(std::uint32_t));
  const std::size_t bytes = order_bytes + std::max<std::size_t>(ids.size(), 1) * sizeof(const std::int64_t *);
  auto *tables = static_cast<std::uint8_t *>(owner_->allocate(bytes, call.stream()));
  tables_ = tables;
  tables_bytes_ = bytes;
  bit_order_ = reinterpret_cast<const std::uint32_t *>(tables);
  ids_ = reinterpret_cast<const std::int64_t *const *>(tables + order_bytes);
  try {
    call.upload(tables, request.bit_order, std::size_t{code_bits_} * sizeof(std::uint32_t));
    call.upload(tables + order_bytes, ids.data(), ids.size() * sizeof(const std::int64_t *));
    call.wait();
  } catch (...) {
    owner_->release_shared(tables_, tables_bytes_);
    throw;
  }
}

segments_view::~segments_view() { owner_->release_shared(tables_, tables_bytes_); }

void segments_view::search_segment(std::size_t s, const query_part &queries, cudaStream_t stream,
                                   const hit_sink &sink) const {
  const segment_arrays &arrays = segments_[s].arrays();
  const segment_part part = to_segment_part(arrays, static_cast<std::uint32_t>(s));
  const auto max_distance = static_cast<std::uint32_t>(queries.largest_limit);
  if (arrays.buckets.rows != nullptr && buckets_pay(owner_->facts(), part.width_words, max_distance) &&
      need_of_buckets(owner_->buckets(), policy_, part.size, queries.size) != bucket_need::none) {
    launch_probes(stream, part, arrays.buckets, queries, sink);
  } else {
    launch_range({owner_->facts(), stream}, part, queries, sink);
  }
}

std::uint64_t segments_view::workspace_bytes(std::uint64_t n_queries, std::uint64_t capacity) const noexcept {
  return workspace_layout(n_queries, words_, capacity).bytes;
}

void segments_view::search(const view_search &search) const {
  const workspace_layout layout(search.n_queries, words_, search.matches.capacity);
  if (search.workspace_bytes < layout.bytes) {
    fail(LM_ERROR_INVALID_ARGUMENT, "workspace: ", search.workspace_bytes, " bytes, this search takes ",
         layout.bytes);
  }
  if (search.n_queries > UINT32_MAX || search.matches.capacity > UINT32_MAX) {
    fail(LM_ERROR_INVALID_ARGUMENT, "queries and capacity: at most ", UINT32_MAX, " of each");
  }
  const device_scope scope(owner_->number());
  auto *const stream = static_cast<cudaStream_t>(search.stream);
  auto *const memory = static_cast<std::uint8_t *>(search.workspace);
  auto *const rows = reinterpret_cast<std::uint32_t *>(memory);
  auto *const limits = reinterpret_cast<std::int32_t *>(memory + layout.limits);
  auto *const counts = reinterpret_cast<std::uint32_t *>(memory + layout.counts);
  auto *const places = reinterpret_cast<std::uint32_t *>(memory + layout.places);
  const hit_sink sink{reinterpret_cast<table_hit *>(memory + layout.hits),
                      reinterpret_cast<unsigned long long *>(memory + layout.total), search.matches.capacity};
  const auto n_queries = static_cast<std::uint32_t>(search.n_queries);
  const auto limit = static_cast<std::int32_t>(std::min(search.max_distance, words_ * 64));
  const unsigned blocks = static_cast<unsigned>(std::max(owner_->facts().multiprocessors, 1)) * 2;
  const launch_shape wide{dim3(blocks), dim3(view_block_threads), 0, stream};
  const launch_shape one_block{dim3(1), dim3(view_block_threads), 0, stream};

  check(cudaMemsetAsync(counts, 0, layout.hits - layout.counts, stream), "clearing counts");
  check(launch(wide, pack_codes, search.queries, n_queries, code_bits_, 2 * words_, bit_order_, limit, rows, limits),
        "laying out queries");
  for (std::size_t s = 0; s < segments_.size(); ++s) {
    search_segment(s, {rows, limits, n_queries, 0, limit}, stream, sink);
  }
  check(launch(wide, count_hits, sink, counts), "counting hits");
  check(launch(one_block, sum_counts, sink, counts, n_queries, search.matches.offsets, search.matches.required),
        "adding up counts");
  check(launch(wide, place_hits, sink, counts, search.matches.offsets, places), "gathering hits");
  check(launch(wide, order_matches, sink, ids_, search.matches.offsets, places, search.matches.ids,
               search.matches.distances),
        "ordering matches");
}

}  // namespace libmatch::cuda
