#include "backend/cuda.h"

#include <limits>
#include <optional>
#include <utility>

#include "backend/cpu.h"
#include "backend/cuda_devices.h"
#include "search/keypoint_search.h"
#include "search/self_join.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t keep_all = std::numeric_limits<std::size_t>::max();

// Pairs that a device compares in a nanosecond: those of large batches by products on an H200, measured
// (docs/performance.md). For comparisons with nothing, as a device has no plans to choose among.
constexpr double pairs_of_nanosecond = 8000;

instruction_set fastest_set() {
  for (const instruction_set set : instruction_sets_best_first) {
    if (can_run(set)) {
      return set;
    }
  }
  return instruction_set::scalar;
}

class cuda_backend final : public backend {
 public:
  cuda_backend(const cuda::backend_table &table, const cuda_choice &choice)
      : name_(choice.name),
        may_fall_back_(choice.may_fall_back),
        devices_(table, choice.devices),
        processor_(make_cpu_backend(fastest_set())) {}

  const char *name() const noexcept override { return name_.c_str(); }

  // One image is hashed sooner than it is sent.
  pdq_result hash_pdq(const lm_image &image, lm_orientations orientations) const override {
    return processor_->hash_pdq(image, orientations);
  }

  instruction_set hashes_rows_by() const noexcept override { return processor_->hashes_rows_by(); }

  // Likewise rows that are not in an index.
  void distances(const query_batch &queries, const std::uint64_t *rows, std::size_t n_rows, std::uint32_t *distances,
                 thread_pool &threads) const override {
    processor_->distances(queries, rows, n_rows, distances, threads);
  }

  search_result search_range(std::span<const segment_view> segments, const query_batch &queries,
                             std::uint32_t max_distance, thread_pool &threads,
                             progress_meter &progress) const override {
    return search<std::uint32_t>(segments, queries, {table().search_range, table().search_vector_range}, max_distance,
                                 keep_all, threads, progress, [&](progress_meter &meter) {
                                   return processor_->search_range(segments, queries, max_distance, threads, meter);
                                 });
  }

  search_plan plan_range(const search_shape &shape) const override {
    return {search_method::rows,
            static_cast<double>(shape.n_rows) * static_cast<double>(shape.n_queries) / pairs_of_nanosecond};
  }

  search_result search_knn(std::span<const segment_view> segments, const query_batch &queries, std::size_t k,
                           thread_pool &threads, progress_meter &progress) const override {
    return search<std::uint64_t>(
        segments, queries, {table().search_knn, table().search_vector_knn}, k, k, threads, progress,
        [&](progress_meter &meter) { return processor_->search_knn(segments, queries, k, threads, meter); });
  }

  pair_result search_pairs(std::span<const segment_view> segments, std::uint32_t max_distance, thread_pool &threads,
                           const lm_progress *progress) const override {
    progress_meter meter(progress, pairs_to_compare(segments));
    if (devices_.size() > 1 || table().search_pairs == nullptr) {
      return detail::search_pairs(segments, [&](std::span<const segment_view> searched, const query_batch &queries) {
        return search_range(searched, queries, max_distance, threads, meter);
      });
    }
    const auto here = [&](progress_meter & /*meter*/) {
      return processor_->search_pairs(segments, max_distance, threads, nullptr);
    };
    return answer<pair_result>(meter, here, [&] {
      std::vector<near_rows> pairs;
      for (const cuda::table_pair &pair : devices_.search_pairs(segments, max_distance, meter)) {
        pairs.push_back(
            {{pair.first_segment, pair.first_row}, {pair.second_segment, pair.second_row}, pair.distance});
      }
      return order_pairs(segments, pairs);
    });
  }

