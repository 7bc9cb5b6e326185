// BMP of Windows and OS/2, read here: Debian has no library for it. Rows are converted as they are handed on;
// run-length coded pictures are unpacked to indexes first, because their rows come from the bottom.
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "image/byte_order.h"
#include "image/decoders.h"
#include "image/formulas.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t file_header_size_bytes = 14;
constexpr std::uint32_t os2_header_size_bytes = 12;
constexpr std::uint32_t info_header_size_bytes = 40;

enum compression : std::uint32_t { uncompressed = 0, rle8 = 1, rle4 = 2, bit_fields = 3, bit_fields_with_alpha = 6 };

struct channel {
  std::uint32_t mask = 0;
  int shift = 0;
  std::uint32_t largest = 0;

  channel() = default;
  explicit channel(std::uint32_t mask_) : mask(mask_) {
    if (mask != 0) {
      shift = std::countr_zero(mask);
      largest = mask >> shift;
    }
  }
  bool has_gaps() const { return (largest & (largest + 1)) != 0; }
  // To 8 bits, rounded to nearest; `nothing` where the picture has no such channel.
  std::uint32_t of(std::uint32_t pixel, std::uint32_t nothing) const {
    if (largest == 0) {
      return nothing;
    }
    return static_cast<std::uint32_t>((std::uint64_t{(pixel & mask) >> shift} * 255 + largest / 2) / largest);
  }
};

struct bmp_picture {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool is_top_down = false;
  std::uint32_t bits = 0;
  std::uint32_t compression = uncompressed;
  std::array<std::array<std::uint8_t, 3>, 256> palette{};  // an index without a color is black
  std::array<channel, 4> channels{};                       // red, green, blue, alpha
  std::span<const std::uint8_t> data;                      // the pixels, to the end of the file
  std::size_t stride_bytes = 0;                            // of uncompressed rows
};

// The header's fields, 0 where a short one ends before.
class header_reader {
 public:
  explicit header_reader(std::span<const std::uint8_t> file)
      : header_(file.subspan(file_header_size_bytes)), size_(read_u32_le(header_.data())) {
    if (header_.size() < size_) {
      not_scanned(LM_SCAN_DAMAGED, "bmp: the file ends in its header");
    }
  }
  std::uint32_t size() const { return size_; }
  std::uint32_t u16(std::size_t at) const { return at + 2 <= size_ ? read_u16_le(header_.data() + at) : 0; }
  std::uint32_t u32(std::size_t at) const { return at + 4 <= size_ ? read_u32_le(header_.data() + at) : 0; }

 private:
  std::span<const std::uint8_t> header_;
  std::uint32_t size_;
};

void read_sides(const header_reader &header, bmp_picture &picture) {
  if (header.size() == os2_header_size_bytes) {
    picture.width = header.u16(4);
    picture.height = header.u16(6);
    picture.bits = header.u16(10);
    return;
  }
  picture.width = header.u32(4);
  picture.height = header.u32(8);
  picture.bits = header.u16(14);
  picture.compression = header.u32(16);
  if (picture.height > INT32_MAX) {
    picture.height = 0 - picture.height;  // a negative number: rows from the top
    picture.is_top_down = true;
  }
  if (picture.width > INT32_MAX) {
    not_scanned(LM_SCAN_DAMAGED, "bmp: a negative width");
  }
}

void check_variety(const header_reader &header, const bmp_picture &picture) {
  constexpr std::array<std::uint32_t, 7> depths{1, 2, 4, 8, 16, 24, 32};
  if (std::find(depths.begin(), depths.end(), picture.bits) == depths.end()) {
    not_scanned(LM_SCAN_UNSUPPORTED, "bmp: ", picture.bits, " bits a pixel");
  }
  const bool is_os2 = header.size() < info_header_size_bytes || header.size() == 64;
  bool known = false;
  switch (picture.compression) {
    case uncompressed:
      known = true;
      break;
    case rle8:
      known = picture.bits == 8 && !picture.is_top_down;
      break;
    case rle4:
      known = picture.bits == 4 && !picture.is_top_down;
      break;
    case bit_fields:
    case bit_fields_with_alpha:
      known = !is_os2 && (picture.bits == 16 || picture.bits == 32);
      break;
    default:
      break;
  }
  if (!known) {
    not_scanned(LM_SCAN_UNSUPPORTED, "bmp: compression ", picture.compression, " of ", picture.bits, " bits a pixel");
  }
}

