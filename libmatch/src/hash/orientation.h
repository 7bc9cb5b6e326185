// How the eight orientations map an image.
#pragma once

namespace libmatch::detail {

// First rows and columns may change places; then axes of the result may run backwards.
struct turn {
  bool transposed;
  bool reversed_vertically;
  bool reversed_horizontally;
};

// orientation: an LM_ORIENTATION_... value.
turn turn_of(int orientation) noexcept;

}  // namespace libmatch::detail
