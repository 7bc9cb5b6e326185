#include "buckets.h"

#include <algorithm>

#include "bucket_sort.h"
#include "buckets.cuh"
#include "kernel_choice.h"

namespace libmatch::cuda {

namespace {

constexpr unsigned row_block_threads = 256;
constexpr std::uint32_t tables_most = 16;
constexpr std::uint32_t words_beside = 3;
// Of a code of 64 bits, which is then whole.
constexpr std::uint32_t words_beside_short = 2;

std::uint32_t tables_of(std::uint32_t width_words) noexcept { return std::min(tables_most, width_words * 2); }

std::uint32_t beside_of(std::uint32_t width_words) noexcept {
  return width_words > words_beside ? words_beside : words_beside_short;
}

// Thrust's memory comes from where all else on the device does.
class call_sort_place final : public sort_place {
 public:
  explicit call_sort_place(device_call &call) : call_(call) {}

  void *allocate(std::size_t bytes) override { return call_.owner().allocate(bytes, call_.stream()); }
  void release(void *memory, std::size_t bytes) override { call_.owner().release(memory, bytes, call_.stream()); }
  void *stream() override { return call_.stream(); }

 private:
  device_call &call_;
};

// The sum of (radius + 1) over all tables is max_distance + 1.
probe_radii radii_for(std::uint32_t width_words, std::uint32_t max_distance) noexcept {
  const std::uint32_t tables = tables_of(width_words);
  return {static_cast<std::int32_t>((max_distance + 1) / tables), (max_distance + 1) % tables};
}

// A bucket of more rows than this makes tables uneven: that many times the mean, and in short lists so many.
constexpr std::uint64_t times_the_mean = 16;
constexpr std::uint64_t rows_of_bucket = 4096;

}  // namespace

std::size_t bucket_tables::bytes_for(std::uint32_t size, std::uint32_t width_words) noexcept {
  const std::size_t words = std::size_t{n_buckets} + 1 + (std::size_t{beside_of(width_words)} + 1) * size;
  return tables_of(width_words) * words * sizeof(std::uint32_t);
}

bucket_tables::bucket_tables(device_call &call, const std::uint32_t *rows, std::uint32_t size,
                             std::uint32_t width_words) {
  const std::uint32_t tables = tables_of(width_words);
  const std::uint32_t n_beside = beside_of(width_words);
  const std::size_t of_table = std::size_t{size} * sizeof(std::uint32_t);
  const std::size_t n_starts = tables * (std::size_t{n_buckets} + 1);
  starts_ = resident_memory(call, n_starts * sizeof(std::uint32_t));
  rows_ = resident_memory(call, tables * of_table);
  words_ = resident_memory(call, tables * n_beside * of_table);
  auto *starts = static_cast<std::uint32_t *>(starts_.data());
  auto *table_rows = static_cast<std::uint32_t *>(rows_.data());
  auto *words = static_cast<std::uint32_t *>(words_.data());
  part_ = {starts, table_rows, words};

  const device_array<std::uint16_t> names(call, size);
  const dim3 blocks((size + row_block_threads - 1) / row_block_threads);
  const launch_shape a_thread_a_row{blocks, dim3(row_block_threads), 0, call.stream()};
  call_sort_place place(call);
  for (std::uint32_t t = 0; t < tables; ++t) {
    std::uint32_t *own_rows = table_rows + std::size_t{t} * size;
    check(launch(a_thread_a_row, name_buckets, rows, size, width_words, t, names.data(), own_rows),
          "naming the buckets of rows");
    call.wait();  // on the host, where the executor has it, Thrust would not
    sort_by_name(place, names.data(), own_rows, size);
    find_starts(place, names.data(), size, n_buckets, starts + t * (std::size_t{n_buckets} + 1));
    check(launch(a_thread_a_row, copy_words_beside, rows, size, width_words, t, n_beside, own_rows,
                 words + std::size_t{t} * n_beside * size),
          "copying words beside the rows of buckets");
  }
  device_array<std::uint32_t> largest(call, 1);
  largest.clear();
  const dim3 few_blocks(static_cast<unsigned>(std::max(call.owner().facts().multiprocessors, 1)));
  check(launch({few_blocks, dim3(row_block_threads), 0, call.stream()}, find_largest_bucket, starts,
               static_cast<std::uint32_t>(n_starts), largest.data()),
        "finding the largest bucket");
  even_ = largest.download().front() <= rows_of_bucket + times_the_mean * size / n_buckets;
}

// Names two bits away are so many that on 256 bits products are faster: 2.3 against 7.1 us a query of 17 million rows
// within 47 bits on an H200, measured.
bool buckets_pay(const device_facts &facts, std::uint32_t width_words, std::uint32_t max_distance) noexcept {
  if (max_distance >= width_words * 32) {
    return false;
  }
  const range_kernel otherwise =
      choose_range_kernel({facts.compute_capability, width_words, width_words, UINT32_MAX});
  const bool by_products = otherwise != range_kernel::words && otherwise != range_kernel::prefix;
  return radii_for(width_words, max_distance).of(0) <= (by_products ? probe_radius_most - 1 : probe_radius_most);
}

bucket_need need_of_buckets(const bucket_rule &rule, lm_layout_policy policy, std::uint64_t n_rows,
                            std::uint64_t n_queries) noexcept {
  if (policy != LM_LAYOUT_AUTOMATIC) {
    return policy == LM_LAYOUT_ALWAYS ? bucket_need::build_anyway : bucket_need::none;
  }
  const std::uint64_t rows_least = n_queries > stream_queries_most ? rule.rows_least : rule.rows_least_for_few;
  return n_rows >= rows_least ? bucket_need::by_use : bucket_need::none;
}

void launch_probes(cudaStream_t stream, const segment_part &segment, const bucket_part &buckets,
                   const query_part &queries, const hit_sink &sink) {
  if (queries.size == 0 || segment.size == 0 || queries.largest_limit < 0) {
    return;
  }
  const std::uint32_t tables = tables_of(segment.width_words);
  const probe_radii radii = radii_for(segment.width_words, static_cast<std::uint32_t>(queries.largest_limit));
  // Tables that are asked come first.
  const std::uint32_t asked = radii.larger_radius > 0 ? tables : radii.n_larger;
  constexpr std::uint64_t warps_of_block = bucket_block_threads / 32;
  const std::uint64_t blocks = (std::uint64_t{queries.size} * asked + warps_of_block - 1) / warps_of_block;
  const launch_shape shape{dim3(static_cast<unsigned>(blocks)), dim3(bucket_block_threads), 0, stream};
  check(beside_of(segment.width_words) == words_beside
            ? launch(shape, probe_buckets<words_beside>, segment, buckets, queries, radii, asked, sink)
            : launch(shape, probe_buckets<words_beside_short>, segment, buckets, queries, radii, asked, sink),
        "starting a search of buckets");
}

}  // namespace libmatch::cuda
