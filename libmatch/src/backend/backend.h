// The narrow interface that a device implements. Every backend gives the same answers, bit for bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/keypoint_codes.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/search_result.h"
#include "core/segment.h"
#include "hash/pdq.h"
#include "libmatch/libmatch.h"
#include "search/planner.h"

namespace libmatch::detail {

class cuda_devices;

// Used by any number of threads at once. `threads` and `progress` belong to the call.
class backend {
 public:
  virtual ~backend() = default;

  virtual const char *name() const noexcept = 0;

  // The PDQ codes of one image, on the calling thread.
  virtual pdq_result hash_pdq(const lm_image &image, lm_orientations orientations) const = 0;
  // What hashes rows as they come from a decoder (hash/pdq_stream.h, hash/border.h): the processor, whatever the
  // device.
  virtual instruction_set hashes_rows_by() const noexcept = 0;

  // distances[q * n_rows + r]; progress is not counted.
  virtual void distances(const query_batch &queries, const std::uint64_t *rows, std::size_t n_rows,
                         std::uint32_t *distances, thread_pool &threads) const = 0;

  // The distances of these and what is nearest go by queries.compared_by.
  // Every live row within max_distance of a query, ordered by (query, distance, id). Progress counts pairs.
  virtual search_result search_range(std::span<const segment_view> segments, const query_batch &queries,
                                     std::uint32_t max_distance, thread_pool &threads,
                                     progress_meter &progress) const = 0;

  // What a range search of one segment of this shape is expected to take.
  virtual search_plan plan_range(const search_shape &shape) const = 0;

  // The k nearest live rows of each query, ordered by (query, distance, id). Progress counts pairs.
  virtual search_result search_knn(std::span<const segment_view> segments, const query_batch &queries, std::size_t k,
                                   thread_pool &threads, progress_meter &progress) const = 0;

  // Every two live rows within max_distance of each other, each pair once, in the order of pair_result. Progress
  // counts pairs; how many they are in all is the device's to say.
  virtual pair_result search_pairs(std::span<const segment_view> segments, std::uint32_t max_distance,
                                   thread_pool &threads, const lm_progress *progress) const = 0;

  // The live references that share near keypoint codes with a set of queries (search/keypoint_search.h). Progress
  // counts pairs of codes.
  virtual keypoint_candidates search_keypoints(std::span<const keypoint_codes> segments,
                                               const keypoint_queries &queries,
                                               const keypoint_search_options &options, thread_pool &threads,
                                               progress_meter &progress) const = 0;

  // What searches run on, for calls that are CUDA's alone; null on other backends.
  virtual const cuda_devices *cuda() const noexcept { return nullptr; }
};

// The names of the backends that this machine can run, best first.
const std::vector<std::string> &backend_names();

// Opens one by name; "auto" is the best. LM_ERROR_UNSUPPORTED says why an unknown or unusable one cannot be had.
std::shared_ptr<const backend> open_backend(const std::string &name);

}  // namespace libmatch::detail
