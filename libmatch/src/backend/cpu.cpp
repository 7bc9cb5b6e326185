#include "backend/cpu.h"

#include "distance/dispatch.h"
#include "search/keypoint_search.h"
#include "search/scan.h"
#include "search/self_join.h"
#include "search/vector_scan.h"

namespace libmatch::detail {

namespace {

class cpu_backend final : public backend {
 public:
  explicit cpu_backend(instruction_set set)
      : set_(set), kernels_(kernels_for(set)), vector_kernels_(vector_kernels_for(set)) {}

  const char *name() const noexcept override { return instruction_set_name(set_); }

  pdq_result hash_pdq(const lm_image &image, lm_orientations orientations) const override {
    return pdq(image, orientations, set_);
  }

  instruction_set hashes_rows_by() const noexcept override { return set_; }

  void distances(const query_batch &queries, const std::uint64_t *rows, std::size_t n_rows, std::uint32_t *distances,
                 thread_pool &threads) const override {
    const auto of_one = queries.compared_by == metric::hamming ? kernels_.distances : vector_kernels_.distances;
    threads.for_each(queries.size, [&](std::size_t q) {
      of_one(queries.rows + q * queries.words, rows, n_rows, queries.words, distances + q * n_rows);
    });
  }

  search_result search_range(std::span<const segment_view> segments, const query_batch &queries,
                             std::uint32_t max_distance, thread_pool &threads,
                             progress_meter &progress) const override {
    if (queries.compared_by == metric::squared_euclidean) {
      return search_vector_range(segments, queries, max_distance, {vector_kernels_, threads, progress});
    }
    return detail::search_range(segments, queries, max_distance, {kernels_, set_, threads, progress});
  }

  search_plan plan_range(const search_shape &shape) const override {
    return shape.compared_by == metric::hamming ? detail::plan_range(shape, set_)
                                                : plan_vector_range(shape, vector_kernels_);
  }

  search_result search_knn(std::span<const segment_view> segments, const query_batch &queries, std::size_t k,
                           thread_pool &threads, progress_meter &progress) const override {
    if (queries.compared_by == metric::squared_euclidean) {
      return search_vector_knn(segments, queries, k, {vector_kernels_, threads, progress});
    }
    return detail::search_knn(segments, queries, k, {kernels_, set_, threads, progress});
  }

  pair_result search_pairs(std::span<const segment_view> segments, std::uint32_t max_distance, thread_pool &threads,
                           const lm_progress *progress) const override {
    progress_meter meter(progress, pairs_to_compare(segments));
    return detail::search_pairs(segments, max_distance, {kernels_, set_, threads, meter});
  }

  keypoint_candidates search_keypoints(std::span<const keypoint_codes> segments, const keypoint_queries &queries,
                                       const keypoint_search_options &options, thread_pool &threads,
                                       progress_meter &progress) const override {
    return detail::search_keypoints(segments, queries, options, {kernels_, set_, threads, progress});
  }

 private:
  instruction_set set_;
  const distance_kernels &kernels_;
  const vector_kernels &vector_kernels_;
};

}  // namespace

std::shared_ptr<const backend> make_cpu_backend(instruction_set set) { return std::make_shared<cpu_backend>(set); }

}  // namespace libmatch::detail
