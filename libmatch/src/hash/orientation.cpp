#include "hash/orientation.h"

#include "libmatch/libmatch.h"

namespace libmatch::detail {

turn turn_of(int orientation) noexcept {
  switch (orientation) {
    case LM_ORIENTATION_ROTATE90:
      return {true, true, false};
    case LM_ORIENTATION_ROTATE180:
      return {false, true, true};
    case LM_ORIENTATION_ROTATE270:
      return {true, false, true};
    case LM_ORIENTATION_FLIP_X:
      return {false, true, false};
    case LM_ORIENTATION_FLIP_Y:
      return {false, false, true};
    case LM_ORIENTATION_FLIP_PLUS1:
      return {true, false, false};
    case LM_ORIENTATION_FLIP_MINUS1:
      return {true, true, true};
    default:
      return {false, false, false};
  }
}

}  // namespace libmatch::detail
