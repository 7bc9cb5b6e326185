// What the chunks of a PNG say, read without libpng: before it runs, the size is known to be within the limits.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace libmatch::detail {

struct png_chunks {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t frames = 1;  // of an APNG: those that acTL announces
  std::span<const std::uint8_t> exif;
  std::string cut_off;  // which chunk reaches over the end of the file; "" when none does
};

// file begins with the PNG signature. Throws scan_failure when IHDR is not there, for Apple's variety (CgBI), and
// when the checksum of a chunk is wrong that decides the picture and that libpng would pass over with a warning.
png_chunks read_png_chunks(std::span<const std::uint8_t> file);

}  // namespace libmatch::detail
