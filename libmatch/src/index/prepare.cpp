// code_index: when layouts are made.
#include <algorithm>
#include <new>
#include <utility>

#include "core/hashes.h"
#include "core/progress.h"
#include "index/index.h"
#include "index/index_keypoints.h"
#include "index/layout_budget.h"
#include "index/merge.h"

namespace libmatch::detail {

namespace {

// Nanoseconds of one thread for making a layout of a code: measured, 2026-11-25 (bench/layouts_bench.cpp).
constexpr double planes_price = 3;
constexpr double buckets_price_of_table = 25;

bool may_have_planes(const segment_view &rows, layout_policy policy) {
  return policy == layout_policy::always || (policy == layout_policy::automatic && planes_pay(rows.size, rows.words));
}

bool may_have_buckets(const segment_view &rows, layout_policy policy) {
  return policy == layout_policy::always || (policy == layout_policy::automatic && buckets_pay(rows.size));
}

// Planes and buckets say something of bits only.
bool has_layouts(const index_table &table) { return describe(table.hash)->compared_by == metric::hamming; }

std::uint64_t plane_bytes(const segment_view &rows) { return plane_layout::words(rows.size) * sizeof(std::uint64_t); }

// What a search would gain from planes or buckets that are not there.
double gain_of(const backend &device, const search_shape &now, const search_shape &then) {
  return device.plan_range(now).nanoseconds - device.plan_range(then).nanoseconds;
}

}  // namespace

void code_index::set_policies(const layout_policies &policies) {
  std::shared_ptr<const index_snapshot> before;  // ends behind the lock
  const std::lock_guard lock(publishing_);
  policies_ = policies;
  // For devices: what searches know of them is what snapshots say.
  auto same = std::make_shared<index_snapshot>(*current_);
  same->tables[0].device_buckets = policies.buckets;
  before = std::exchange(current_, std::move(same));
}

layout_policies code_index::policies() const {
  const std::lock_guard lock(publishing_);
  return policies_;
}

void code_index::prepare(thread_pool &threads, const lm_progress *progress) {
  const std::lock_guard lock(writer_);
  index_snapshot next = *snapshot();
  index_table &table = next.tables[0];
  const layout_policies policies = this->policies();
  progress_meter meter(progress, 2 * table.live());
  const bool whole = table.segments.size() == 1 && table.segments[0].removed_count == 0;
  if (!whole && table.live() > 0 && table.live() <= max_segment_size) {
    segment_entry merged = merge_segments(table.segments, false);
    table.segments.clear();
    table.segments.push_back(std::move(merged));
  }
  for (const segment_entry &entry : table.segments) {
    const segment_view rows = entry.rows->view();
    if (!has_layouts(table)) {
      meter.add(2 * rows.size);
      continue;
    }
    derived_layouts &layouts = entry.rows->layouts();
    const layout_budget before(next, policies.max_bytes);
    if (may_have_planes(rows, policies.planes) && before.allows(plane_bytes(rows))) {
      layouts.make_planes(rows, threads, derived_layouts::if_busy::wait);
    }
    meter.add(rows.size);
    const layout_budget left(next, policies.max_bytes);
    const bool wants_buckets =
        may_have_buckets(rows, policies.buckets) && left.allows(bucket_bytes(plan_buckets(rows.size, rows.words)));
    if (!wants_buckets || !layouts.make_buckets(rows, threads, derived_layouts::if_busy::wait, &meter)) {
      meter.add(rows.size);
    }
  }
  merge_all_keypoints(next.keypoints);
  make_keypoint_tables(next, policies, threads);
  publish(std::move(next));
}

void code_index::before_search(const index_snapshot &snapshot, const backend &device, std::size_t n_queries,
                               std::uint32_t max_distance, thread_pool &threads) const {
  const index_table &table = snapshot.tables[0];
  if (!has_layouts(table)) {
    return;
  }
  const layout_policies policies = this->policies();
  for (const segment_entry &entry : table.segments) {
    const segment_view rows = entry.rows->view();
    derived_layouts &layouts = entry.rows->layouts();
    const search_shape now{rows.size,    rows.words, rows.planes.planes != nullptr,
                           rows.buckets, n_queries,  max_distance};
    const layout_budget budget(snapshot, policies.max_bytes);
    try {
      if (!now.has_planes && may_have_planes(rows, policies.planes) && budget.allows(plane_bytes(rows))) {
        search_shape then = now;
        then.has_planes = true;
        const double paid = layouts.pay_for_planes(gain_of(device, now, then));
        if (policies.planes == layout_policy::always || paid > planes_price * static_cast<double>(rows.size)) {
          layouts.make_planes(rows, threads, derived_layouts::if_busy::go_on);
        }
      }
      if (now.buckets != nullptr || !may_have_buckets(rows, policies.buckets)) {
        continue;
      }
      if (const bucket_layout wanted = plan_buckets(rows.size, rows.words); budget.allows(bucket_bytes(wanted))) {
        search_shape then = now;
        then.buckets = &wanted;
        const double price = buckets_price_of_table * wanted.tables * static_cast<double>(rows.size);
        const double paid = layouts.pay_for_buckets(gain_of(device, now, then));
        if (policies.buckets == layout_policy::always || paid > price) {
          layouts.make_buckets(rows, threads, derived_layouts::if_busy::go_on);
        }
      }
    } catch (const std::bad_alloc &) {
      // The search goes on with what there is.
    }
  }
}

}  // namespace libmatch::detail
