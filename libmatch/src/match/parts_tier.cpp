#include "match/parts_tier.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <unordered_map>

#include "core/aligned_vector.h"
#include "hash/orientation.h"
#include "match/part_match.h"

namespace libmatch::detail {

namespace {

// Images looked up at once: their codes, mirrored ones included, are a megabyte, and what they find stays bounded.
constexpr std::size_t images_each = 16;

struct image_source {
  std::size_t upload;
  const upload_image *image;
};

// An image and a reference that share codes.
struct candidate_pair {
  std::size_t image;  // of the group
  row_location reference;
  std::vector<point_pair> pairs;  // those of the mirror image too
};

// A reference that the vote found in an image. `verdict` is LM_VERDICT_NO_MATCH where it did not.
struct found_part {
  std::size_t upload = 0;
  std::int64_t id = 0;
  lm_match_detail detail{};
};

std::vector<image_source> images_with_keypoints(const std::vector<scanned_upload> &uploads) {
  std::vector<image_source> images;
  for (std::size_t u = 0; u < uploads.size(); ++u) {
    for (const upload_image &image : uploads[u].images) {
      if (image.keypoints != nullptr && !image.keypoints->points.empty()) {
        images.push_back({u, &image});
      }
    }
  }
  return images;
}

// Set 2 i is image i of the group, set 2 i + 1 its mirror image.
struct group_queries {
  aligned_vector<std::uint64_t> rows;
  std::vector<std::uint32_t> starts{0};
};

group_queries queries_of(std::span<const image_source> group) {
  group_queries queries;
  std::size_t words = 0;
  for (const image_source &source : group) {
    words += 2 * source.image->keypoints->codes.size();
  }
  queries.rows.reserve(words);
  for (const image_source &source : group) {
    const std::vector<std::uint64_t> &codes = source.image->keypoints->codes;
    queries.rows.insert(queries.rows.end(), codes.begin(), codes.end());
    queries.starts.push_back(static_cast<std::uint32_t>(queries.rows.size() / keypoint_code_words));
    for (std::size_t c = 0; c < codes.size(); c += keypoint_code_words) {
      const auto mirrored = mirrored_code(codes.data() + c);
      queries.rows.insert(queries.rows.end(), mirrored.begin(), mirrored.end());
    }
    queries.starts.push_back(static_cast<std::uint32_t>(queries.rows.size() / keypoint_code_words));
  }
  return queries;
}

// Brings an image's candidates and its mirror image's together. The order is that of image and reference.
std::vector<candidate_pair> join_mirrored(const keypoint_candidates &found) {
  std::vector<keypoint_candidate> ordered = found.candidates;
  const auto place = [](const keypoint_candidate &candidate) {
    return std::tuple(candidate.set / 2, candidate.reference.segment, candidate.reference.row);
  };
  std::stable_sort(ordered.begin(), ordered.end(),
                   [&](const keypoint_candidate &a, const keypoint_candidate &b) { return place(a) < place(b); });
  std::vector<candidate_pair> joined;
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    if (i == 0 || place(ordered[i]) != place(ordered[i - 1])) {
      joined.push_back({ordered[i].set / 2, ordered[i].reference, {}});
    }
    for (const keypoint_pair &pair : found.pairs_of(ordered[i])) {
      joined.back().pairs.push_back({pair.query_point, pair.reference_point, static_cast<std::uint8_t>(pair.distance),
                                     ordered[i].set % 2 != 0});
    }
  }
  return joined;
}

keypoint_set to_set(const keypoint_reference &reference) {
  keypoint_set set;
  set.width = reference.plane.width;
  set.height = reference.plane.height;
  set.points.assign(reference.points.begin(), reference.points.end());
  set.codes.assign(reference.codes.begin(), reference.codes.end());
  set.signature.assign(reference.signature.begin(), reference.signature.end());
  return set;
}

found_part examine(const candidate_pair &candidate, const image_source &source, const index_snapshot &snapshot) {
  const keypoint_segment &segment = *snapshot.keypoints.segments[candidate.reference.segment].references;
  const keypoint_reference stored = segment.reference(candidate.reference.row);
  const keypoint_set reference = to_set(stored);
  const keypoint_set &query = *source.image->keypoints;
  found_part part{source.upload, stored.id, {}};
  part.detail.verdict = LM_VERDICT_NO_MATCH;
  if (const std::optional<part_match> found = match_parts(query, reference, candidate.pairs)) {
    part.detail.verdict = found->certain ? LM_VERDICT_MATCH : LM_VERDICT_REVIEW;
    part.detail.tier = LM_TIER_PARTS;
    part.detail.frame = source.image->frame;
    part.detail.votes = found->votes;
    set_transform(found->transform, query, reference, part.detail);
  }
  return part;
}

std::vector<found_part> search_group(std::span<const image_source> group, const index_snapshot &snapshot,
                                     const backend &device, thread_pool &threads, progress_meter &progress) {
  const group_queries queries = queries_of(group);
  const std::vector<keypoint_codes> views = snapshot.keypoints.views();
  keypoint_search_options options;
  options.max_distance = keypoint_distance_max;
  const std::vector<candidate_pair> candidates = join_mirrored(
      device.search_keypoints(views, {queries.rows.data(), queries.starts}, options, threads, progress));
  std::vector<found_part> parts(candidates.size());
  threads.for_each(candidates.size(),
                   [&](std::size_t i) { parts[i] = examine(candidates[i], group[candidates[i].image], snapshot); });
  std::erase_if(parts, [](const found_part &part) { return part.detail.verdict == LM_VERDICT_NO_MATCH; });
  return parts;
}

// Keeps the strongest find of each entry of each upload, and of equal ones the first.
void keep_strongest(std::vector<found_part> &parts) {
  const auto entry = [](const found_part &part) { return std::tuple(part.upload, part.id); };
  std::stable_sort(parts.begin(), parts.end(), [&](const found_part &a, const found_part &b) {
    const auto rank = [&](const found_part &part) {
      return std::tuple_cat(entry(part), std::tuple(part.detail.verdict == LM_VERDICT_REVIEW, ~part.detail.votes));
    };
    return rank(a) < rank(b);
  });
  parts.erase(std::unique(parts.begin(), parts.end(),
                          [&](const found_part &a, const found_part &b) { return entry(a) == entry(b); }),
              parts.end());
}

// The labels of the first codes that carry these ids.
std::unordered_map<std::int64_t, std::string> labels_of(const std::vector<found_part> &parts,
                                                        const index_table &table) {
  std::unordered_map<std::int64_t, std::string> labels;
  for (const found_part &part : parts) {
    labels.try_emplace(part.id);
  }
  for (const segment_entry &entry : labels.empty() ? std::vector<segment_entry>() : table.segments) {
    const segment_view view = entry.view();
    for (std::size_t r = 0; r < view.size; ++r) {
      const auto place = view.is_removed(r) ? labels.end() : labels.find(view.ids[r]);
      if (place != labels.end() && place->second.empty()) {
        place->second = entry.rows->label(r);
      }
    }
  }
  return labels;
}

}  // namespace

