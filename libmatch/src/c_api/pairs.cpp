// The pairs of near codes of an index.
#include <memory>
#include <utility>
#include <vector>

#include "c_api/guard.h"
#include "c_api/handles.h"
#include "core/hashes.h"
#include "core/search_result.h"
#include "index/index.h"

using namespace libmatch::detail;

// Holds the snapshot that was searched, for labels.
struct lm_pairs {
  std::shared_ptr<const index_snapshot> snapshot;
  pair_result result;
  lm_pairs_data data;

  const char *label(const row_location &place) const {
    return snapshot->tables[0].segments[place.segment].rows->label(place.row).data();
  }
};

const lm_pairs_data *lm_pairs_view(const lm_pairs *pairs) { return pairs != nullptr ? &pairs->data : nullptr; }

lm_status lm_pairs_labels(const lm_pairs *pairs, size_t i, const char **out_first, const char **out_second) {
  return guarded([&] {
    require_handle(pairs, "pairs");
    require(i < pairs->data.size, "i", "no pair of these");
    if (out_first != nullptr) {
      *out_first = pairs->label(pairs->result.first_locations[i]);
    }
    if (out_second != nullptr) {
      *out_second = pairs->label(pairs->result.second_locations[i]);
    }
  });
}

void lm_pairs_free(lm_pairs *pairs) { delete pairs; }

lm_status lm_index_search_pairs(const lm_index *index, lm_context *context, uint32_t max_distance,
                                const lm_progress *progress, lm_pairs **out_pairs) {
  return guarded([&] {
    require_handle(index, "index");
    require_handle(context, "context");
    require_handle(out_pairs, "out_pairs");
    if (describe(index->codes.description().hash)->compared_by != metric::hamming) {
      fail(LM_ERROR_UNSUPPORTED, "pairs are searched among codes, not among vectors");
    }
    auto pairs = std::make_unique<lm_pairs>();
    pairs->snapshot = index->state().snapshot;
    const std::vector<segment_view> views = pairs->snapshot->tables[0].views();
    pairs->result = context->device->search_pairs(views, max_distance, *context->threads, progress);
    const pair_result &found = pairs->result;
    pairs->data = {found.distances.size(), found.first_ids.data(), found.second_ids.data(), found.distances.data()};
    *out_pairs = pairs.release();
  });
}
