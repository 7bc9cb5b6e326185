// What the chunks of a PNG say, read without libpng: before it runs, the size is known to be within the limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace libmatch::detail {

inline constexpr std::size_t png_signature_size_bytes = 8;

struct png_chunk {
  std::size_t offset = 0;  // of its length, in the file
  std::string_view type;
  std::span<const std::uint8_t> data;
};

// The chunk at `position`, which moves behind it. False when no whole chunk is there.
bool next_png_chunk(std::span<const std::uint8_t> file, std::size_t &position, png_chunk &chunk);
// LM_SCAN_DAMAGED when it is wrong.
void check_png_checksum(const png_chunk &chunk);

struct png_chunks {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool is_animated = false;        // acTL is there
  std::uint32_t frames = 1;        // of an APNG: those that acTL announces
  bool picture_is_beside = false;  // it is not the first frame of the animation
  std::span<const std::uint8_t> exif;
  std::string cut_off;  // which chunk reaches over the end of the file; "" when none does
};

// file begins with the PNG signature. Throws scan_failure when IHDR is not there, for Apple's variety (CgBI), and
// when the checksum of a chunk is wrong that decides the picture and that libpng would pass over with a warning.
png_chunks read_png_chunks(std::span<const std::uint8_t> file);

}  // namespace libmatch::detail
