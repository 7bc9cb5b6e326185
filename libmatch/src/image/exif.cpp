#include "image/exif.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "image/byte_order.h"

namespace libmatch::detail {

namespace {

constexpr std::array<std::uint8_t, 6> jpeg_prefix{'E', 'x', 'i', 'f', 0, 0};
constexpr std::size_t header_size_bytes = 8;
constexpr std::size_t entry_size_bytes = 12;
constexpr std::uint32_t orientation_tag = 0x0112;
constexpr std::uint32_t type_short = 3;

}  // namespace

int exif_orientation(std::span<const std::uint8_t> exif) noexcept {
  if (exif.size() >= jpeg_prefix.size() && std::equal(jpeg_prefix.begin(), jpeg_prefix.end(), exif.begin())) {
    exif = exif.subspan(jpeg_prefix.size());
  }
  if (exif.size() < header_size_bytes) {
    return 1;
  }
  const bool little_endian = exif[0] == 'I' && exif[1] == 'I';
  if (!little_endian && !(exif[0] == 'M' && exif[1] == 'M')) {
    return 1;
  }
  const auto u16 = [&](std::size_t at) {
    return little_endian ? read_u16_le(exif.data() + at) : read_u16_be(exif.data() + at);
  };
  const auto u32 = [&](std::size_t at) {
    return little_endian ? read_u32_le(exif.data() + at) : read_u32_be(exif.data() + at);
  };
  const std::size_t directory = u32(4);
  if (u16(2) != 42 || directory > exif.size() - 2) {
    return 1;
  }
  const std::size_t first_entry = directory + 2;
  const std::size_t entries = std::min<std::size_t>(u16(directory), (exif.size() - first_entry) / entry_size_bytes);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = first_entry + i * entry_size_bytes;
    if (u16(entry) == orientation_tag) {
      const std::uint32_t value = u16(entry + 8);
      const bool valid = u16(entry + 2) == type_short && u32(entry + 4) == 1 && value >= 1 && value <= 8;
      return valid ? static_cast<int>(value) : 1;
    }
  }
  return 1;
}

}  // namespace libmatch::detail
