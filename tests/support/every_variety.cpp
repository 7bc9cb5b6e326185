#include "support/encoded_images.h"

namespace libmatch::test {

namespace {

constexpr std::uint32_t width = 21;
constexpr std::uint32_t height = 13;

void add_jpegs(std::vector<named_file> &files) {
  const raster grey = slopes(width, height, 1);
  const raster rgb = slopes(width, height, 3);
  const raster cmyk = slopes(width, height, 4);
  files.push_back({"grey.jpg", encode_jpeg(grey, {.colors = jpeg_colors::grey})});
  files.push_back({"ycc444.jpg", encode_jpeg(rgb)});
  files.push_back({"ycc420.jpg", encode_jpeg(rgb, {.luma_sampling = 2})});
  files.push_back({"restarts.jpg", encode_jpeg(rgb, {.restart_interval = 1})});
  files.push_back({"separate_scans.jpg", encode_jpeg(rgb, {.separate_scans = true})});
  files.push_back({"rgb.jpg", encode_jpeg(rgb, {.colors = jpeg_colors::rgb})});
  files.push_back({"cmyk.jpg", encode_jpeg(cmyk, {.colors = jpeg_colors::cmyk})});
  files.push_back({"ycck.jpg", encode_jpeg(cmyk, {.colors = jpeg_colors::ycck, .luma_sampling = 2})});
  files.push_back({"progressive.jpg", encode_jpeg(rgb, {.luma_sampling = 2, .progressive = true})});
  files.push_back({"progressive_grey.jpg", encode_jpeg(grey, {.colors = jpeg_colors::grey, .progressive = true})});
  files.push_back({"progressive_cmyk.jpg", encode_jpeg(cmyk, {.colors = jpeg_colors::cmyk, .progressive = true})});
  files.push_back({"arithmetic.jpg", encode_jpeg(rgb, {.arithmetic = true})});
  files.push_back({"arithmetic_progressive.jpg", encode_jpeg(rgb, {.progressive = true, .arithmetic = true})});
  files.push_back(
      {"pictures.jpg", encode_multi_picture({encode_jpeg(rgb), encode_jpeg(cmyk, {.colors = jpeg_colors::cmyk}),
                                             encode_jpeg(grey, {.colors = jpeg_colors::grey})})});
  files.push_back({"exif.jpg", encode_jpeg(rgb, {.exif = exif_block(6)})});
}

// Samples that use all the values of the depth.
std::vector<std::uint16_t> samples(std::uint32_t channels, int bit_depth) {
  std::vector<std::uint16_t> result;
  for (std::uint32_t i = 0; i < width * height * channels; ++i) {
    result.push_back(
        static_cast<std::uint16_t>((i * 40503U + i / 7) & ((1U << static_cast<unsigned>(bit_depth)) - 1)));
  }
  return result;
}

void add_pngs(std::vector<named_file> &files) {
  const auto add = [&](const std::string &name, std::uint32_t channels, const png_settings &settings) {
    const std::vector<std::uint16_t> values = samples(channels, settings.bit_depth);
    png_settings interlaced = settings;
    interlaced.interlaced = true;
    files.push_back({name + ".png", encode_png(width, height, values, settings)});
    files.push_back({name + "_interlaced.png", encode_png(width, height, values, interlaced)});
  };
  for (const int depth : {1, 2, 4, 8, 16}) {
    add("grey" + std::to_string(depth), 1, {.color_type = 0, .bit_depth = depth});
    add("grey_key" + std::to_string(depth), 1, {.color_type = 0, .bit_depth = depth, .transparency = {0, 1}});
  }
  for (const int depth : {1, 2, 4, 8}) {
    png_settings settings{.color_type = 3, .bit_depth = depth, .transparency = {0, 127}};
    for (unsigned i = 0; i < (1U << static_cast<unsigned>(depth)); ++i) {
      settings.palette.push_back({static_cast<std::uint8_t>(i * 3), static_cast<std::uint8_t>(255 - i), 90});
    }
    add("palette" + std::to_string(depth), 1, settings);
  }
  for (const int depth : {8, 16}) {
    add("rgb" + std::to_string(depth), 3, {.color_type = 2, .bit_depth = depth});
    add("rgb_key" + std::to_string(depth), 3,
        {.color_type = 2, .bit_depth = depth, .transparency = {0, 0, 0, 40, 0, 80}});
    add("grey_alpha" + std::to_string(depth), 2, {.color_type = 4, .bit_depth = depth});
    add("rgba" + std::to_string(depth), 4, {.color_type = 6, .bit_depth = depth});
  }
  const bytes plain = encode_png(slopes(width, height, 3));
  files.push_back({"exif.png", with_png_chunk(plain, "eXIf", exif_block(3, false))});
  const apng_frame whole{.picture = slopes(width, height, 4)};
  const apng_frame small{.left = 3, .top = 2, .picture = slopes(6, 5, 4), .disposal = 2, .blends = true};
  const apng_frame cleared{.left = 1, .top = 7, .picture = slopes(9, 4, 4), .disposal = 1};
  files.push_back({"animated.png", encode_apng(width, height, {whole, small, cleared, small})});
  files.push_back({"beside.png", encode_apng(width, height, {whole, small, cleared}, slopes(width, height, 4))});
}

void add_gifs(std::vector<named_file> &files) {
  const std::vector<std::array<std::uint8_t, 3>> palette{{0, 0, 0}, {255, 0, 0}, {0, 255, 0}, {10, 20, 30}};
  gif_frame frame{.width = width, .height = height, .indexes = {}};
  for (const std::uint16_t sample : samples(1, 2)) {
    frame.indexes.push_back(static_cast<std::uint8_t>(sample));
  }
  gif_frame small{.left = 2, .top = 3, .width = 4, .height = 5, .indexes = bytes(20, 1), .transparent_index = 0};
  gif_frame local = frame;
  local.palette = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}, {200, 100, 50}};
  gif_frame interlaced = frame;
  interlaced.interlaced = true;
  interlaced.transparent_index = 2;
  files.push_back({"plain.gif", encode_gif(width, height, palette, {frame})});
  files.push_back({"interlaced.gif", encode_gif(width, height, palette, {interlaced})});
  files.push_back({"local_palette.gif", encode_gif(width, height, {}, {local})});
  files.push_back({"animated.gif", encode_gif(width, height, palette, {frame, small, interlaced, local})});
  gif_frame cleared = small;
  cleared.disposal = 2;
  gif_frame restored = small;
  restored.disposal = 3;
  files.push_back({"disposals.gif", encode_gif(width, height, palette, {frame, cleared, restored, interlaced})});
  files.push_back({"small_frame.gif", encode_gif(width, height, palette, {small})});
}

