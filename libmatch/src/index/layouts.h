// What was derived from a segment's rows for searching them faster: made once, when it is known to pay, and kept for
// the segment's life.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "core/parallel.h"
#include "core/progress.h"
#include "core/segment.h"
#include "search/buckets.h"
#include "search/planes.h"

namespace libmatch::detail {

// Which layouts an index may have.
struct layout_policies {
  layout_policy planes = layout_policy::automatic;
  layout_policy buckets = layout_policy::automatic;
  std::uint64_t max_bytes = 0;  // of all layouts of the index
  layout_policy keypoint_tables = layout_policy::automatic;
};

// Used by any number of threads at once; a reader sees nothing or the whole.
class derived_layouts {
 public:
  // Null where there are none.
  const std::uint64_t *planes() const noexcept { return planes_.load(std::memory_order_acquire); }
  const bucket_layout *buckets() const noexcept { return buckets_.load(std::memory_order_acquire); }

  // Makes them, if there are none. Another thread may be about to: a search need not wait for what it can do without.
  enum class if_busy : std::uint8_t { wait, go_on };
  // Whether they were made here. progress: counts the rows of buckets that are made; null: nothing is counted.
  bool make_planes(const segment_view &rows, thread_pool &threads, if_busy busy);
  bool make_buckets(const segment_view &rows, thread_pool &threads, if_busy busy, progress_meter *progress = nullptr);

  // Takes them from a file, before any search; what keeps the rows alive keeps the arrays alive. verified: they were
  // compared with the rows.
  void adopt_planes(const std::uint64_t *planes, std::size_t bytes, bool verified);
  void adopt_buckets(const bucket_layout &layout, bool verified);

  // Whether what there is was made or verified here.
  bool sound() const noexcept { return sound_; }

  std::size_t memory_bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

  // Adds to what searches have cost that a layout would have saved, and returns the sum.
  double pay_for_planes(double nanoseconds) noexcept { return pay(planes_rent_, nanoseconds); }
  double pay_for_buckets(double nanoseconds) noexcept { return pay(buckets_rent_, nanoseconds); }

 private:
  std::unique_lock<std::mutex> lock_making(if_busy busy);
  static double pay(std::atomic<double> &rent, double nanoseconds) noexcept;

  std::mutex making_;
  aligned_vector<std::uint64_t> owned_planes_;
  owned_buckets owned_buckets_;
  bucket_layout adopted_buckets_;
  bool sound_ = true;
  std::atomic<const std::uint64_t *> planes_{nullptr};
  std::atomic<const bucket_layout *> buckets_{nullptr};
  std::atomic<std::size_t> bytes_{0};
  std::atomic<double> planes_rent_{0};
  std::atomic<double> buckets_rent_{0};
};

}  // namespace libmatch::detail
