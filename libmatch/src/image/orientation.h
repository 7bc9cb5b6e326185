// Turning decoded pixels upright.
#pragma once

#include "image/decode.h"

namespace libmatch::detail {

// Turns image.rgb by image.exif_orientation (1 to 8) and swaps the sides where that lies it on its side. The mirrored
// and the half-turned ones are turned in place; quarter turns take a second buffer of the same size.
void turn_upright(decoded_image &image);

}  // namespace libmatch::detail