bool holds_keypoints(const index_snapshot &snapshot) noexcept { return snapshot.keypoints.live() > 0; }

void set_transform(const plane_transform &found, const keypoint_set &query, const keypoint_set &reference,
                   lm_match_detail &detail) noexcept {
  const double from[3] = {static_cast<double>(query.width), static_cast<double>(query.height), 1};
  for (std::size_t i = 0; i < 6; ++i) {
    detail.transform[i] = static_cast<float>(found[i] * from[i % 3] / (i < 3 ? reference.width : reference.height));
  }
  double best = -std::numeric_limits<double>::infinity();
  for (int orientation = 0; orientation < 8; ++orientation) {
    const turn turned = turn_of(orientation);
    const double along = turned.reversed_horizontally ? -1 : 1;
    const double down = turned.reversed_vertically ? -1 : 1;
    const double likeness =
        turned.transposed ? found[1] * along + found[3] * down : found[0] * along + found[4] * down;
    if (likeness > best) {
      best = likeness;
      detail.orientation = orientation;
    }
  }
}

void add_shared_parts(const std::vector<scanned_upload> &uploads, const code_index &index,
                      const index_snapshot &snapshot, const backend &device, thread_pool &threads,
                      progress_meter &progress, std::vector<upload_verdict> &verdicts) {
  const std::vector<image_source> images = images_with_keypoints(uploads);
  if (images.empty() || !holds_keypoints(snapshot)) {
    return;
  }
  index.before_keypoint_search(snapshot, threads);
  std::vector<found_part> parts;
  for (std::size_t begin = 0; begin < images.size(); begin += images_each) {
    const std::size_t size = std::min(images_each, images.size() - begin);
    const std::vector<found_part> more =
        search_group(std::span(images).subspan(begin, size), snapshot, device, threads, progress);
    parts.insert(parts.end(), more.begin(), more.end());
  }
  keep_strongest(parts);
  const auto labels = labels_of(parts, snapshot.tables[0]);
  for (const found_part &part : parts) {
    std::vector<upload_match> &matches = verdicts[part.upload].matches;
    const auto known = std::find_if(matches.begin(), matches.end(), [&](const upload_match &match) {
      return match.id == part.id && match.detail.tier == LM_TIER_IMAGE;
    });
    if (known == matches.end()) {
      matches.push_back({snapshot.tables[0].hash, part.id, std::numeric_limits<std::uint32_t>::max(),
                         labels.at(part.id), part.detail});
    } else if (known->detail.verdict == LM_VERDICT_REVIEW && part.detail.verdict == LM_VERDICT_MATCH) {
      known->detail = part.detail;
    }
  }
}

}  // namespace libmatch::detail
