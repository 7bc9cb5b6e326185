#include <png.h>
#include <zlib.h>

#include <algorithm>

#include "support/encoded_images.h"

namespace libmatch::test {

namespace {

constexpr std::size_t behind_header = 8 + 12 + 13;

void put_u32(bytes &to, std::size_t value) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    to.push_back(static_cast<std::uint8_t>((value >> shift) & 255U));
  }
}

std::size_t get_u32(const bytes &from, std::size_t at) {
  return (std::size_t{from[at]} << 24U) | (std::size_t{from[at + 1]} << 16U) | (std::size_t{from[at + 2]} << 8U) |
         from[at + 3];
}

std::size_t checksum(const std::uint8_t *data, std::size_t size) {
  return crc32(crc32(0, nullptr, 0), data, static_cast<uInt>(size));
}

void append(png_structp writer, png_bytep data, std::size_t size) {
  bytes &file = *static_cast<bytes *>(png_get_io_ptr(writer));
  file.insert(file.end(), data, data + size);
}

// One row's samples, the first in the highest bits, 16 bits big-endian.
bytes packed(const std::uint16_t *samples, std::size_t n, int bit_depth) {
  bytes row;
  unsigned held = 0;
  int held_bits = 0;
  for (std::size_t i = 0; i < n; ++i) {
    held = (held << static_cast<unsigned>(bit_depth)) | samples[i];
    held_bits += bit_depth;
    while (held_bits >= 8) {
      held_bits -= 8;
      row.push_back(static_cast<std::uint8_t>((held >> static_cast<unsigned>(held_bits)) & 255U));
    }
  }
  if (held_bits > 0) {
    row.push_back(static_cast<std::uint8_t>((held << static_cast<unsigned>(8 - held_bits)) & 255U));
  }
  return row;
}

void set_palette(png_structp writer, png_infop info, const png_settings &settings) {
  std::vector<png_color> palette;
  for (const auto &[red, green, blue] : settings.palette) {
    palette.push_back({red, green, blue});
  }
  png_set_PLTE(writer, info, palette.data(), static_cast<int>(palette.size()));
}

}  // namespace

bytes encode_png(std::uint32_t width, std::uint32_t height, const std::vector<std::uint16_t> &samples,
                 const png_settings &settings) {
  bytes file;
  // Without error functions libpng ends the program on an error, which would be a bug of the test.
  png_structp writer = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(writer);
  png_set_write_fn(writer, &file, append, nullptr);
  png_set_IHDR(writer, info, width, height, settings.bit_depth, settings.color_type,
               settings.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (!settings.palette.empty()) {
    set_palette(writer, info, settings);
  }
  png_write_info(writer, info);
  if (!settings.transparency.empty()) {
    png_write_chunk(writer, reinterpret_cast<png_const_bytep>("tRNS"), settings.transparency.data(),
                    settings.transparency.size());
  }
  const std::size_t samples_in_row = samples.size() / height;
  std::vector<bytes> rows;
  std::vector<png_bytep> row_pointers;
  for (std::size_t y = 0; y < height; ++y) {
    rows.push_back(packed(samples.data() + y * samples_in_row, samples_in_row, settings.bit_depth));
  }
  for (bytes &row : rows) {
    row_pointers.push_back(row.data());
  }
  png_write_image(writer, row_pointers.data());
  png_write_end(writer, info);
  png_destroy_write_struct(&writer, &info);
  return file;
}

bytes encode_png(const raster &picture, bool interlaced) {
  constexpr std::array<int, 5> color_types{0, 0, 4, 2, 6};  // by channels
  png_settings settings;
  settings.color_type = color_types[picture.channels];
  settings.interlaced = interlaced;
  return encode_png(picture.width, picture.height, {picture.samples.begin(), picture.samples.end()}, settings);
}

bytes png_chunk(std::string_view type, const bytes &data) {
  bytes chunk;
  put_u32(chunk, data.size());
  chunk.insert(chunk.end(), type.begin(), type.end());
  chunk.insert(chunk.end(), data.begin(), data.end());
  put_u32(chunk, checksum(chunk.data() + 4, data.size() + 4));
  return chunk;
}

namespace {

// The chunks of one type, without their frames.
std::vector<bytes> chunks_of(const bytes &png, std::string_view type) {
  std::vector<bytes> found;
  for (std::size_t position = 8; position + 12 <= png.size();) {
    const std::size_t length = get_u32(png, position);
    if (std::equal(type.begin(), type.end(), png.begin() + static_cast<std::ptrdiff_t>(position + 4))) {
      const auto data = png.begin() + static_cast<std::ptrdiff_t>(position + 8);
      found.emplace_back(data, data + static_cast<std::ptrdiff_t>(length));
    }
    position += length + 12;
  }
  return found;
}

void put(bytes &to, const bytes &from) { to.insert(to.end(), from.begin(), from.end()); }

bytes frame_control(const apng_frame &frame, std::size_t number) {
  bytes data;
  put_u32(data, number);
  put_u32(data, frame.picture.width);
  put_u32(data, frame.picture.height);
  put_u32(data, frame.left);
  put_u32(data, frame.top);
  put_u32(data, 0x00010019);  // 1/25 s
  data.push_back(static_cast<std::uint8_t>(frame.disposal));
  data.push_back(frame.blends ? 1 : 0);
  return data;
}

}  // namespace

bytes encode_apng(std::uint32_t canvas_width, std::uint32_t canvas_height, const std::vector<apng_frame> &frames,
                  const raster &beside) {
  const bool picture_is_first = beside.samples.empty();
  const bytes picture = encode_png(picture_is_first ? frames.at(0).picture : beside);
  bytes file(picture.begin(), picture.begin() + behind_header);
  bytes control;
  put_u32(control, frames.size());
  put_u32(control, 0);
  put(file, png_chunk("acTL", control));
  std::size_t number = 0;
  if (!picture_is_first) {
    put(file, png_chunk("IDAT", chunks_of(picture, "IDAT").at(0)));
  }
  for (std::size_t i = 0; i < frames.size(); ++i) {
    put(file, png_chunk("fcTL", frame_control(frames[i], number++)));
    for (const bytes &data : chunks_of(encode_png(frames[i].picture), "IDAT")) {
      if (i == 0 && picture_is_first) {
        put(file, png_chunk("IDAT", data));
      } else {
        bytes numbered;
        put_u32(numbered, number++);
        put(numbered, data);
        put(file, png_chunk("fdAT", numbered));
      }
    }
  }
  put(file, png_chunk("IEND", {}));
  // The canvas may be larger than the first picture, which is then wrong: for tests of that.
  bytes sides;
  put_u32(sides, canvas_width);
  put_u32(sides, canvas_height);
  std::copy(sides.begin(), sides.end(), file.begin() + 16);
  repair_png_checksums(file);
  return file;
}

bytes with_png_chunk(const bytes &png, std::string_view type, const bytes &data) {
  bytes file = png;
  const bytes chunk = png_chunk(type, data);
  file.insert(file.begin() + behind_header, chunk.begin(), chunk.end());
  return file;
}

void repair_png_checksums(bytes &png) {
  std::size_t position = 8;
  while (position + 12 <= png.size()) {
    const std::size_t length = get_u32(png, position);
    if (length > png.size() - position - 12) {
      return;
    }
    bytes sum;
    put_u32(sum, checksum(png.data() + position + 4, length + 4));
    std::copy(sum.begin(), sum.end(), png.begin() + static_cast<std::ptrdiff_t>(position + 8 + length));
    position += length + 12;
  }
}

}  // namespace libmatch::test
