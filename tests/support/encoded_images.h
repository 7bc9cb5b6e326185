// Image files made in code, for tests and for the corpus of the fuzzers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace libmatch::test {

using bytes = std::vector<std::uint8_t>;

// width x height x channels samples of 8 bits.
struct raster {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t channels = 0;
  bytes samples;
};

raster flat(std::uint32_t width, std::uint32_t height, const bytes &pixel);
// Slopes of a different steepness in every channel, with some texture.
raster slopes(std::uint32_t width, std::uint32_t height, std::uint32_t channels);

// An Exif block (TIFF) that holds an orientation and nothing else.
bytes exif_block(std::uint16_t orientation, bool little_endian = true);

// ---- JPEG
enum class jpeg_colors { grey, ycc, rgb, cmyk, ycck, two_components };
struct jpeg_settings {
  jpeg_colors colors = jpeg_colors::ycc;
  int quality = 90;
  int luma_sampling = 1;       // 2: the colors have half the width and height
  int luma_sampling_down = 0;  // apart for the height; 0: the same
  bool progressive = false;
  bool arithmetic = false;
  bool separate_scans = false;  // one for each component
  unsigned restart_interval = 0;
  bool adobe_marker = true;  // for cmyk; others have what they need
  bytes exif = {};
};
// picture: 1, 3 or 4 channels as the colors need; 4 are stored as they are.
bytes encode_jpeg(const raster &picture, const jpeg_settings &settings = {});

// A multi-picture file (MPO): the pictures one behind the other, and an index in the first.
bytes encode_multi_picture(const std::vector<bytes> &jpegs, bool little_endian = true);

// ---- PNG
struct png_settings {
  int color_type = 2;  // 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA
  int bit_depth = 8;
  bool interlaced = false;
  std::vector<std::array<std::uint8_t, 3>> palette = {};
  bytes transparency = {};  // the data of tRNS
};
// samples: width x height x channels of bit_depth bits.
bytes encode_png(std::uint32_t width, std::uint32_t height, const std::vector<std::uint16_t> &samples,
                 const png_settings &settings = {});
bytes encode_png(const raster &picture, bool interlaced = false);
// A chunk with its length and checksum.
bytes png_chunk(std::string_view type, const bytes &data);
struct apng_frame {
  std::uint32_t left = 0, top = 0;
  raster picture;
  int disposal = 0;  // 0 keep, 1 clear, 2 restore
  bool blends = false;
};
// All pictures have the same number of channels. The first frame is the picture that every program sees, unless
// `beside` holds one that stands beside the animation.
bytes encode_apng(std::uint32_t canvas_width, std::uint32_t canvas_height, const std::vector<apng_frame> &frames,
                  const raster &beside = {});
// The same file with a chunk behind IHDR.
bytes with_png_chunk(const bytes &png, std::string_view type, const bytes &data);
// Sets the checksum of every chunk that is whole.
void repair_png_checksums(bytes &png);

// ---- GIF
struct gif_frame {
  int left = 0, top = 0, width = 0, height = 0;
  bytes indexes = {};
  bool interlaced = false;
  int transparent_index = -1;
  std::vector<std::array<std::uint8_t, 3>> palette = {};  // local; 2 to 256 colors, a power of 2
  int disposal = 0;                                       // 1 keep, 2 clear, 3 restore
};
bytes encode_gif(int canvas_width, int canvas_height, const std::vector<std::array<std::uint8_t, 3>> &palette,
                 const std::vector<gif_frame> &frames);

// ---- WebP
bytes encode_webp(const raster &picture, bool lossless, float quality = 90);  // 3 or 4 channels
struct webp_frame {
  std::uint32_t left = 0, top = 0;  // even
  raster picture;
  bool clears = false;  // its place, before the next frame
  bool blends = true;
};
bytes encode_webp_animation(std::uint32_t canvas_width, std::uint32_t canvas_height,
                            const std::vector<webp_frame> &frames);
// The same still picture in the extended format, with an EXIF chunk.
bytes with_webp_exif(const bytes &webp, std::uint32_t width, std::uint32_t height, bool has_alpha, const bytes &exif);

// ---- BMP
struct bmp_settings {
  std::uint32_t header_size_bytes = 40;  // 12: OS/2
  std::uint32_t bits = 24;
  std::uint32_t compression = 0;
  bool top_down = false;
  std::vector<std::array<std::uint8_t, 3>> palette = {};
  std::vector<std::uint32_t> masks = {};  // behind the first 40 bytes of the header
};
// data: the pixels as they are stored.
bytes encode_bmp(std::uint32_t width, std::uint32_t height, const bytes &data, const bmp_settings &settings = {});
// The data of an uncompressed picture: values from the top, each of so many bits.
bytes bmp_rows(std::uint32_t width, std::uint32_t height, const std::vector<std::uint32_t> &values,
               const bmp_settings &settings = {});

// ---- TIFF, with libtiff's numbers for what has a number
struct tiff_page {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  int channels = 3;
  std::vector<std::uint16_t> samples = {};  // width x height x channels of `bits` bits
  int bits = 8;
  int photometric = 2;  // RGB
  int compression = 1;  // none
  int extra_sample = -1;
  int orientation = 1;
  bool tiled = false;  // 16 x 16
  bool planes = false;
  std::uint32_t rows_per_strip = 5;
  std::vector<std::array<std::uint8_t, 3>> palette = {};
};
// mode: "w", and "l" or "b" for the byte order, "8" for BigTIFF.
bytes encode_tiff(const std::vector<tiff_page> &pages, const std::string &mode = "wl");

// ---- HEIC, AVIF; empty where libheif, or its encoder for it, is not installed
struct heif_settings {
  bool av1 = false;     // else HEVC
  int orientation = 1;  // as in Exif, written as irot and imir
};
bytes encode_heif(const std::vector<raster> &pictures, const heif_settings &settings = {});

// One small file of every variety that is decoded.
struct named_file {
  std::string name;
  bytes content;
};
std::vector<named_file> every_variety();

}  // namespace libmatch::test
