#include "index/layouts.h"

namespace libmatch::detail {

std::unique_lock<std::mutex> derived_layouts::lock_making(if_busy busy) {
  return busy == if_busy::wait ? std::unique_lock(making_) : std::unique_lock(making_, std::try_to_lock);
}

bool derived_layouts::make_planes(const segment_view &rows, thread_pool &threads, if_busy busy) {
  const std::unique_lock lock = lock_making(busy);
  if (!lock.owns_lock() || planes() != nullptr) {
    return false;
  }
  owned_planes_ = build_planes(rows.rows, rows.size, rows.words, threads);
  bytes_ += owned_planes_.size() * sizeof(std::uint64_t);
  planes_.store(owned_planes_.data(), std::memory_order_release);
  return true;
}

bool derived_layouts::make_buckets(const segment_view &rows, thread_pool &threads, if_busy busy,
                                   progress_meter *progress) {
  const std::unique_lock lock = lock_making(busy);
  if (!lock.owns_lock() || buckets() != nullptr) {
    return false;
  }
  owned_buckets_ = build_buckets(rows.rows, rows.size, rows.words, threads, progress);
  bytes_ += bucket_bytes(owned_buckets_.layout);
  buckets_.store(&owned_buckets_.layout, std::memory_order_release);
  return true;
}

void derived_layouts::adopt_planes(const std::uint64_t *planes, std::size_t bytes, bool verified) {
  sound_ = sound_ && verified;
  bytes_ += bytes;
  planes_.store(planes, std::memory_order_release);
}

void derived_layouts::adopt_buckets(const bucket_layout &layout, bool verified) {
  sound_ = sound_ && verified;
  adopted_buckets_ = layout;
  bytes_ += bucket_bytes(layout);
  buckets_.store(&adopted_buckets_, std::memory_order_release);
}

double derived_layouts::pay(std::atomic<double> &rent, double nanoseconds) noexcept {
  double sum = rent.load(std::memory_order_relaxed);
  while (!rent.compare_exchange_weak(sum, sum + nanoseconds, std::memory_order_relaxed)) {
  }
  return sum + nanoseconds;
}

}  // namespace libmatch::detail
