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

// What is asked of ids, few of them, for each of the millions of rows of an index.
class few_ids {
 public:
  void insert(std::int64_t id) {
    if (place_.try_emplace(id, place_.size()).second) {
      seen_ |= bit_of(id);
    }
  }
  std::size_t size() const noexcept { return place_.size(); }
  // The number of an id, from 0 on in the order of insertion; size() where it was not inserted.
  std::size_t find(std::int64_t id) const {
    if ((seen_ & bit_of(id)) == 0) {
      return size();
    }
    const auto found = place_.find(id);
    return found != place_.end() ? found->second : size();
  }

 private:
  static std::uint64_t bit_of(std::int64_t id) noexcept {
    return std::uint64_t{1} << (static_cast<std::uint64_t>(id) * 0x9e3779b97f4a7c15U >> 58U);
  }
  std::unordered_map<std::int64_t, std::size_t> place_;
  std::uint64_t seen_ = 0;  // most other ids have another bit
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

using references = std::vector<keypoint_reference>;

std::vector<references> references_of(const few_ids &ids, const index_snapshot &snapshot) {
  std::vector<references> held(ids.size());
  for (const keypoint_entry &entry : snapshot.keypoints.segments) {
    for (std::size_t r = 0; r < entry.references->size(); ++r) {
      const std::size_t place = entry.is_removed(r) ? ids.size() : ids.find(entry.references->data().ids[r]);
      if (place != ids.size()) {
        held[place].push_back(entry.references->reference(r));
      }
    }
  }
  return held;
}

std::vector<std::size_t> count_codes(const few_ids &ids, const index_snapshot &snapshot) {
  std::vector<std::size_t> codes(ids.size());
  for (const segment_entry &entry : snapshot.tables[0].segments) {
    const segment_view view = entry.view();
    for (std::size_t r = 0; r < view.size; ++r) {
      const std::size_t place = ids.find(view.ids[r]);
      if (place != ids.size() && !view.is_removed(r)) {
        ++codes[place];
      }
    }
  }
  return codes;
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

// Whether none of an entry's signatures leaves the review standing; there has to be one.
bool is_refuted_by_all(const upload_match &match, const keypoint_set &query, const references &held) {
  return !held.empty() && std::all_of(held.begin(), held.end(), [&](const keypoint_reference &stored) {
    keypoint_set reference;
    reference.width = stored.plane.width;
    reference.height = stored.plane.height;
    reference.signature.assign(stored.signature.begin(), stored.signature.end());
    return !reference.signature.empty() &&
           refutes(verify(query, reference, to_planes(match.detail.transform, query, reference)));
  });
}

}  // namespace

void drop_refuted_reviews(const std::vector<scanned_upload> &uploads, const index_snapshot &snapshot,
                          thread_pool &threads, std::vector<upload_verdict> &verdicts) {
  const std::vector<reviewed> reviews = comparable_reviews(uploads, verdicts);
  if (reviews.empty() || snapshot.keypoints.live() == 0) {
    return;
  }
  const auto id_of = [&verdicts](const reviewed &review) { return verdicts[review.upload].matches[review.match].id; };
  few_ids ids;
  for (const reviewed &review : reviews) {
    ids.insert(id_of(review));
  }
  const std::vector<references> held = references_of(ids, snapshot);
  std::vector<std::uint8_t> is_refuted(reviews.size());
  threads.for_each(reviews.size(), [&](std::size_t i) {
    const upload_match &match = verdicts[reviews[i].upload].matches[reviews[i].match];
    is_refuted[i] = is_refuted_by_all(match, *reviews[i].query, held[ids.find(match.id)]) ? 1 : 0;
  });
  few_ids refuted_ids;
  for (std::size_t i = 0; i < reviews.size(); ++i) {
    if (is_refuted[i] != 0) {
      refuted_ids.insert(id_of(reviews[i]));
    }
  }
  if (refuted_ids.size() == 0) {
    return;
  }
  const std::vector<std::size_t> codes = count_codes(refuted_ids, snapshot);
  // From the last to the first, so that places of the others stay.
  for (std::size_t i = reviews.size(); i-- > 0;) {
    // An entry with more codes than signatures may have been near by one that has none.
    const std::int64_t id = id_of(reviews[i]);
    if (is_refuted[i] != 0 && held[ids.find(id)].size() >= codes[refuted_ids.find(id)]) {
      std::vector<upload_match> &matches = verdicts[reviews[i].upload].matches;
      matches.erase(matches.begin() + static_cast<std::ptrdiff_t>(reviews[i].match));
    }
  }
}

}  // namespace libmatch::detail
