#include "backend/cpu.h"

#include "distance/dispatch.h"
#include "search/scan.h"
#include "search/self_join.h"

namespace libmatch::detail {

namespace {

class cpu_backend final : public backend {
 public:
  explicit cpu_backend(instruction_set set) : set_(set), kernels_(kernels_for(set)) {}

  const char *name() const noexcept override { return instruction_set_name(set_); }

  pdq_result hash_pdq(const lm_image &image, lm_orientations orientations) const override {
    return pdq(image, orientations, set_);
  }

  void distances(const query_batch &queries, const std::uint64_t *rows, std::size_t n_rows, std::uint32_t *distances,
                 thread_pool &threads) const override {
    threads.for_each(queries.size, [&](std::size_t q) {
      kernels_.distances(queries.rows + q * queries.words, rows, n_rows, queries.words, distances + q * n_rows);
    });
  }

  search_result search_range(std::span<const segment_view> segments, const query_batch &queries,
                             std::uint32_t max_distance, thread_pool &threads,
                             progress_meter &progress) const override {
    return detail::search_range(segments, queries, max_distance, {kernels_, threads, progress});
  }

  search_result search_knn(std::span<const segment_view> segments, const query_batch &queries, std::size_t k,
                           thread_pool &threads, progress_meter &progress) const override {
    return detail::search_knn(segments, queries, k, {kernels_, threads, progress});
  }

  pair_result search_pairs(std::span<const segment_view> segments, std::uint32_t max_distance, thread_pool &threads,
                           const lm_progress *progress) const override {
    progress_meter meter(progress, pairs_to_compare(segments));
    return detail::search_pairs(segments, max_distance, {kernels_, threads, meter});
  }

 private:
  instruction_set set_;
  const distance_kernels &kernels_;
};

}  // namespace

std::shared_ptr<const backend> make_cpu_backend(instruction_set set) { return std::make_shared<cpu_backend>(set); }

}  // namespace libmatch::detail
