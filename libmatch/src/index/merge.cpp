#include "index/merge.h"

#include "index/segment_builder.h"

namespace libmatch::detail {

segment_entry merge_segments(std::span<const segment_entry> entries, bool sorted) {
  std::size_t live = 0;
  for (const segment_entry &entry : entries) {
    live += entry.live();
  }
  segment_builder builder(entries.front().rows->words(), live);
  for (const segment_entry &entry : entries) {
    const segment_view view = entry.view();
    for (std::size_t r = 0; r < view.size; ++r) {
      if (!view.is_removed(r)) {
        builder.append(entry.rows->row(r), view.ids[r], entry.rows->label(r));
      }
    }
  }
  return {builder.finish(sorted), nullptr, 0};
}

}  // namespace libmatch::detail
