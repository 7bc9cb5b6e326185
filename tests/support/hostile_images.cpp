#include "support/hostile_images.h"

#include <zlib.h>

#include <array>
#include <random>
#include <string_view>

namespace libmatch::test {

namespace {

using namespace std::string_view_literals;

bytes to_bytes(std::string_view text) { return {text.begin(), text.end()}; }

void put(bytes &file, std::string_view text) { file.insert(file.end(), text.begin(), text.end()); }
void put(bytes &file, const bytes &part) { file.insert(file.end(), part.begin(), part.end()); }

// More than 8 bytes are followed by zeros.
void put_le(bytes &file, std::uint64_t value, int n_bytes) {
  for (int i = 0; i < n_bytes; ++i) {
    file.push_back(static_cast<std::uint8_t>(value));
    value >>= 8U;
  }
}

void put_be(bytes &file, std::uint64_t value, int n_bytes) {
  for (int i = n_bytes - 1; i >= 0; --i) {
    file.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

bytes deflated_zeros(std::size_t n) {
  const bytes zeros(n);
  uLongf size = compressBound(static_cast<uLong>(n));
  bytes packed(size);
  compress2(packed.data(), &size, zeros.data(), static_cast<uLong>(n), 1);
  packed.resize(size);
  return packed;
}

bytes png_of(std::uint32_t width, std::uint32_t height, std::uint8_t depth, std::uint8_t color_type,
             const bytes &data) {
  bytes header;
  put_be(header, width, 4);
  put_be(header, height, 4);
  put(header, bytes{depth, color_type, 0, 0, 0});
  bytes file = to_bytes("\x89PNG\r\n\x1a\n"sv);
  put(file, png_chunk("IHDR", header));
  put(file, png_chunk("IDAT", data));
  put(file, png_chunk("IEND", {}));
  return file;
}

// Some 60 KB, as many pixels as the default limit allows.
bytes png_bomb() { return png_of(20000, 5000, 1, 0, deflated_zeros(std::size_t{5000} * (20000 / 8 + 1))); }

// Text that unpacks to 64 MB.
bytes png_text_bomb() {
  bytes text = to_bytes("Comment\0\0"sv);
  put(text, deflated_zeros(std::size_t{1} << 26U));
  bytes file = png_of(8, 8, 1, 0, deflated_zeros(16));
  const bytes chunk = png_chunk("zTXt", text);
  constexpr std::ptrdiff_t behind_header = 33;
  file.insert(file.begin() + behind_header, chunk.begin(), chunk.end());
  return file;
}

bytes jpeg_of(std::uint16_t width, std::uint16_t height, std::uint8_t frame_marker) {
  bytes file{0xFF, 0xD8, 0xFF, frame_marker, 0, 17, 8};
  put_be(file, height, 2);
  put_be(file, width, 2);
  put(file, bytes{3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0});
  put(file, bytes{0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0});
  return file;
}

// A scan of one component after the other, and then the last of them again and again.
bytes jpeg_of_many_scans() {
  bytes file = encode_jpeg(flat(2000, 1500, {90, 90, 90}), {.separate_scans = true});
  // From the last start of a scan to the end marker.
  std::size_t scan = file.size() - 2;
  while (file[scan] != 0xFF || file[scan + 1] != 0xDA) {
    --scan;
  }
  const bytes again(file.begin() + static_cast<std::ptrdiff_t>(scan), file.end() - 2);
  file.resize(file.size() - 2);
  for (int i = 0; i < 1000 && file.size() < (std::size_t{1} << 24U); ++i) {
    put(file, again);
  }
  put(file, bytes{0xFF, 0xD9});
  return file;
}

bytes gif_header(std::uint16_t width, std::uint16_t height) {
  bytes file = to_bytes("GIF89a"sv);
  put_le(file, width, 2);
  put_le(file, height, 2);
  put(file, bytes{0x80, 0, 0, 0, 0, 0, 255, 255, 255});
  return file;
}

// A frame of one pixel, 15 bytes.
const bytes gif_dot{',', 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0};

// Frames on a large canvas, and no end.
bytes endless_gif(std::uint16_t side, std::size_t frames) {
  bytes file = gif_header(side, side);
  for (std::size_t i = 0; i < frames; ++i) {
    // Restore what was before: the dearest way to lay a frame over others.
    put(file, bytes{'!', 0xF9, 4, 0x0C, 0, 0, 0, 0});
    put(file, gif_dot);
  }
  return file;
}

bytes gif_of_comments() {
  bytes file = gif_header(100, 100);
  for (int i = 0; i < 300000; ++i) {
    put(file, bytes{'!', 0xFE, 1, 'x', 0});
  }
  return file;
}

struct tiff_entry {
  std::uint16_t tag, type;
  std::uint32_t count, value;
};

bytes tiff_of(const std::vector<tiff_entry> &entries, std::uint32_t next) {
  bytes file = to_bytes("II*\0\x08\0\0\0"sv);
  put_le(file, entries.size(), 2);
  for (const tiff_entry &entry : entries) {
    put_le(file, entry.tag, 2);
    put_le(file, entry.type, 2);
    put_le(file, entry.count, 4);
    put_le(file, entry.value, 4);
  }
  put_le(file, next, 4);
  return file;
}

std::vector<tiff_entry> tiff_picture(std::uint32_t width, std::uint32_t height, std::uint32_t data_size) {
  return {{256, 4, 1, width}, {257, 4, 1, height}, {258, 3, 1, 8},      {259, 3, 1, 1},
          {262, 3, 1, 1},     {273, 4, 1, 8},      {278, 4, 1, height}, {279, 4, 1, data_size}};
}

// Its directory is followed by itself, and is below itself.
bytes recursive_tiff() {
  std::vector<tiff_entry> entries = tiff_picture(8, 8, 64);
  entries.push_back({330, 4, 1, 8});
  return tiff_of(entries, 8);
}

// Two directories, each followed by the other.
bytes circular_tiff() {
  bytes file = tiff_of(tiff_picture(8, 8, 64), 0);
  const std::size_t second = file.size();
  bytes other = tiff_of(tiff_picture(8, 8, 64), 8);
  file.resize(second - 4);
  put_le(file, second, 4);
  file.insert(file.end(), other.begin() + 8, other.end());
  return file;
}

bytes webp_of(std::string_view chunk, const bytes &data, std::uint64_t claimed) {
  bytes file = to_bytes("RIFF"sv);
  put_le(file, claimed, 4);
  put(file, "WEBP"sv);
  put(file, chunk);
  put_le(file, claimed - 12, 4);
  put(file, data);
  return file;
}

bytes bmp_of(std::uint32_t width, std::uint32_t height) {
  bytes file = to_bytes("BM"sv);
  put_le(file, 0x7FFFFFFF, 4);
  put_le(file, 0, 4);
  put_le(file, 54, 4);
  put_le(file, 40, 4);
  put_le(file, width, 4);
  put_le(file, height, 4);
  put_le(file, 1, 2);
  put_le(file, 24, 2);
  put_le(file, 0, 24);
  return file;
}

bytes box(std::string_view type, const bytes &content) {
  bytes file;
  put_be(file, content.size() + 8, 4);
  put(file, type);
  put(file, content);
  return file;
}

// Boxes in boxes, thousands deep; and an item that refers to itself.
bytes heic_of_nested_boxes() {
  bytes file = box("ftyp", to_bytes("heic\0\0\0\0heicmif1"sv));
  bytes nested;
  for (int i = 0; i < 3000; ++i) {
    nested = box("iprp", nested);
  }
  bytes meta{0, 0, 0, 0};
  put(meta, nested);
  put(file, box("meta", meta));
  return file;
}

bytes heic_that_claims_much() {
  bytes file = box("ftyp", to_bytes("heic\0\0\0\0heicmif1"sv));
  put_be(file, 0x7FFFFFFF, 4);
  put(file, "meta\0\0\0\0"sv);
  return file;
}

constexpr std::array magics{
    "\xff\xd8\xff\xe0"sv,
    "\xff\xd8\xff\xdb"sv,
    "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"sv,
    "RIFF\0\x10\0\0WEBPVP8 "sv,
    "RIFF\0\x10\0\0WEBPVP8L"sv,
    "RIFF\0\x10\0\0WEBPVP8X"sv,
    "GIF87a"sv,
    "GIF89a"sv,
    "II*\0\x08\0\0\0"sv,
    "MM\0*\0\0\0\x08"sv,
    "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"sv,
    "\0\0\0\x18"
    "ftypheic\0\0\0\0heicmif1"sv,
    "\0\0\0\x18"
    "ftypavif\0\0\0\0avifmif1"sv,
};

}  // namespace

std::vector<named_file> hostile_files() {
  return {
      {"bomb.png", png_bomb()},
      {"text_bomb.png", png_text_bomb()},
      {"claims_2_gb.png", png_of(26000, 26000, 8, 2, deflated_zeros(1000))},
      {"claims_all.png", png_of(0x7FFFFFFF, 0x7FFFFFFF, 16, 6, deflated_zeros(1000))},
      {"claims_2_gb.jpg", jpeg_of(26000, 26000, 0xC0)},
      {"claims_2_gb_progressive.jpg", jpeg_of(65000, 65000, 0xC2)},
      {"many_scans.jpg", jpeg_of_many_scans()},
      {"claims_2_gb.gif",
       [] {
         bytes file = gif_header(65535, 65535);
         put(file, gif_dot);
         return file;
       }()},
      {"endless.gif", endless_gif(1, 100000)},
      {"endless_large.gif", endless_gif(4000, 9000)},
      {"comments.gif", gif_of_comments()},
      {"recursive.tif", recursive_tiff()},
      {"circular.tif", circular_tiff()},
      {"claims_2_gb.tif", tiff_of(tiff_picture(46000, 46000, 0x7FFFFFFF), 0)},
      {"many_values.tif", tiff_of({{256, 4, 1, 8}, {257, 4, 1, 8}, {273, 4, 0xFFFFFFFF, 8}}, 0)},
      {"claims_2_gb.webp", webp_of("VP8L", {0x2F, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0, 0}, 0x7FFFFFF0)},
      {"claims_4_gb_canvas.webp", webp_of("VP8X", {2, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, 1000)},
      {"claims_2_gb.bmp", bmp_of(26000, 26000)},
      {"claims_all.bmp", bmp_of(0x7FFFFFFF, 0x80000000)},
      {"nested.heic", heic_of_nested_boxes()},
      {"claims_2_gb.heic", heic_that_claims_much()},
  };
}

std::vector<named_file> random_files_with_magic(std::size_t n) {
  std::mt19937 random(20251125);
  std::vector<named_file> files;
  for (std::size_t i = 0; i < n; ++i) {
    bytes file = to_bytes(magics[i % magics.size()]);
    for (std::size_t left = 16 + random() % 4096; left != 0; --left) {
      file.push_back(static_cast<std::uint8_t>(random()));
    }
    files.push_back({"random " + std::to_string(i), std::move(file)});
  }
  return files;
}

}  // namespace libmatch::test