// Returns where the palette would begin.
std::size_t read_channels(std::span<const std::uint8_t> file, const header_reader &header, bmp_picture &picture) {
  constexpr std::size_t first_mask = 40;
  std::size_t behind_header = file_header_size_bytes + header.size();
  std::array<std::uint32_t, 4> masks{0xFF0000, 0xFF00, 0xFF, 0};
  if (picture.bits == 16) {
    masks = {0x7C00, 0x3E0, 0x1F, 0};
  }
  if (picture.compression == bit_fields || picture.compression == bit_fields_with_alpha) {
    // Part of a longer header, or behind a short one.
    const bool inside = header.size() > info_header_size_bytes;
    const std::size_t n = inside ? 4 : picture.compression == bit_fields_with_alpha ? 4 : 3;
    for (std::size_t i = 0; i < masks.size(); ++i) {
      masks[i] = inside ? header.u32(first_mask + 4 * i) : 0;
    }
    if (!inside) {
      if (file.size() - behind_header < 4 * n) {
        not_scanned(LM_SCAN_DAMAGED, "bmp: the file ends in its color masks");
      }
      for (std::size_t i = 0; i < n; ++i) {
        masks[i] = read_u32_le(file.data() + behind_header + 4 * i);
      }
      behind_header += 4 * n;
    }
  }
  for (std::size_t i = 0; i < masks.size(); ++i) {
    picture.channels[i] = channel(picture.bits == 16 ? masks[i] & 0xFFFFU : masks[i]);
    if (picture.channels[i].has_gaps()) {
      not_scanned(LM_SCAN_UNSUPPORTED, "bmp: a color mask with gaps");
    }
  }
  return behind_header;
}

void read_palette(std::span<const std::uint8_t> file, const header_reader &header, std::size_t position,
                  std::size_t end, bmp_picture &picture) {
  if (picture.bits > 8) {
    return;
  }
  const std::size_t entry_size_bytes = header.size() == os2_header_size_bytes ? 3 : 4;
  std::size_t n = header.size() == os2_header_size_bytes ? 0 : header.u32(32);
  const std::size_t most = std::size_t{1} << picture.bits;
  n = n == 0 ? most : std::min(n, most);
  end = std::min(end, file.size());
  n = position < end ? std::min(n, (end - position) / entry_size_bytes) : 0;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint8_t *const entry = file.data() + position + i * entry_size_bytes;
    picture.palette[i] = {entry[2], entry[1], entry[0]};
  }
}

bmp_picture read_header(std::span<const std::uint8_t> file, const decode_options &options) {
  const header_reader header(file);
  bmp_picture picture;
  read_sides(header, picture);
  check_pixels("bmp", picture.width, picture.height, options);
  check_variety(header, picture);
  const std::size_t pixels = read_u32_le(file.data() + 10);
  const std::size_t behind_header = read_channels(file, header, picture);
  read_palette(file, header, behind_header, pixels, picture);
  if (pixels < behind_header || pixels > file.size()) {
    not_scanned(LM_SCAN_DAMAGED, "bmp: its pixels are said to be at byte ", pixels, " of ", file.size());
  }
  picture.data = file.subspan(pixels);
  const std::uint64_t row_bits = std::uint64_t{picture.width} * picture.bits;
  picture.stride_bytes = static_cast<std::size_t>((row_bits + 31) / 32 * 4);
  // The last row needs no padding.
  const std::uint64_t size_bytes = std::uint64_t{picture.height - 1} * picture.stride_bytes + (row_bits + 7) / 8;
  if (picture.compression != rle8 && picture.compression != rle4 && size_bytes > picture.data.size()) {
    not_scanned(LM_SCAN_DAMAGED, "bmp: the file ends ", size_bytes - picture.data.size(), " bytes early");
  }
  return picture;
}

// Unpacks run-length coded rows, which come from the bottom, to one index a pixel from the top. Pixels that are left
// out have index 0.
class run_reader {
 public:
  explicit run_reader(const bmp_picture &picture)
      : picture_(picture), indexes_(std::size_t{picture.width} * picture.height) {}

  std::vector<std::uint8_t> read() {
    while (position_ + 2 <= picture_.data.size()) {
      const unsigned count = picture_.data[position_];
      const unsigned value = picture_.data[position_ + 1];
      position_ += 2;
      if (count > 0) {
        for (unsigned i = 0; i < count; ++i) {
          put(picture_.bits == 8 ? value : i % 2 == 0 ? value >> 4U : value & 15U);
        }
      } else if (value == 0) {
        x_ = 0;
        ++y_;
      } else if (value == 1) {
        return std::move(indexes_);
      } else if (value == 2) {
        move();
      } else {
        copy(value);
      }
    }
    if (y_ + 1 < picture_.height || (y_ + 1 == picture_.height && x_ < picture_.width)) {
      fail();
    }
    return std::move(indexes_);
  }

 private:
  [[noreturn]] void fail() const {
    not_scanned(LM_SCAN_DAMAGED, "bmp: its runs end or make no sense at row ", y_, " of ", picture_.height);
  }

  // What a run has beyond the end of its row is cut off, as browsers do.
  void put(unsigned index) {
    if (y_ >= picture_.height) {
      fail();
    }
    if (x_ < picture_.width) {
      indexes_[std::size_t{picture_.height - 1 - y_} * picture_.width + x_] = static_cast<std::uint8_t>(index);
      ++x_;
    }
  }

