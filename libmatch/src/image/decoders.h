// One decoder a format, and the checks they share. `file` begins with the format's magic; pixels are given as stored
// and the writer turns them upright.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "image/decode.h"
#include "image/failure.h"
#include "image/image_writer.h"

namespace libmatch::detail {

file_info decode_jpeg(std::span<const std::uint8_t> file, image_writer &writer);
file_info decode_png(std::span<const std::uint8_t> file, image_writer &writer);
file_info decode_webp(std::span<const std::uint8_t> file, image_writer &writer);
file_info decode_gif(std::span<const std::uint8_t> file, image_writer &writer);
file_info decode_bmp(std::span<const std::uint8_t> file, image_writer &writer);
file_info decode_tiff(std::span<const std::uint8_t> file, image_writer &writer);
file_info decode_heif(std::span<const std::uint8_t> file, image_writer &writer);

// To be called with what the header says, before memory is taken by it. LM_SCAN_LIMIT over options.max_pixels,
// LM_SCAN_DAMAGED when a side is 0.
void check_pixels(const char *format, std::uint64_t width, std::uint64_t height, const decode_options &options);
// LM_SCAN_LIMIT over options.max_frames. decode_images asks it of what a decoder returns; a decoder, where frames
// take memory before they are decoded.
void check_frames(const char *format, std::uint64_t frames, const decode_options &options);

// Room for width x height RGB8 pixels, not set: every decoder writes all of it or fails. Sizes have passed
// check_pixels and no format's sides reach 2^31, so the product fits 64 bits.
std::unique_ptr<std::uint8_t[]> new_pixels(std::uint32_t width, std::uint32_t height);

}  // namespace libmatch::detail
