// Uniform borders, letterboxes and pillarboxes of any colour, found in rows as they come.
//
// The rule, on luma cut to whole numbers (docs/decisions/006-tier-one.md says how it was chosen):
//  1. A side's colour is the mean of its outermost line (row or column). The deviation of a line is the root of the
//  mean
//     square difference of its pixels from that colour.
//  2. The side has a border if the outermost line deviates by at most 3, and at least two lines by no more than 2.5
//  plus
//     that; if the deviation then rises to 6 beyond this bound within 16 lines; and if it does so sharply: by 0.3 of
//     what it rises to from two lines before the edge to one behind it.
//  3. The edge is the first line, and at most the 13th, that deviates by 0.4 of the greatest deviation of those 16:
//  so
//     the ringing of JPEG beside the picture goes with the border.
//  4. A border of less than 2 lines or 1/128 of the side is none. Where less than a third of a side would be left,
//     or no line stands out, that side stays as it is.
//  5. Top and bottom first, over all columns; then left and right, over the rows that are left; then both once more.
// Images with a side of less than 32 pixels or more than 2^20, or one 16 times as long as the other,
// have no border.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/cpu_features.h"
#include "hash/border_statistics.h"
#include "hash/pdq_stream.h"

namespace libmatch::detail {

// A rectangle of an image, in pixels.
struct pixel_rectangle {
  std::uint32_t x, y, width, height;
};

class border_finder {
 public:
  border_finder(const pdq_shape &shape, instruction_set set);

  // The next `count` rows, from the top on, in groups of any size; what they sum up to does not depend on the groups.
  void rows(const std::uint8_t *pixels, std::size_t count, std::size_t stride_bytes);
  // Once all rows were given: what the borders frame, or nothing if there is none.
  std::optional<pixel_rectangle> finish() const;

 private:
  pdq_shape shape_;
  std::optional<border_statistics> statistics_;  // none for an image that is too small or too long
};

}  // namespace libmatch::detail