  void move() {
    if (position_ + 2 > picture_.data.size()) {
      fail();
    }
    x_ += picture_.data[position_];
    y_ += picture_.data[position_ + 1];
    position_ += 2;
    if (x_ > picture_.width || y_ > picture_.height) {
      fail();
    }
  }

  void copy(unsigned count) {
    const std::size_t size_bytes = picture_.bits == 8 ? count : (count + 1) / 2;
    if (size_bytes > picture_.data.size() - position_) {
      fail();
    }
    const std::uint8_t *const from = picture_.data.data() + position_;
    for (unsigned i = 0; i < count; ++i) {
      put(picture_.bits == 8 ? from[i] : i % 2 == 0 ? from[i / 2] >> 4U : from[i / 2] & 15U);
    }
    position_ = std::min(position_ + size_bytes + size_bytes % 2, picture_.data.size());
  }

  const bmp_picture &picture_;
  std::vector<std::uint8_t> indexes_;
  std::size_t position_ = 0;
  std::uint32_t x_ = 0;
  std::uint32_t y_ = 0;  // from the bottom
};

// Programs write an alpha channel of zeros and mean nothing by it.
bool has_alpha(const bmp_picture &picture) {
  if (picture.channels[3].mask == 0) {
    return false;
  }
  const std::size_t pixel_size_bytes = picture.bits / 8;
  for (std::uint32_t y = 0; y < picture.height; ++y) {
    const std::uint8_t *row = picture.data.data() + y * picture.stride_bytes;
    for (std::uint32_t x = 0; x < picture.width; ++x, row += pixel_size_bytes) {
      const std::uint32_t pixel = picture.bits == 16 ? read_u16_le(row) : read_u32_le(row);
      if ((pixel & picture.channels[3].mask) != 0) {
        return true;
      }
    }
  }
  return false;
}

void convert_indexes(const bmp_picture &picture, const std::uint8_t *row, std::uint8_t *rgb) {
  const std::uint32_t pixels_a_byte = 8 / picture.bits;
  const unsigned mask = (1U << picture.bits) - 1;
  for (std::uint32_t x = 0; x < picture.width; ++x, rgb += 3) {
    const unsigned shift = 8 - picture.bits * (x % pixels_a_byte + 1);
    std::memcpy(rgb, picture.palette[(row[x / pixels_a_byte] >> shift) & mask].data(), 3);
  }
}

void convert_channels(const bmp_picture &picture, const std::uint8_t *row, std::uint8_t *rgb) {
  const std::size_t pixel_size_bytes = picture.bits / 8;
  for (std::uint32_t x = 0; x < picture.width; ++x, row += pixel_size_bytes, rgb += 3) {
    const std::uint32_t pixel = picture.bits == 16 ? read_u16_le(row) : read_u32_le(row);
    const std::uint32_t alpha = picture.channels[3].of(pixel, 255);
    for (std::size_t i = 0; i < 3; ++i) {
      rgb[i] = over_white(picture.channels[i].of(pixel, 0), alpha);
    }
  }
}

void convert_row(const bmp_picture &picture, const std::uint8_t *row, std::uint8_t *rgb) {
  if (picture.bits <= 8) {
    convert_indexes(picture, row, rgb);
  } else if (picture.bits == 24) {
    for (std::uint32_t x = 0; x < picture.width; ++x, row += 3, rgb += 3) {
      rgb[0] = row[2];
      rgb[1] = row[1];
      rgb[2] = row[0];
    }
  } else {
    convert_channels(picture, row, rgb);
  }
}

}  // namespace

file_info decode_bmp(std::span<const std::uint8_t> file, image_writer &writer) {
  bmp_picture picture = read_header(file, writer.options());
  writer.count_pixels("bmp", picture.width, picture.height);
  std::vector<std::uint8_t> indexes;
  if (picture.compression == rle8 || picture.compression == rle4) {
    indexes = run_reader(picture).read();
    picture.bits = 8;
    picture.is_top_down = true;
    picture.data = indexes;
    picture.stride_bytes = picture.width;
  } else if (!has_alpha(picture)) {
    picture.channels[3] = channel();
  }
  writer.begin({picture.width, picture.height, 0}, 1);
  for (std::uint32_t y = 0; writer.rows_left();) {
    const image_writer::band band = writer.next_band();
    for (std::uint32_t i = 0; i < band.rows; ++i, ++y) {
      const std::size_t stored = picture.is_top_down ? y : picture.height - 1 - y;
      convert_row(picture, picture.data.data() + stored * picture.stride_bytes, band.rgb + i * writer.stride_bytes());
    }
    writer.band_filled();
  }
  writer.end();
  return {"bmp", 1, 1};
}

}  // namespace libmatch::detail
