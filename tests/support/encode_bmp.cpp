#include "support/encoded_images.h"

namespace libmatch::test {

namespace {

void put(bytes &to, std::size_t value, unsigned size_bytes) {
  for (unsigned i = 0; i < size_bytes; ++i) {
    to.push_back(static_cast<std::uint8_t>((value >> (8 * i)) & 255U));
  }
}

bytes header_of(std::uint32_t width, std::uint32_t height, const bmp_settings &settings,
                std::size_t data_size_bytes) {
  bytes header;
  put(header, settings.header_size_bytes, 4);
  if (settings.header_size_bytes == 12) {
    put(header, width, 2);
    put(header, height, 2);
    put(header, 1, 2);
    put(header, settings.bits, 2);
    return header;
  }
  put(header, width, 4);
  put(header, settings.top_down ? 0 - std::size_t{height} : height, 4);
  put(header, 1, 2);
  put(header, settings.bits, 2);
  put(header, settings.compression, 4);
  put(header, data_size_bytes, 4);
  put(header, 2835, 4);
  put(header, 2835, 4);
  put(header, settings.palette.size(), 4);
  put(header, 0, 4);
  for (const std::uint32_t mask : settings.masks) {
    put(header, mask, 4);
  }
  if (settings.header_size_bytes > header.size()) {
    header.resize(settings.header_size_bytes);
  }
  return header;
}

}  // namespace

bytes encode_bmp(std::uint32_t width, std::uint32_t height, const bytes &data, const bmp_settings &settings) {
  bytes rest = header_of(width, height, settings, data.size());
  for (const auto &[red, green, blue] : settings.palette) {
    rest.insert(rest.end(), {blue, green, red});
    if (settings.header_size_bytes != 12) {
      rest.push_back(0);
    }
  }
  bytes file{'B', 'M'};
  put(file, 14 + rest.size() + data.size(), 4);
  put(file, 0, 4);
  put(file, 14 + rest.size(), 4);
  file.insert(file.end(), rest.begin(), rest.end());
  file.insert(file.end(), data.begin(), data.end());
  return file;
}

bytes bmp_rows(std::uint32_t width, std::uint32_t height, const std::vector<std::uint32_t> &values,
               const bmp_settings &settings) {
  bytes rows;
  for (std::uint32_t i = 0; i < height; ++i) {
    const std::size_t y = settings.top_down ? i : height - 1 - i;
    std::uint64_t held = 0;
    unsigned held_bits = 0;
    for (std::uint32_t x = 0; x < width; ++x) {
      const std::uint32_t value = values[y * width + x];
      if (settings.bits >= 8) {
        put(rows, value, settings.bits / 8);
        continue;
      }
      held = (held << settings.bits) | value;
      held_bits += settings.bits;
      if (held_bits == 8) {
        rows.push_back(static_cast<std::uint8_t>(held));
        held = held_bits = 0;
      }
    }
    if (held_bits > 0) {
      rows.push_back(static_cast<std::uint8_t>(held << (8 - held_bits)));
    }
    while (rows.size() % 4 != 0) {
      rows.push_back(0);
    }
  }
  return rows;
}

}  // namespace libmatch::test
