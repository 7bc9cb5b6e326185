// HEIC, AVIF and their relatives.
#pragma once

#include <cstdint>
#include <span>

#include "image/heif_library.h"
#include "image/image_writer.h"

namespace libmatch::detail {

// decode_heif with the library given.
file_info decode_heif_by(const heif_library &heif, std::span<const std::uint8_t> file, image_writer &writer);

}  // namespace libmatch::detail
