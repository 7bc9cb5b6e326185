#include "image/jpeg_markers.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "image/byte_order.h"
#include "image/exif.h"

namespace libmatch::detail {

namespace {

constexpr std::uint8_t app1 = 0xE1;
constexpr std::uint8_t app2 = 0xE2;
constexpr std::uint8_t end_of_image = 0xD9;
constexpr std::uint8_t start_of_scan = 0xDA;
constexpr std::array<std::uint8_t, 6> exif_identifier{'E', 'x', 'i', 'f', 0, 0};
constexpr std::array<std::uint8_t, 4> pictures_identifier{'M', 'P', 'F', 0};

template <std::size_t n>
bool begins_with(std::span<const std::uint8_t> data, const std::array<std::uint8_t, n> &identifier) {
  return data.size() >= n && std::equal(identifier.begin(), identifier.end(), data.begin());
}

// The entries of the index: 16 bytes for each picture. Empty when there is no sense in it.
std::span<const std::uint8_t> entries_of(std::span<const std::uint8_t> index, bool little_endian) {
  constexpr std::uint32_t entries_tag = 0xB002;
  constexpr std::size_t field_size_bytes = 12;
  const auto u16 = [&](std::size_t at) {
    return little_endian ? read_u16_le(index.data() + at) : read_u16_be(index.data() + at);
  };
  const auto u32 = [&](std::size_t at) {
    return little_endian ? read_u32_le(index.data() + at) : read_u32_be(index.data() + at);
  };
  const std::size_t directory = u32(4);
  if (directory > index.size() - 2) {
    return {};
  }
  const std::size_t first_field = directory + 2;
  const std::size_t fields = std::min<std::size_t>(u16(directory), (index.size() - first_field) / field_size_bytes);
  for (std::size_t i = 0; i < fields; ++i) {
    const std::size_t field = first_field + i * field_size_bytes;
    if (u16(field) == entries_tag) {
      const std::size_t size_bytes = u32(field + 4);
      const std::size_t offset = u32(field + 8);
      return offset <= index.size() ? index.subspan(offset, std::min(size_bytes, index.size() - offset))
                                    : std::span<const std::uint8_t>();
    }
  }
  return {};
}

}  // namespace

jpeg_markers read_jpeg_markers(std::span<const std::uint8_t> picture) {
  jpeg_markers markers;
  bool has_exif = false;
  std::size_t position = 2;
  while (position + 4 <= picture.size()) {
    const std::uint8_t code = picture[position + 1];
    if (picture[position] != 0xFF || code == 0 || code == 0xFF) {
      ++position;  // fill bytes, or garbage that libjpeg skips too
      continue;
    }
    if (code == start_of_scan || code == end_of_image) {
      break;
    }
    position += 2;
    if (code == 0x01 || (code >= 0xD0 && code <= 0xD7)) {
      continue;  // no length, no data
    }
    const std::size_t length = std::max<std::size_t>(read_u16_be(picture.data() + position), 2);
    const std::span<const std::uint8_t> data =
        picture.subspan(position + 2, std::min(length, picture.size() - position) - 2);
    if (code == app1 && !has_exif && begins_with(data, exif_identifier)) {
      markers.orientation = exif_orientation(data);
      has_exif = true;
    } else if (code == app2 && markers.pictures.empty() && begins_with(data, pictures_identifier)) {
      markers.pictures = data.subspan(pictures_identifier.size());
    }
    position += length;
  }
  return markers;
}

std::vector<std::span<const std::uint8_t>> other_pictures(std::span<const std::uint8_t> file,
                                                          std::span<const std::uint8_t> index,
                                                          std::uint32_t max_pictures) {
  constexpr std::size_t header_size_bytes = 8;
  constexpr std::size_t entry_size_bytes = 16;
  std::vector<std::span<const std::uint8_t>> pictures;
  if (index.size() < header_size_bytes || (index[0] != 'I' && index[0] != 'M')) {
    return pictures;
  }
  const bool little_endian = index[0] == 'I';
  const std::span<const std::uint8_t> entries = entries_of(index, little_endian);
  const auto start_of_index = static_cast<std::size_t>(index.data() - file.data());
  for (std::size_t at = 0; at + entry_size_bytes <= entries.size() && pictures.size() < max_pictures;
       at += entry_size_bytes) {
    const std::uint8_t *const entry = entries.data() + at;
    const std::size_t size_bytes = little_endian ? read_u32_le(entry + 4) : read_u32_be(entry + 4);
    // Counted from the index; 0 is the first picture.
    const std::size_t offset = little_endian ? read_u32_le(entry + 8) : read_u32_be(entry + 8);
    const std::size_t start = start_of_index + offset;
    if (offset == 0 || start + 3 > file.size() || file[start] != 0xFF || file[start + 1] != 0xD8 ||
        file[start + 2] != 0xFF) {
      continue;
    }
    pictures.push_back(file.subspan(start, std::min(size_bytes, file.size() - start)));
  }
  return pictures;
}

}  // namespace libmatch::detail