void add_webps(std::vector<named_file> &files) {
  const raster rgb = slopes(width, height, 3);
  const raster rgba = slopes(width, height, 4);
  files.push_back({"lossy.webp", encode_webp(rgb, false)});
  files.push_back({"lossless.webp", encode_webp(rgb, true)});
  files.push_back({"lossy_alpha.webp", encode_webp(rgba, false)});
  files.push_back({"lossless_alpha.webp", encode_webp(rgba, true)});
  files.push_back({"exif.webp", with_webp_exif(encode_webp(rgb, false), width, height, false, exif_block(8))});
  files.push_back({"animated.webp", encode_webp_animation(width, height, {{2, 4, slopes(8, 6, 4)}, {0, 0, rgb}})});
  const webp_frame cleared{.left = 2, .top = 2, .picture = slopes(8, 6, 4), .clears = true, .blends = false};
  files.push_back(
      {"disposals.webp", encode_webp_animation(width, height, {{0, 0, rgba}, cleared, {4, 0, slopes(8, 6, 4)}})});
}

void add_bmps(std::vector<named_file> &files) {
  const auto add = [&](const std::string &name, const bmp_settings &settings) {
    std::vector<std::uint32_t> values;
    for (std::uint32_t i = 0; i < width * height; ++i) {
      const std::uint32_t value = (i * 2654435761U) ^ (i << 7U);
      values.push_back(settings.bits < 32 ? value & ((1U << settings.bits) - 1) : value);
    }
    files.push_back({name + ".bmp", encode_bmp(width, height, bmp_rows(width, height, values, settings), settings)});
  };
  for (const std::uint32_t bits : {1U, 2U, 4U, 8U, 16U, 24U, 32U}) {
    bmp_settings settings{.bits = bits};
    for (std::uint32_t i = 0; bits <= 8 && i < (1U << bits); ++i) {
      settings.palette.push_back({static_cast<std::uint8_t>(i * 5), static_cast<std::uint8_t>(255 - i), 70});
    }
    add("plain" + std::to_string(bits), settings);
    settings.top_down = true;
    add("top_down" + std::to_string(bits), settings);
    if (bits != 2 && bits != 16 && bits != 32) {
      settings.top_down = false;
      settings.header_size_bytes = 12;
      add("os2_" + std::to_string(bits), settings);
    }
  }
  add("masks16", {.bits = 16, .compression = 3, .masks = {0xF800, 0x7E0, 0x1F}});
  add("masks32",
      {.header_size_bytes = 108, .bits = 32, .compression = 3, .masks = {0xFF, 0xFF00, 0xFF0000, 0xFF000000}});
  add("alpha32", {.bits = 32, .compression = 6, .masks = {0x3FF00000, 0xFFC00, 0x3FF, 0xC0000000}});
  const bmp_settings runs8{.bits = 8, .compression = 1, .palette = {{1, 2, 3}, {200, 100, 50}, {9, 250, 9}}};
  files.push_back(
      {"runs8.bmp",
       encode_bmp(width, height, {21, 1, 0, 0, 3, 2, 0, 5, 1, 2, 0, 1, 2, 0, 0, 2, 4, 3, 9, 2, 0, 1}, runs8)});
  bmp_settings runs4 = runs8;
  runs4.bits = 4;
  runs4.compression = 2;
  files.push_back({"runs4.bmp", encode_bmp(width, height, {21,   0x12, 0, 0, 3, 0x20, 0, 5,    0x12, 0x01,
                                                           0x20, 0,    0, 2, 4, 3,    9, 0x21, 0,    1},
                                           runs4)});
}

