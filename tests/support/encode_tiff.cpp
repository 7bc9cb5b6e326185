#include <tiffio.h>

#include <algorithm>
#include <cstring>

#include "support/encoded_images.h"

namespace libmatch::test {

namespace {

constexpr std::uint32_t tile_side = 16;

struct output {
  bytes file;
  std::size_t position = 0;
};

tmsize_t read_bytes(thandle_t handle, void *data, tmsize_t size) {
  output &to = *static_cast<output *>(handle);
  const std::size_t left = to.file.size() - std::min(to.position, to.file.size());
  const std::size_t count = std::min(left, static_cast<std::size_t>(size));
  std::copy_n(to.file.data() + to.position, count, static_cast<std::uint8_t *>(data));
  to.position += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t write_bytes(thandle_t handle, void *data, tmsize_t size) {
  output &to = *static_cast<output *>(handle);
  const auto count = static_cast<std::size_t>(size);
  to.file.resize(std::max(to.file.size(), to.position + count));
  std::copy_n(static_cast<const std::uint8_t *>(data), count, to.file.data() + to.position);
  to.position += count;
  return size;
}

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  output &to = *static_cast<output *>(handle);
  to.position = static_cast<std::size_t>(offset) + (whence == SEEK_CUR   ? to.position
                                                    : whence == SEEK_END ? to.file.size()
                                                                         : 0);
  return to.position;
}

int close_nothing(thandle_t /*handle*/) { return 0; }
toff_t size_of(thandle_t handle) { return static_cast<output *>(handle)->file.size(); }

void set_tags(TIFF *tiff, const tiff_page &page) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, page.width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, page.height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, page.bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, page.channels);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, page.compression);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, page.photometric);
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, page.orientation);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, page.planes ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  if (page.tiled) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, tile_side);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, tile_side);
  } else {
    // Strips of JPEG have whole blocks of rows.
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, page.compression == COMPRESSION_JPEG ? tile_side : page.rows_per_strip);
  }
  if (page.extra_sample >= 0) {
    const std::uint16_t kind[] = {static_cast<std::uint16_t>(page.extra_sample)};
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, kind);
  }
  if (page.photometric == PHOTOMETRIC_YCBCR) {
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);  // converts what it is given
  }
  if (!page.palette.empty()) {
    std::vector<std::uint16_t> colors[3];
    for (const auto &color : page.palette) {
      for (std::size_t i = 0; i < 3; ++i) {
        colors[i].push_back(static_cast<std::uint16_t>(color[i] * 257));
      }
    }
    TIFFSetField(tiff, TIFFTAG_COLORMAP, colors[0].data(), colors[1].data(), colors[2].data());
  }
}

// n samples from `at` on, every step-th, as the file holds them but for the byte order of 16 bits, which is the
// machine's.
bytes packed(const tiff_page &page, std::size_t at, std::size_t n, std::size_t step) {
  bytes row;
  unsigned held = 0;
  int held_bits = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint16_t sample = page.samples[at + i * step];
    if (page.bits == 16) {
      row.push_back(0);
      row.push_back(0);
      std::memcpy(row.data() + row.size() - 2, &sample, 2);
      continue;
    }
    held = (held << static_cast<unsigned>(page.bits)) | sample;
    held_bits += page.bits;
    if (held_bits == 8) {
      row.push_back(static_cast<std::uint8_t>(held & 255U));
      held_bits = 0;
    }
  }
  if (held_bits > 0) {
    row.push_back(static_cast<std::uint8_t>((held << static_cast<unsigned>(8 - held_bits)) & 255U));
  }
  return row;
}

void write_rows(TIFF *tiff, const tiff_page &page) {
  const auto channels = static_cast<std::size_t>(page.channels);
  for (std::uint32_t plane = 0; plane < (page.planes ? channels : 1); ++plane) {
    for (std::uint32_t y = 0; y < page.height; ++y) {
      const std::size_t row = std::size_t{y} * page.width * channels;
      bytes data =
          page.planes ? packed(page, row + plane, page.width, channels) : packed(page, row, page.width * channels, 1);
      TIFFWriteScanline(tiff, data.data(), y, static_cast<std::uint16_t>(plane));
    }
  }
}

// 8 or 16 bits, not in planes.
void write_tiles(TIFF *tiff, const tiff_page &page) {
  const auto channels = static_cast<std::size_t>(page.channels);
  const std::size_t row_size_bytes = tile_side * channels * static_cast<std::size_t>(page.bits) / 8;
  for (std::uint32_t top = 0; top < page.height; top += tile_side) {
    for (std::uint32_t left = 0; left < page.width; left += tile_side) {
      bytes tile(row_size_bytes * tile_side, 0);
      for (std::uint32_t y = top; y < std::min(top + tile_side, page.height); ++y) {
        const std::size_t columns = std::min(tile_side, page.width - left);
        const bytes row = packed(page, (std::size_t{y} * page.width + left) * channels, columns * channels, 1);
        std::copy(row.begin(), row.end(), tile.begin() + static_cast<std::ptrdiff_t>((y - top) * row_size_bytes));
      }
      TIFFWriteTile(tiff, tile.data(), left, top, 0, 0);
    }
  }
}

}  // namespace

bytes encode_tiff(const std::vector<tiff_page> &pages, const std::string &mode) {
  output to;
  TIFF *const tiff = TIFFClientOpen("test", mode.c_str(), &to, read_bytes, write_bytes, seek, close_nothing, size_of,
                                    nullptr, nullptr);
  for (const tiff_page &page : pages) {
    set_tags(tiff, page);
    if (page.tiled) {
      write_tiles(tiff, page);
    } else {
      write_rows(tiff, page);
    }
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
  return to.file;
}

}  // namespace libmatch::test
