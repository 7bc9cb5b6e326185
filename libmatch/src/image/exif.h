// The orientation that a camera noted: tag 0x0112 in the first directory of an Exif (TIFF) block.
#pragma once

#include <cstdint>
#include <span>

namespace libmatch::detail {

// exif: the block, with or without the "Exif\0\0" that JPEG puts before it. 1 to 8; 1 (upright) when the block is
// damaged, says nothing, or says something else: a hint that cannot be read does not make the pixels unreadable.
int exif_orientation(std::span<const std::uint8_t> exif) noexcept;

}  // namespace libmatch::detail
