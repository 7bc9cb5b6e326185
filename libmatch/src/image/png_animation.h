// APNG: what stands behind and around the picture of a PNG, frame by frame.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "image/image_writer.h"
#include "image/png_chunks.h"

namespace libmatch::detail {

// Gives the frames of the animation but the one that is the picture itself, which was given before.
void give_png_animation(std::span<const std::uint8_t> file, const png_chunks &chunks, int orientation,
                        image_writer &writer);

// The picture of a PNG as RGBA8. Its header has passed the limits. Throws scan_failure.
std::unique_ptr<std::uint8_t[]> decode_png_rgba(std::span<const std::uint8_t> stream);

}  // namespace libmatch::detail