void add_tiffs(std::vector<named_file> &files) {
  const auto page = [](int channels, int bits, int photometric, int compression) {
    return tiff_page{.width = width,
                     .height = height,
                     .channels = channels,
                     .samples = samples(static_cast<std::uint32_t>(channels), bits),
                     .bits = bits,
                     .photometric = photometric,
                     .compression = compression};
  };
  const std::pair<const char *, int> compressions[] = {{"none", 1}, {"lzw", 5}, {"deflate", 8}, {"packbits", 32773}};
  for (const auto &[name, compression] : compressions) {
    files.push_back({std::string(name) + ".tif", encode_tiff({page(3, 8, 2, compression)})});
    tiff_page tiled = page(4, 16, 2, compression);
    tiled.tiled = true;
    tiled.extra_sample = 2;
    files.push_back({std::string(name) + "_tiled.tif", encode_tiff({tiled}, "wb")});
  }
  for (const auto &[name, compression] : {std::pair{"fax3", 3}, std::pair{"fax4", 4}}) {
    files.push_back({std::string(name) + ".tif", encode_tiff({page(1, 1, 0, compression)})});
  }
  files.push_back({"ycc_jpeg.tif", encode_tiff({page(3, 8, 6, 7)})});
  files.push_back({"cmyk.tif", encode_tiff({page(4, 8, 5, 1)})});
  tiff_page planes = page(3, 8, 2, 5);
  planes.planes = true;
  files.push_back({"planes.tif", encode_tiff({planes}, "wb8")});
  tiff_page palette = page(1, 4, 3, 1);
  for (unsigned i = 0; i < 16; ++i) {
    palette.palette.push_back({static_cast<std::uint8_t>(i * 17), static_cast<std::uint8_t>(255 - i), 9});
  }
  files.push_back({"palette.tif", encode_tiff({palette})});
  tiff_page turned = page(1, 16, 1, 1);
  turned.orientation = 6;
  files.push_back({"pages.tif", encode_tiff({turned, page(3, 8, 2, 5), palette})});
}

void add_heifs(std::vector<named_file> &files) {
  const raster rgb = slopes(64, 48, 3);
  files.push_back({"rgb.heic", encode_heif({rgb})});
  files.push_back({"images.heic", encode_heif({rgb, slopes(32, 48, 4)}, {.orientation = 6})});
  files.push_back({"alpha.avif", encode_heif({slopes(64, 48, 4)}, {.av1 = true})});
  std::erase_if(files, [](const named_file &file) { return file.content.empty(); });
}

}  // namespace

std::vector<named_file> every_variety() {
  std::vector<named_file> files;
  add_jpegs(files);
  add_pngs(files);
  add_gifs(files);
  add_webps(files);
  add_bmps(files);
  add_tiffs(files);
  add_heifs(files);
  return files;
}

}  // namespace libmatch::test
