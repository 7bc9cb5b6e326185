#include "match/refuted_reviews.h"

#include <algorithm>
#include <unordered_map>

#include "match/verification.h"

namespace libmatch::detail {

namespace {

struct reviewed {
  std::size_t upload;
  std::size_t match;
  const keypoint_set *query;
};

// What an index holds under one id.
struct held_entry {
  std::size_t codes = 0;
  std::vector<keypoint_reference> references;
};

bool is_review(const upload_match &match) {
  return match.detail.tier == LM_TIER_IMAGE && match.detail.verdict == LM_VERDICT_REVIEW;
}

// The image that a match is about, whether or not the code is of what its border frames.
const keypoint_set *view_of(const scanned_upload &upload, const upload_match &match) {
  for (const upload_image &image : upload.images) {
    if (image.frame == match.detail.frame && image.keypoints != nullptr && !image.keypoints->view.pixels.empty()) {
      return image.keypoints;
    }
  }
  return nullptr;
}

std::vector<reviewed> comparable_reviews(const std::vector<scanned_upload> &uploads,
                                         const std::vector<upload_verdict> &verdicts) {
  std::vector<reviewed> reviews;
  for (std::size_t u = 0; u < uploads.size(); ++u) {
    for (std::size_t m = 0; m < verdicts[u].matches.size(); ++m) {
      const upload_match &match = verdicts[u].matches[m];
      const keypoint_set *query = is_review(match) ? view_of(uploads[u], match) : nullptr;
      if (query != nullptr) {
        reviews.push_back({u, m, query});
      }
    }
  }
  return reviews;
}

std::unordered_map<std::int64_t, held_entry> held_of(const std::vector<reviewed> &reviews,
                                                     const std::vector<upload_verdict> &verdicts,
                                                     const index_snapshot &snapshot) {
  std::unordered_map<std::int64_t, held_entry> held;
  for (const reviewed &review : reviews) {
    held.try_emplace(verdicts[review.upload].matches[review.match].id);
  }
  for (const segment_entry &entry : snapshot.tables[0].segments) {
    const segment_view view = entry.view();
    for (std::size_t r = 0; r < view.size; ++r) {
      const auto place = view.is_removed(r) ? held.end() : held.find(view.ids[r]);
      if (place != held.end()) {
        ++place->second.codes;
      }
    }
  }
  for (const keypoint_entry &entry : snapshot.keypoints.segments) {
    for (std::size_t r = 0; r < entry.references->size(); ++r) {
      const auto place = entry.is_removed(r) ? held.end() : held.find(entry.references->data().ids[r]);
      if (place != held.end()) {
        place->second.references.push_back(entry.references->reference(r));
      }
    }
  }
  return held;
}

// From fractions of width and height to pixels of the two planes.
plane_transform to_planes(const float (&transform)[6], const keypoint_set &query, const keypoint_set &reference) {
  const double from[3] = {static_cast<double>(query.width), static_cast<double>(query.height), 1};
  plane_transform result;
  for (std::size_t i = 0; i < 6; ++i) {
    const double to = i < 3 ? reference.width : reference.height;
    result[i] = static_cast<double>(transform[i]) * to / from[i % 3];
  }
  return result;
}

// Whether any of an entry's signatures leaves the review standing.
bool stands(const upload_match &match, const keypoint_set &query, const held_entry &held) {
  return held.references.empty() || held.references.size() < held.codes ||
         std::any_of(held.references.begin(), held.references.end(), [&](const keypoint_reference &stored) {
           keypoint_set reference;
           reference.width = stored.plane.width;
           reference.height = stored.plane.height;
           reference.signature.assign(stored.signature.begin(), stored.signature.end());
           return reference.signature.empty() ||
                  !refutes(verify(query, reference, to_planes(match.detail.transform, query, reference)));
         });
}

}  // namespace

void drop_refuted_reviews(const std::vector<scanned_upload> &uploads, const index_snapshot &snapshot,
                          thread_pool &threads, std::vector<upload_verdict> &verdicts) {
  const std::vector<reviewed> reviews = comparable_reviews(uploads, verdicts);
  if (reviews.empty() || snapshot.keypoints.live() == 0) {
    return;
  }
  const auto held = held_of(reviews, verdicts, snapshot);
  std::vector<std::uint8_t> is_refuted(reviews.size());
  threads.for_each(reviews.size(), [&](std::size_t i) {
    const upload_match &match = verdicts[reviews[i].upload].matches[reviews[i].match];
    is_refuted[i] = stands(match, *reviews[i].query, held.at(match.id)) ? 0 : 1;
  });
  // From the last to the first, so that places of the others stay.
  for (std::size_t i = reviews.size(); i-- > 0;) {
    if (is_refuted[i] != 0) {
      std::vector<upload_match> &matches = verdicts[reviews[i].upload].matches;
      matches.erase(matches.begin() + static_cast<std::ptrdiff_t>(reviews[i].match));
    }
  }
}

}  // namespace libmatch::detail
