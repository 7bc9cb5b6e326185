#include "backend/cuda_devices.h"

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

#include "core/error.h"
#include "search/keypoint_tables.h"

namespace libmatch::detail {

namespace {

// Passes what a device counts to the meter. What that throws ends the search and is thrown again behind it: no
// exception may cross the shared object.
class counted_search {
 public:
  explicit counted_search(progress_meter &meter) : meter_(meter) {}

  cuda::table_progress progress() noexcept { return {add, this}; }

  void check(lm_status status, const cuda::failure_message &message) const {
    if (thrown_ != nullptr) {
      std::rethrow_exception(thrown_);
    }
    check_cuda(status, message);
  }

 private:
  static int add(void *user_data, std::uint64_t units) {
    auto &self = *static_cast<counted_search *>(user_data);
    try {
      self.meter_.add(units);
      return 0;
    } catch (...) {
      self.thrown_ = std::current_exception();
      return 1;
    }
  }

  progress_meter &meter_;
  std::exception_ptr thrown_;
};

// Tombstones are words of 64 rows, so parts begin at multiples of them.
constexpr std::size_t rows_of_word = 64;

// Where the part of device d begins; that of device n ends the rows.
std::size_t part_begin(std::size_t n_rows, std::size_t d, std::size_t n) {
  const std::size_t words = (n_rows + rows_of_word - 1) / rows_of_word;
  return std::min(words * d / n * rows_of_word, n_rows);
}

lm_layout_policy to_table(layout_policy policy) noexcept {
  switch (policy) {
    case layout_policy::always:
      return LM_LAYOUT_ALWAYS;
    case layout_policy::never:
      return LM_LAYOUT_NEVER;
    default:
      return LM_LAYOUT_AUTOMATIC;
  }
}

std::vector<cuda::table_segment> whole(std::span<const segment_view> segments) {
  std::vector<cuda::table_segment> all;
  all.reserve(segments.size());
  for (const segment_view &segment : segments) {
    all.push_back({segment.identity, 0, segment.rows, segment.ids, segment.removed, segment.removed_identity,
                   segment.size, segment.words, to_table(segment.device_buckets), nullptr});
  }
  return all;
}

}  // namespace

void check_cuda(lm_status status, const cuda::failure_message &message) {
  if (status != LM_OK) {
    fail(status, static_cast<const char *>(message.text));
  }
}

cuda_devices::cuda_devices(const cuda::backend_table &table, std::span<const std::int32_t> numbers) : table_(table) {
  for (const std::int32_t number : numbers) {
    cuda::failure_message message{};
    cuda::opened_device *device = nullptr;
    check_cuda(table.open_device(number, &device, &message), message);
    devices_.emplace_back(device, closer{&table});
  }
}

void cuda_devices::forget_ended() const {
  for (const std::uint64_t ended : ended_.take_ended()) {
    for (const auto &device : devices_) {
      table_.forget(device.get(), ended);
    }
  }
}

cuda_devices::device_part cuda_devices::part_of(std::span<const segment_view> segments,
                                                std::span<const keypoint_table_layout *const> tables,
                                                std::size_t d) const {
  device_part parts;
  parts.segments.reserve(segments.size());
  parts.tables.resize(tables.size());
  for (std::size_t s = 0; s < segments.size(); ++s) {
    const segment_view &segment = segments[s];
    const bool has_tables = s < tables.size() && tables[s] != nullptr;
    const bool is_here = s % size() == d;
    const std::size_t begin = has_tables ? 0 : part_begin(segment.size, d, size());
    const std::size_t end = has_tables ? (is_here ? segment.size : 0) : part_begin(segment.size, d + 1, size());
    cuda::table_segment part{};
    part.identity = segment.identity;
    part.first_row = begin;
    part.rows = segment.rows + begin * segment.words;
    part.ids = segment.ids != nullptr ? segment.ids + begin : nullptr;
    part.removed = segment.removed != nullptr ? segment.removed + begin / rows_of_word : nullptr;
    part.removed_identity = segment.removed_identity;
    part.size = end - begin;
    part.words = segment.words;
    part.buckets = to_table(segment.device_buckets);
    if (has_tables) {
      const keypoint_table_layout &of = *tables[s];
      parts.tables[s] = {
          of.places, of.starts, of.rows, of.tables, of.width, max_rows_of_bucket, max_candidates_of_code};
      part.keypoint_tables = &parts.tables[s];
    }
    parts.segments.push_back(part);
  }
  return parts;
}

std::vector<search_hit> cuda_devices::search_one(std::size_t d, std::span<const segment_view> segments,
                                                 const device_part &part, const query_batch &queries,
                                                 progress_meter &progress, const search &call) const {
  counted_search counted(progress);
  cuda::search_request request{};
  request.segments = part.segments.data();
  request.n_segments = part.segments.size();
  request.queries = {queries.rows, queries.size, queries.words, 0};
  request.progress = counted.progress();
  cuda::table_hits found{};
  cuda::failure_message message{};
  counted.check(call(device(d), request, found, message), message);
  const auto release = [&](cuda::table_hits *hits) { table_.release_hits(hits); };
  const std::unique_ptr<cuda::table_hits, decltype(release)> released(&found, release);

  std::vector<search_hit> hits;
  hits.reserve(found.size);
  for (const cuda::table_hit &hit : std::span(found.hits, found.size)) {
    const auto row = static_cast<std::uint32_t>(part.segments[hit.segment].first_row) + hit.row;
    const std::int64_t *ids = segments[hit.segment].ids;
    hits.push_back({ids != nullptr ? ids[row] : 0, hit.query, hit.distance, {hit.segment, row}});
  }
  return hits;
}

std::vector<std::vector<search_hit>> cuda_devices::search_all(
    std::span<const segment_view> segments, const query_batch &queries, progress_meter &progress, const search &call,
    std::span<const keypoint_table_layout *const> tables) const {
  forget_ended();
  std::vector<std::vector<search_hit>> hits(size());
  std::vector<std::exception_ptr> thrown(size());
  const auto run = [&](std::size_t d) {
    try {
      hits[d] = search_one(d, segments, part_of(segments, tables, d), queries, progress, call);
    } catch (...) {
      thrown[d] = std::current_exception();
    }
  };
  // Threads that only wait for their devices.
  std::vector<std::jthread> others;
  others.reserve(size() - 1);
  for (std::size_t d = 1; d < size(); ++d) {
    others.emplace_back(run, d);
  }
  run(0);
  others.clear();  // joins them
  for (const std::exception_ptr &failure : thrown) {
    if (failure != nullptr) {
      std::rethrow_exception(failure);
    }
  }
  return hits;
}

cuda::device_view *cuda_devices::open_view(std::span<const segment_view> segments, std::uint32_t words,
                                           std::span<const std::uint32_t> bit_order) const {
  forget_ended();
  const std::vector<cuda::table_segment> parts = whole(segments);
  const cuda::view_request request{parts.data(), parts.size(), words, static_cast<std::uint32_t>(bit_order.size()),
                                   bit_order.data()};
  cuda::failure_message message{};
  cuda::device_view *view = nullptr;
  check_cuda(table_.open_view(device(0), &request, &view, &message), message);
  return view;
}

std::vector<cuda::table_pair> cuda_devices::search_pairs(std::span<const segment_view> segments,
                                                         std::uint32_t max_distance, progress_meter &progress) const {
  forget_ended();
  const std::vector<cuda::table_segment> parts = whole(segments);
  counted_search counted(progress);
  cuda::search_request request{};
  request.segments = parts.data();
  request.n_segments = parts.size();
  request.progress = counted.progress();
  cuda::table_pairs found{};
  cuda::failure_message message{};
  counted.check(table_.search_pairs(device(0), &request, max_distance, &found, &message), message);
  const auto release = [&](cuda::table_pairs *pairs) { table_.release_pairs(pairs); };
  const std::unique_ptr<cuda::table_pairs, decltype(release)> released(&found, release);
  return {found.pairs, found.pairs + found.size};
}

}  // namespace libmatch::detail
