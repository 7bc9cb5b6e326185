// Keypoint codes as a search sees them: a borrowed view of the references of a segment, what is asked, and what it
// yields.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/search_result.h"

namespace libmatch::detail {

// Lossy tables over the codes: table t holds every row in the bucket named by `width` bits of its code, those at
// places[t x width] and behind; the first is the lowest bit of the name. Bucket b of a table owns positions
// starts[b] .. starts[b + 1] - 1, in the order of rows. search/keypoint_tables.h says what they lose.
struct keypoint_table_layout {
  std::uint32_t tables = 0;
  std::uint32_t width = 0;                // bits of a bucket's name
  std::size_t size = 0;                   // rows
  const std::uint8_t *places = nullptr;   // tables x width
  const std::uint32_t *starts = nullptr;  // tables x (2^width + 1)
  const std::uint32_t *rows = nullptr;    // tables x size

  std::size_t buckets() const noexcept { return std::size_t{1} << width; }
  const std::uint8_t *table_places(std::uint32_t t) const noexcept { return places + std::size_t{t} * width; }
  const std::uint32_t *table_starts(std::uint32_t t) const noexcept { return starts + t * (buckets() + 1); }
  const std::uint32_t *table_rows(std::uint32_t t) const noexcept { return rows + t * size; }
};

// The codes of each reference stand side by side: reference r owns rows starts[r] .. starts[r + 1] - 1. Starts of a
// mapped file may be anything; owner_of() stays within them.
struct keypoint_codes {
  static constexpr std::uint32_t words = 4;

  const std::uint64_t *rows = nullptr;  // size x words
  std::size_t size = 0;                 // codes
  std::span<const std::uint32_t> starts;
  // A bit a row, the same for all of a reference: bit r & 63 of word r >> 6; null: none is removed.
  const std::uint64_t *removed = nullptr;
  const keypoint_table_layout *tables = nullptr;  // null where there are none
  // As in a segment_view, of rows and removed.
  std::uint64_t identity = 0;
  std::uint64_t removed_identity = 0;

  std::size_t references() const noexcept { return starts.empty() ? 0 : starts.size() - 1; }
  bool is_removed(std::size_t row) const noexcept {
    return removed != nullptr && ((removed[row >> 6] >> (row & 63)) & 1U) != 0;
  }

  // The reference that a row is of; references() when the starts name none.
  std::size_t owner_of(std::uint32_t row) const noexcept {
    const auto behind = std::upper_bound(starts.begin(), starts.end(), row);
    return behind == starts.begin() || behind == starts.end() ? references()
                                                              : static_cast<std::size_t>(behind - starts.begin()) - 1;
  }
};

// The codes of some images, or of an image and its mirror image: each is a set of its own.
struct keypoint_queries {
  const std::uint64_t *rows = nullptr;    // starts.back() x 4 words
  std::span<const std::uint32_t> starts;  // set s has codes starts[s] .. starts[s + 1] - 1

  std::size_t sets() const noexcept { return starts.empty() ? 0 : starts.size() - 1; }
  std::size_t size() const noexcept { return starts.empty() ? 0 : starts.back(); }
};

enum class keypoint_method : std::uint8_t {
  automatic,  // by tables where there are some
  exact,      // every code with every other: what the tables are measured by
};

struct keypoint_search_options {
  std::uint32_t max_distance = 32;
  // References with fewer different points in their pairs, on either side, are left out: no vote could choose them.
  std::uint32_t least_points = 4;
  // Of a query code's pairs, the nearest so many count; equal ones in the order of rows. A code that is near
  // thousands (a corner of a letter, a star on black) says nothing, and without a bound its pairs would be most of
  // all.
  std::uint32_t max_pairs_of_code = 64;
  keypoint_method method = keypoint_method::automatic;
};

// Two near codes. The points are numbers within the query's set and within the reference.
struct keypoint_pair {
  std::uint32_t query_point;
  std::uint32_t reference_point;
  std::uint32_t distance;
};

// A reference that may be in a query's image; it has pairs first_pair .. first_pair + n_pairs - 1, ordered by query
// point and reference point.
struct keypoint_candidate {
  std::uint32_t set;
  row_location reference;  // segment, and number in it
  std::size_t first_pair;
  std::size_t n_pairs;
};

// Ordered by set, segment and reference.
struct keypoint_candidates {
  std::vector<keypoint_candidate> candidates;
  std::vector<keypoint_pair> pairs;

  std::span<const keypoint_pair> pairs_of(const keypoint_candidate &candidate) const noexcept {
    return std::span(pairs).subspan(candidate.first_pair, candidate.n_pairs);
  }
};

}  // namespace libmatch::detail
