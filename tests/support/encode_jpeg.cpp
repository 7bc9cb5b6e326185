#include <cstddef>
#include <cstdio>
// jpeglib.h needs the two above.
#include <jpeglib.h>

#include <cstdlib>

#include "support/encoded_images.h"

namespace libmatch::test {

namespace {

J_COLOR_SPACE input_space(const raster &picture, jpeg_colors colors) {
  if (colors == jpeg_colors::two_components) {
    return JCS_UNKNOWN;
  }
  return picture.channels == 1 ? JCS_GRAYSCALE : picture.channels == 3 ? JCS_RGB : JCS_CMYK;
}

J_COLOR_SPACE stored_space(jpeg_colors colors) {
  switch (colors) {
    case jpeg_colors::grey:
      return JCS_GRAYSCALE;
    case jpeg_colors::ycc:
      return JCS_YCbCr;
    case jpeg_colors::rgb:
      return JCS_RGB;
    case jpeg_colors::cmyk:
      return JCS_CMYK;
    case jpeg_colors::ycck:
      return JCS_YCCK;
    default:
      return JCS_UNKNOWN;
  }
}

void set_parameters(jpeg_compress_struct &encoder, const jpeg_settings &settings, jpeg_scan_info *scans) {
  jpeg_set_defaults(&encoder);
  jpeg_set_colorspace(&encoder, stored_space(settings.colors));
  jpeg_set_quality(&encoder, settings.quality, TRUE);
  for (int i = 0; i < encoder.num_components; ++i) {
    const bool is_color = settings.colors != jpeg_colors::rgb && (i == 1 || i == 2);
    encoder.comp_info[i].h_samp_factor = is_color ? 1 : settings.luma_sampling;
    const int down = settings.luma_sampling_down == 0 ? settings.luma_sampling : settings.luma_sampling_down;
    encoder.comp_info[i].v_samp_factor = is_color ? 1 : down;
  }
  if (settings.progressive) {
    jpeg_simple_progression(&encoder);
  }
  if (settings.separate_scans) {
    for (int i = 0; i < encoder.num_components; ++i) {
      scans[i] = {1, {i, 0, 0, 0}, 0, 63, 0, 0};
    }
    encoder.scan_info = scans;
    encoder.num_scans = encoder.num_components;
  }
  encoder.arith_code = settings.arithmetic ? TRUE : FALSE;
  encoder.restart_interval = settings.restart_interval;
  if (settings.colors == jpeg_colors::cmyk) {
    encoder.write_Adobe_marker = settings.adobe_marker ? TRUE : FALSE;
  }
}

}  // namespace

bytes encode_jpeg(const raster &picture, const jpeg_settings &settings) {
  jpeg_compress_struct encoder{};
  jpeg_error_mgr errors{};
  encoder.err = jpeg_std_error(&errors);  // ends the program on an error, which would be a bug of the test
  jpeg_create_compress(&encoder);
  unsigned char *memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&encoder, &memory, &size);
  encoder.image_width = picture.width;
  encoder.image_height = picture.height;
  encoder.input_components = static_cast<int>(picture.channels);
  encoder.in_color_space = input_space(picture, settings.colors);
  std::array<jpeg_scan_info, 4> scans{};
  set_parameters(encoder, settings, scans.data());
  jpeg_start_compress(&encoder, TRUE);
  if (!settings.exif.empty()) {
    bytes marker{'E', 'x', 'i', 'f', 0, 0};
    marker.insert(marker.end(), settings.exif.begin(), settings.exif.end());
    jpeg_write_marker(&encoder, JPEG_APP0 + 1, marker.data(), static_cast<unsigned>(marker.size()));
  }
  for (std::size_t y = 0; y < picture.height; ++y) {
    JSAMPROW row = const_cast<JSAMPROW>(picture.samples.data() + y * picture.width * picture.channels);
    jpeg_write_scanlines(&encoder, &row, 1);
  }
  jpeg_finish_compress(&encoder);
  jpeg_destroy_compress(&encoder);
  bytes file(memory, memory + size);
  std::free(memory);
  return file;
}

bytes encode_multi_picture(const std::vector<bytes> &jpegs, bool little_endian) {
  constexpr std::size_t before_index = 2 + 4 + 4;  // SOI, APP2 and its length, "MPF"
  bytes index(2, little_endian ? 'I' : 'M');
  const auto put = [&](std::size_t value, unsigned size_bytes) {
    for (unsigned i = 0; i < size_bytes; ++i) {
      const unsigned shift = 8 * (little_endian ? i : size_bytes - 1 - i);
      index.push_back(static_cast<std::uint8_t>((value >> shift) & 255U));
    }
  };
  put(42, 2);
  put(8, 4);  // the directory
  put(1, 2);
  put(0xB002, 2);  // the entries
  put(7, 2);
  put(16 * jpegs.size(), 4);
  put(26, 4);
  put(0, 4);  // no further directory
  const std::size_t index_size_bytes = index.size() + 16 * jpegs.size();
  std::size_t offset = jpegs[0].size() + before_index - 2 + index_size_bytes;
  for (std::size_t i = 0; i < jpegs.size(); ++i) {
    put(i == 0 ? 0x030000 : 0x020003, 4);
    put(i == 0 ? offset : jpegs[i].size(), 4);
    put(i == 0 ? 0 : offset - before_index, 4);
    put(0, 4);
    offset += i == 0 ? 0 : jpegs[i].size();
  }
  const std::size_t length = index.size() + before_index - 4;
  bytes file(jpegs[0].begin(), jpegs[0].begin() + 2);
  for (const std::size_t byte :
       std::array<std::size_t, 8>{0xFF, 0xE2, length >> 8U, length & 255U, 'M', 'P', 'F', 0}) {
    file.push_back(static_cast<std::uint8_t>(byte));
  }
  file.insert(file.end(), index.begin(), index.end());
  file.insert(file.end(), jpegs[0].begin() + 2, jpegs[0].end());
  for (std::size_t i = 1; i < jpegs.size(); ++i) {
    file.insert(file.end(), jpegs[i].begin(), jpegs[i].end());
  }
  return file;
}

}  // namespace libmatch::test
