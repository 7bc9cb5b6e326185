#include "index/keypoint_layout.h"

namespace libmatch::detail {

void derived_keypoint_tables::make(const keypoint_codes &codes, thread_pool &threads) {
  const std::lock_guard lock(making_);
  if (get() != nullptr) {
    return;
  }
  owned_ = build_keypoint_tables(codes.rows, codes.size, threads);
  bytes_.store(keypoint_table_bytes(owned_.layout), std::memory_order_relaxed);
  tables_.store(&owned_.layout, std::memory_order_release);
}

}  // namespace libmatch::detail
