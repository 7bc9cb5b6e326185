// What matching is given of an upload, and what it says of it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/entry_origin.h"
#include "hash/keypoints.h"
#include "libmatch/libmatch.h"

namespace libmatch::detail {

// A part of an image, in fractions of its width and height.
struct image_part {
  float x = 0, y = 0, width = 1, height = 1;
};

// One image of an upload, or what a border of one frames.
struct upload_image {
  std::uint32_t frame;
  bool trimmed;
  image_part part;  // of the image, that the codes are of
  std::uint8_t quality;
  std::span<const std::uint8_t> codes;  // of the index's width, by LM_ORIENTATION_...: the plain one, or all eight
  const keypoint_set *keypoints;        // of a query; null where there are none
};

// One upload as the scan left it. Digests lie in the order of `match_request::digests`.
struct scanned_upload {
  lm_scan scan;             // not LM_SCAN_OK: `images` holds what could be scanned all the same
  std::string_view reason;  // "" when scanned
  std::vector<upload_image> images;
  std::vector<const std::uint8_t *> digests;  // empty when the bytes could not be read
};

struct match_request {
  std::uint32_t max_distance;
  std::uint32_t review_distance;  // up to max_distance: none
  std::uint32_t min_quality;
  std::vector<lm_hash> digests;
};

struct upload_match {
  static constexpr std::size_t no_table = static_cast<std::size_t>(-1);

  lm_hash hash;
  std::int64_t id;
  std::uint32_t distance;
  std::string label;
  lm_match_detail detail;
  std::size_t table = no_table;  // in index_snapshot::tables; keypoints have no row
  row_location place{};
  entry_origin origin{};
  bool is_overruled = false;  // by an entry of another list
  bool is_dropped = false;    // while the lists are asked
};

struct upload_verdict {
  lm_verdict verdict = LM_VERDICT_NO_MATCH;
  std::string reason;
  std::string list_reason;            // what lists say against each other; "" where they do not
  bool is_known_harmless = false;     // the bytes of the file are
  bool is_degenerate = false;         // a list says so of the codes of all images that were looked up
  std::vector<upload_match> matches;  // each entry once, best first as lm_verdicts_data has it
};

}  // namespace libmatch::detail
