#include "match/image_tier.h"

#include <algorithm>
#include <tuple>

#include "core/aligned_vector.h"
#include "core/hashes.h"
#include "hash/orientation.h"
#include "index/bit_order.h"

namespace libmatch::detail {

namespace {

// What a row of the search's queries is a code of.
struct query_source {
  std::size_t upload;
  std::size_t image;
  int orientation;
};

struct image_queries {
  aligned_vector<std::uint64_t> rows;
  std::vector<query_source> sources;  // by upload, image, orientation
};

image_queries collect(const std::vector<scanned_upload> &uploads, const match_request &request,
                      const index_table &table) {
  const std::size_t code_size = table.bits / 8;
  image_queries queries;
  for (std::size_t u = 0; u < uploads.size(); ++u) {
    for (std::size_t i = 0; i < uploads[u].images.size(); ++i) {
      const upload_image &image = uploads[u].images[i];
      const std::size_t codes = image.quality >= request.min_quality ? image.codes.size() / code_size : 0;
      for (std::size_t c = 0; c < codes; ++c) {
        queries.sources.push_back({u, i, static_cast<int>(c)});
      }
    }
  }
  queries.rows.resize(queries.sources.size() * table.words());
  for (std::size_t q = 0; q < queries.sources.size(); ++q) {
    const query_source &source = queries.sources[q];
    const std::span<const std::uint8_t> codes = uploads[source.upload].images[source.image].codes;
    pack_rows(codes.data() + static_cast<std::size_t>(source.orientation) * code_size, 1, table.hash, table.bits,
              queries.rows.data() + q * table.words());
  }
  return queries;
}

// An entry near a query.
struct near_entry {
  row_location location;
  std::uint32_t distance;
  std::size_t query;
};

// Keeps each entry once, by its smallest distance, and of equal ones by the first query.
void keep_nearest(std::vector<near_entry> &entries) {
  const auto place = [](const near_entry &entry) { return std::tie(entry.location.segment, entry.location.row); };
  std::sort(entries.begin(), entries.end(), [&](const near_entry &a, const near_entry &b) {
    return std::tuple_cat(place(a), std::tie(a.distance, a.query)) <
           std::tuple_cat(place(b), std::tie(b.distance, b.query));
  });
  entries.erase(std::unique(entries.begin(), entries.end(),
                            [&](const near_entry &a, const near_entry &b) { return place(a) == place(b); }),
                entries.end());
}

upload_match to_match(const index_table &table, const near_entry &entry, const upload_image &image, int orientation,
                      const match_request &request) {
  const segment &rows = *table.segments[entry.location.segment].rows;
  upload_match match{table.hash,
                     rows.data().ids[entry.location.row],
                     entry.distance,
                     std::string(rows.label(entry.location.row)),
                     {},
                     0,
                     entry.location};
  match.detail.tier = LM_TIER_IMAGE;
  match.detail.verdict = entry.distance <= request.max_distance ? LM_VERDICT_MATCH : LM_VERDICT_REVIEW;
  match.detail.frame = image.frame;
  match.detail.orientation = orientation;
  match.detail.trimmed = image.trimmed ? 1 : 0;
  set_transform(image.part, orientation, match.detail.transform);
  return match;
}

}  // namespace

void set_transform(const image_part &part, int orientation, float (&transform)[6]) noexcept {
  const turn turned = turn_of(orientation);
  // u = (x - part.x) / part.width runs along the part's rows, v down its columns.
  const float u[3] = {1 / part.width, 0, -part.x / part.width};
  const float v[3] = {0, 1 / part.height, -part.y / part.height};
  const float(&along)[3] = turned.transposed ? v : u;
  const float(&down)[3] = turned.transposed ? u : v;
  for (int i = 0; i < 3; ++i) {
    const float one = i == 2 ? 1.0F : 0.0F;
    transform[i] = turned.reversed_horizontally ? one - along[i] : along[i];
    transform[3 + i] = turned.reversed_vertically ? one - down[i] : down[i];
  }
}

void add_near_codes(const std::vector<scanned_upload> &uploads, const match_request &request, const code_index &index,
                    const index_snapshot &snapshot, const backend &device, thread_pool &threads,
                    progress_meter &progress, std::vector<upload_verdict> &verdicts) {
  const index_table &table = snapshot.tables[0];
  const image_queries queries = collect(uploads, request, table);
  const std::size_t n_queries = queries.sources.size();
  const std::uint32_t distance = std::max(request.max_distance, request.review_distance);
  index.before_search(snapshot, device, n_queries, distance, threads);
  const std::vector<segment_view> views = table.views();
  const query_batch batch{queries.rows.data(), n_queries, table.words(), describe(table.hash)->compared_by};
  const search_result found = device.search_range(views, batch, distance, threads, progress);
  std::vector<near_entry> entries;
  for (std::size_t q = 0; q < n_queries;) {
    const std::size_t upload = queries.sources[q].upload;
    entries.clear();
    for (; q < n_queries && queries.sources[q].upload == upload; ++q) {
      for (auto i = static_cast<std::size_t>(found.offsets[q]); i < static_cast<std::size_t>(found.offsets[q + 1]);
           ++i) {
        entries.push_back({found.locations[i], found.distances[i], q});
      }
    }
    keep_nearest(entries);
    for (const near_entry &entry : entries) {
      const query_source &source = queries.sources[entry.query];
      verdicts[upload].matches.push_back(
          to_match(table, entry, uploads[upload].images[source.image], source.orientation, request));
    }
  }
}

}  // namespace libmatch::detail
