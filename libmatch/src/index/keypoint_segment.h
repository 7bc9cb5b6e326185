// Immutable segments of references with keypoints, in memory of their own or mapped from a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "core/identity.h"
#include "core/keypoint_codes.h"
#include "hash/keypoints.h"
#include "index/keypoint_layout.h"

namespace libmatch::detail {

static_assert(sizeof(keypoint) == 6 && alignof(keypoint) == 2, "points are stored as they are in memory");

// What made the points and codes of an index file: another number, and they do not compare.
inline constexpr std::uint32_t keypoint_extraction = 1;

// What may be stored of one reference.
inline constexpr std::size_t max_points_of_set = 65535;
inline constexpr std::size_t max_signature_bytes = 4096;
inline constexpr std::uint16_t max_plane_side = 4096;

// Pixels of the plane that the points are on.
struct stored_plane_size {
  std::uint16_t width;
  std::uint16_t height;
};

// One reference of a segment; the arrays are the segment's. Of a mapped file the content may be anything, the sizes
// fit each other.
struct keypoint_reference {
  std::int64_t id = 0;
  stored_plane_size plane{};
  std::span<const keypoint> points;
  std::span<const std::uint64_t> codes;     // keypoint_code_words a point
  std::span<const std::uint8_t> signature;  // empty when the index holds none
};

// The arrays are borrowed from `storage`, which keeps them alive: vectors, or a mapped file.
class keypoint_segment {
 public:
  struct arrays {
    std::span<const std::int64_t> ids;          // size
    std::span<const std::uint32_t> starts;      // size + 1 places in points
    std::span<const stored_plane_size> planes;  // size
    std::span<const keypoint> points;           // of one reference after the other
    std::span<const std::uint64_t> codes;       // keypoint_code_words a point
    std::span<const std::uint8_t> signatures;   // size x signature_bytes
  };

  keypoint_segment(std::size_t signature_bytes, const arrays &data, std::shared_ptr<const void> storage)
      : signature_bytes_(signature_bytes), data_(data), storage_(std::move(storage)) {}

  std::size_t size() const noexcept { return data_.ids.size(); }  // references
  std::size_t points() const noexcept { return data_.points.size(); }
  std::size_t signature_bytes() const noexcept { return signature_bytes_; }
  const arrays &data() const noexcept { return data_; }
  keypoint_reference reference(std::size_t r) const noexcept;
  std::size_t memory_bytes() const noexcept;

  // All references, with the tables when they were made.
  keypoint_codes view() const noexcept;
  derived_keypoint_tables &tables() const noexcept { return tables_; }

 private:
  std::size_t signature_bytes_;
  arrays data_;
  std::shared_ptr<const void> storage_;
  identity identity_;
  mutable derived_keypoint_tables tables_;  // say no more than the codes do
};

// A segment and which of its references are removed; both shared by the snapshots that hold them.
struct keypoint_entry {
  std::shared_ptr<const keypoint_segment> references;
  std::shared_ptr<const std::vector<std::uint64_t>> removed;         // a bit a reference; null: none
  std::shared_ptr<const std::vector<std::uint64_t>> removed_points;  // a bit a point, those of them
  std::size_t removed_count = 0;
  std::size_t removed_point_count = 0;
  std::uint64_t removed_identity = 0;  // of the points' bits, which never change either

  std::size_t live() const noexcept { return references->size() - removed_count; }
  std::size_t live_points() const noexcept { return references->points() - removed_point_count; }
  bool is_removed(std::size_t r) const noexcept {
    return removed != nullptr && (((*removed)[r >> 6] >> (r & 63)) & 1U) != 0;
  }
  keypoint_codes view() const noexcept {
    keypoint_codes all = references->view();
    all.removed = removed_points ? removed_points->data() : nullptr;
    all.removed_identity = removed_identity;
    return all;
  }
};

// All references with keypoints, in the order of their adding. An id may have several: of the frames of a file, say.
struct keypoint_table {
  std::vector<keypoint_entry> segments;

  std::size_t live() const noexcept;
  std::size_t live_points() const noexcept;
  std::size_t signature_bytes() const noexcept;  // 0 while there is no segment
  std::size_t memory_bytes() const noexcept;     // with the tables
  std::size_t layout_bytes() const noexcept;     // of the tables
  std::vector<keypoint_codes> views() const;
};

// Collects references, then freezes them into a segment that owns its arrays.
class keypoint_builder {
 public:
  keypoint_builder(std::size_t signature_bytes, std::size_t expected_references, std::size_t expected_points);

  // The signature has signature_bytes, the codes fit the points, of which there is at least one.
  void append(const keypoint_reference &reference);
  // Spends the builder.
  std::shared_ptr<const keypoint_segment> finish();

 private:
  struct owned_arrays;

  std::size_t signature_bytes_;
  std::shared_ptr<owned_arrays> arrays_;
};

// The live references of some segments in one, one segment's behind the other's.
keypoint_entry merge_keypoints(std::span<const keypoint_entry> entries);

}  // namespace libmatch::detail
