// Tables that make a million references of keypoints practical: a query looks up a few thousandths of the codes and
// compares them whole. Unlike multi-index hashing (search/buckets.h) they lose some of the far pairs; a vote among
// many pairs bears that. docs/decisions/008-keypoint-index.md has the loss.
//
// Each table names its buckets by some twenty bits of the codes, different ones in every table. A query asks, in each
// table, for its own bucket and for those whose names differ in one bit. So a pair is lost when its two codes differ
// in two or more of the bits of every table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/aligned_vector.h"
#include "core/keypoint_codes.h"
#include "core/parallel.h"
#include "distance/kernels.h"

namespace libmatch::detail {

// Of a bucket that holds more rows than this, the first are compared: codes that so many points have (flat patches,
// halftones, a template) tell references apart no longer, and of near-copies of one image the first are found by all
// their points.
inline constexpr std::uint32_t max_rows_of_bucket = 256;
// A query code asks for no further buckets once it has so many candidates; exact names are asked for first.
inline constexpr std::uint32_t max_candidates_of_code = 8192;

// How many tables of which width suit so many codes; arrays are null.
keypoint_table_layout plan_keypoint_tables(std::size_t n_codes) noexcept;
// Whether they pay: a short list is compared whole, which loses nothing.
bool keypoint_tables_pay(std::size_t n_codes) noexcept;
// Bytes that tables of this shape take.
std::size_t keypoint_table_bytes(const keypoint_table_layout &layout) noexcept;

struct owned_keypoint_tables {
  keypoint_table_layout layout;
  std::vector<std::uint8_t> places;
  aligned_vector<std::uint32_t> starts;
  aligned_vector<std::uint32_t> rows;
};

// Makes the tables of plan_keypoint_tables; a task a table. The same codes always give the same tables.
owned_keypoint_tables build_keypoint_tables(const std::uint64_t *rows, std::size_t n_codes, thread_pool &threads);

// The name of a code's bucket in table t: the definition.
std::uint32_t keypoint_bucket_of(const keypoint_table_layout &layout, const std::uint64_t *code,
                                 std::uint32_t t) noexcept;

struct keypoint_hit {
  std::uint32_t query;
  std::uint32_t distance;
  std::uint32_t row;
};

// Orders the hits of one query, nearest first, and keeps the nearest `most`; of one row one.
void keep_nearest(std::vector<keypoint_hit> &hits, std::size_t first, std::size_t most);

// Appends the live codes within max_distance of queries first .. last - 1 that the tables find: the nearest
// max_pairs_of_code of each query, by query, distance and row.
void look_up_keypoints(const keypoint_codes &codes, const std::uint64_t *queries, std::size_t first, std::size_t last,
                       const keypoint_search_options &options, const distance_kernels &kernels,
                       std::vector<keypoint_hit> &hits);

}  // namespace libmatch::detail
