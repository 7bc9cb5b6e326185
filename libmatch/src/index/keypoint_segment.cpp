#include "index/keypoint_segment.h"

#include <algorithm>

#include "core/aligned_vector.h"

namespace libmatch::detail {

keypoint_reference keypoint_segment::reference(std::size_t r) const noexcept {
  // Of a mapped file nobody has verified the places.
  const std::size_t first = std::min<std::size_t>(data_.starts[r], points());
  const std::size_t last = std::clamp<std::size_t>(data_.starts[r + 1], first, points());
  return {data_.ids[r], data_.planes[r], data_.points.subspan(first, last - first),
          data_.codes.subspan(first * keypoint_code_words, (last - first) * keypoint_code_words),
          data_.signatures.subspan(r * signature_bytes_, signature_bytes_)};
}

std::size_t keypoint_segment::memory_bytes() const noexcept {
  return data_.ids.size_bytes() + data_.starts.size_bytes() + data_.planes.size_bytes() + data_.points.size_bytes() +
         data_.codes.size_bytes() + data_.signatures.size_bytes() + tables_.memory_bytes();
}

keypoint_codes keypoint_segment::view() const noexcept {
  keypoint_codes codes;
  codes.rows = data_.codes.data();
  codes.size = points();
  codes.starts = data_.starts;
  codes.tables = tables_.get();
  codes.identity = identity_.number();
  return codes;
}

std::size_t keypoint_table::live() const noexcept {
  std::size_t count = 0;
  for (const keypoint_entry &entry : segments) {
    count += entry.live();
  }
  return count;
}

std::size_t keypoint_table::live_points() const noexcept {
  std::size_t count = 0;
  for (const keypoint_entry &entry : segments) {
    count += entry.live_points();
  }
  return count;
}

std::size_t keypoint_table::signature_bytes() const noexcept {
  return segments.empty() ? 0 : segments.front().references->signature_bytes();
}

std::size_t keypoint_table::memory_bytes() const noexcept {
  std::size_t bytes = 0;
  for (const keypoint_entry &entry : segments) {
    bytes += entry.references->memory_bytes();
    for (const auto &bits : {entry.removed, entry.removed_points}) {
      bytes += bits ? bits->size() * sizeof(std::uint64_t) : 0;
    }
  }
  return bytes;
}

std::size_t keypoint_table::layout_bytes() const noexcept {
  std::size_t bytes = 0;
  for (const keypoint_entry &entry : segments) {
    bytes += entry.references->tables().memory_bytes();
  }
  return bytes;
}

std::vector<keypoint_codes> keypoint_table::views() const {
  std::vector<keypoint_codes> list;
  list.reserve(segments.size());
  for (const keypoint_entry &entry : segments) {
    list.push_back(entry.view());
  }
  return list;
}

struct keypoint_builder::owned_arrays {
  std::vector<std::int64_t> ids;
  std::vector<std::uint32_t> starts{0};
  std::vector<stored_plane_size> planes;
  std::vector<keypoint> points;
  aligned_vector<std::uint64_t> codes;
  std::vector<std::uint8_t> signatures;
};

keypoint_builder::keypoint_builder(std::size_t signature_bytes, std::size_t expected_references,
                                   std::size_t expected_points)
    : signature_bytes_(signature_bytes), arrays_(std::make_shared<owned_arrays>()) {
  arrays_->ids.reserve(expected_references);
  arrays_->starts.reserve(expected_references + 1);
  arrays_->planes.reserve(expected_references);
  arrays_->points.reserve(expected_points);
  arrays_->codes.reserve(expected_points * keypoint_code_words);
  arrays_->signatures.reserve(expected_references * signature_bytes);
}

void keypoint_builder::append(const keypoint_reference &reference) {
  owned_arrays &arrays = *arrays_;
  arrays.ids.push_back(reference.id);
  arrays.planes.push_back(reference.plane);
  arrays.points.insert(arrays.points.end(), reference.points.begin(), reference.points.end());
  arrays.codes.insert(arrays.codes.end(), reference.codes.begin(), reference.codes.end());
  arrays.signatures.insert(arrays.signatures.end(), reference.signature.begin(), reference.signature.end());
  arrays.starts.push_back(static_cast<std::uint32_t>(arrays.points.size()));
}

std::shared_ptr<const keypoint_segment> keypoint_builder::finish() {
  const owned_arrays &arrays = *arrays_;
  const keypoint_segment::arrays views{arrays.ids,    arrays.starts, arrays.planes,
                                       arrays.points, arrays.codes,  arrays.signatures};
  return std::make_shared<const keypoint_segment>(signature_bytes_, views, std::move(arrays_));
}

keypoint_entry merge_keypoints(std::span<const keypoint_entry> entries) {
  std::size_t live = 0;
  std::size_t live_points = 0;
  for (const keypoint_entry &entry : entries) {
    live += entry.live();
    live_points += entry.live_points();
  }
  keypoint_builder builder(entries.front().references->signature_bytes(), live, live_points);
  for (const keypoint_entry &entry : entries) {
    for (std::size_t r = 0; r < entry.references->size(); ++r) {
      // A mapped file that nobody verified may have a reference without points, which no file may have.
      if (!entry.is_removed(r) && !entry.references->reference(r).points.empty()) {
        builder.append(entry.references->reference(r));
      }
    }
  }
  return {builder.finish(), nullptr, nullptr, 0, 0};
}

}  // namespace libmatch::detail
