#include "support/encoded_images.h"

namespace libmatch::test {

raster flat(std::uint32_t width, std::uint32_t height, const bytes &pixel) {
  raster picture{width, height, static_cast<std::uint32_t>(pixel.size()), {}};
  for (std::size_t i = 0; i < std::size_t{width} * height; ++i) {
    picture.samples.insert(picture.samples.end(), pixel.begin(), pixel.end());
  }
  return picture;
}

raster slopes(std::uint32_t width, std::uint32_t height, std::uint32_t channels) {
  raster picture{width, height, channels, {}};
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      for (std::uint32_t channel = 0; channel < channels; ++channel) {
        const std::uint32_t texture = (x * 37 + y * 91 + channel * 53) % 11;
        picture.samples.push_back(
            static_cast<std::uint8_t>((x * (3 + channel) + y * (7 - channel) + 40 * channel + texture) % 256));
      }
    }
  }
  return picture;
}

bytes exif_block(std::uint16_t orientation, bool little_endian) {
  bytes block;
  const auto u16 = [&](unsigned value) {
    const auto low = static_cast<std::uint8_t>(value & 255U);
    const auto high = static_cast<std::uint8_t>(value >> 8U);
    block.push_back(little_endian ? low : high);
    block.push_back(little_endian ? high : low);
  };
  const auto u32 = [&](unsigned value) {  // small values only
    u16(little_endian ? value : 0);
    u16(little_endian ? 0 : value);
  };
  block = little_endian ? bytes{'I', 'I'} : bytes{'M', 'M'};
  u16(42);
  u32(8);  // the directory
  u16(1);  // entries
  u16(0x0112);
  u16(3);  // SHORT
  u32(1);  // one of them
  u16(orientation);
  u16(0);
  u32(0);  // no further directory
  return block;
}

}  // namespace libmatch::test