  keypoint_candidates search_keypoints(std::span<const keypoint_codes> segments, const keypoint_queries &queries,
                                       const keypoint_search_options &options, thread_pool &threads,
                                       progress_meter &progress) const override {
    const auto here = [&](progress_meter &meter) {
      return processor_->search_keypoints(segments, queries, options, threads, meter);
    };
    const auto entry = table().search_nearest_codes;
    if (entry == nullptr) {
      return here(progress);
    }
    std::vector<segment_view> views;
    std::vector<const keypoint_table_layout *> tables;
    for (const keypoint_codes &codes : segments) {
      segment_view &view = views.emplace_back();
      view.rows = codes.rows;
      view.removed = codes.removed;
      view.size = codes.size;
      view.words = keypoint_codes::words;
      view.identity = codes.identity;
      view.removed_identity = codes.removed_identity;
      tables.push_back(options.method == keypoint_method::exact ? nullptr : codes.tables);
    }
    return answer<keypoint_candidates>(progress, here, [&] {
      const query_batch batch{queries.rows, queries.size(), keypoint_codes::words};
      const auto found = devices_.search_all(
          views, batch, progress,
          [&](cuda::opened_device *device, const cuda::search_request &request, cuda::table_hits &hits,
              cuda::failure_message &message) {
            return entry(device, &request, options.max_distance, options.max_pairs_of_code, &hits, &message);
          },
          tables);
      std::vector<located_keypoint_hit> hits;
      for (const auto &part : found) {
        for (const search_hit &hit : part) {
          hits.push_back({hit.query, hit.distance, hit.location});
        }
      }
      return keypoint_candidates_of(segments, queries, options, std::move(hits));
    });
  }

  const cuda_devices *cuda() const noexcept override { return &devices_; }

 private:
  // The entries of the table for one search, which go by a limit: the largest distance, or how many are wanted.
  template <typename Limit>
  struct table_entries {
    using function = lm_status (*)(cuda::opened_device *, const cuda::search_request *, Limit, cuda::table_hits *,
                                   cuda::failure_message *);
    function of_codes;
    function of_vectors;
  };

  const cuda::backend_table &table() const noexcept { return devices_.table(); }

  // `here` is the processor's search, for what the table does not offer and what does not fit a device.
  template <typename Limit, typename Here>
  search_result search(std::span<const segment_view> segments, const query_batch &queries,
                       const table_entries<Limit> &entries, Limit limit, std::size_t keep, thread_pool &threads,
                       progress_meter &progress, const Here &here) const {
    const auto entry = queries.compared_by == metric::hamming ? entries.of_codes : entries.of_vectors;
    if (entry == nullptr) {
      return here(progress);
    }
    return answer<search_result>(progress, here, [&] {
      const auto hits = devices_.search_all(
          segments, queries, progress,
          [&](cuda::opened_device *device, const cuda::search_request &request, cuda::table_hits &found,
              cuda::failure_message &message) { return entry(device, &request, limit, &found, &message); });
      return order_hits(hits, queries.size, keep, threads);
    });
  }

  // What the devices answer; or, where that is allowed, the processor when they cannot.
  template <typename Result, typename Here, typename There>
  Result answer(progress_meter &progress, const Here &here, const There &there) const {
    try {
      return there();
    } catch (const error &failure) {
      const bool short_of_memory = failure.status() == LM_ERROR_OUT_OF_MEMORY;
      if (!may_fall_back_ || !(short_of_memory || failure.status() == LM_ERROR_DEVICE)) {
        throw;
      }
    }
    if (progress.done() == 0) {
      return here(progress);
    }
    progress_meter uncounted(nullptr, 0);  // some of the units were counted already
    return here(uncounted);
  }

  std::string name_;
  bool may_fall_back_;
  cuda_devices devices_;
  std::shared_ptr<const backend> processor_;
};

}  // namespace

std::shared_ptr<const backend> make_cuda_backend(const cuda::backend_table &table, const cuda_choice &choice) {
  return std::make_shared<cuda_backend>(table, choice);
}

}  // namespace libmatch::detail
