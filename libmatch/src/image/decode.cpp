// Recognition by content, the limits and the dispatch.
#include "image/decode.h"

#include <array>
#include <cstddef>
#include <string_view>

#include "image/byte_order.h"
#include "image/decoders.h"

namespace libmatch::detail {

namespace {

using namespace std::string_view_literals;

bool has_at(std::string_view file, std::size_t offset, std::string_view magic) {
  return file.size() >= offset && file.substr(offset, magic.size()) == magic;
}

using decode_function = file_info (*)(std::span<const std::uint8_t> file, image_writer &writer);

struct decoder {
  std::string_view magic;
  std::size_t second_offset;
  std::string_view second_magic;
  decode_function decode;
};

constexpr std::array decoders{
    decoder{"\xff\xd8\xff"sv, 0, ""sv, decode_jpeg}, decoder{"\x89PNG\r\n\x1a\n"sv, 0, ""sv, decode_png},
    decoder{"RIFF"sv, 8, "WEBP"sv, decode_webp},     decoder{"GIF87a"sv, 0, ""sv, decode_gif},
    decoder{"GIF89a"sv, 0, ""sv, decode_gif},        decoder{"II*\0"sv, 0, ""sv, decode_tiff},
    decoder{"MM\0*"sv, 0, ""sv, decode_tiff},        decoder{"II+\0"sv, 0, ""sv, decode_tiff},
    decoder{"MM\0+"sv, 0, ""sv, decode_tiff},        decoder{""sv, 4, "ftyphei"sv, decode_heif},
    decoder{""sv, 4, "ftyphev"sv, decode_heif},      decoder{""sv, 4, "ftypmif1"sv, decode_heif},
    decoder{""sv, 4, "ftypmif2"sv, decode_heif},     decoder{""sv, 4, "ftypmsf1"sv, decode_heif},
    decoder{""sv, 4, "ftypavif"sv, decode_heif},     decoder{""sv, 4, "ftypavis"sv, decode_heif},
};

struct undecoded_format {
  std::size_t offset;
  std::string_view magic;
  const char *name;
};

// Told apart from bytes that are no image at all, so that someone can look at them with other means.
constexpr std::array undecoded_formats{
    undecoded_format{4, "ftypcrx "sv, "Canon raw"},
    undecoded_format{0, "\xff\x0a"sv, "JPEG XL"},
    undecoded_format{0, "\0\0\0\x0cJXL \r\n\x87\n"sv, "JPEG XL"},
    undecoded_format{0, "\0\0\0\x0cjP  \r\n\x87\n"sv, "JPEG 2000"},
    undecoded_format{0, "\xff\x4f\xff\x51"sv, "JPEG 2000"},
    undecoded_format{0, "II\xbc\x01"sv, "JPEG XR"},
    undecoded_format{0, "8BPS"sv, "Photoshop PSD"},
    undecoded_format{0, "gimp xcf"sv, "GIMP XCF"},
    undecoded_format{0, "\0\0\x01\0"sv, "ICO"},
    undecoded_format{0, "\0\0\x02\0"sv, "CUR"},
    undecoded_format{0, "icns"sv, "ICNS"},
    undecoded_format{0, "\x8aMNG\r\n\x1a\n"sv, "MNG"},
    undecoded_format{0, "\x8bJNG\r\n\x1a\n"sv, "JNG"},
    undecoded_format{0, "\x76\x2f\x31\x01"sv, "OpenEXR"},
    undecoded_format{0, "#?RADIANCE"sv, "Radiance HDR"},
    undecoded_format{0, "qoif"sv, "QOI"},
    undecoded_format{0, "DDS "sv, "DDS"},
    undecoded_format{0, "BPG\xfb"sv, "BPG"},
    undecoded_format{0, "FLIF"sv, "FLIF"},
    undecoded_format{0, "FUJIFILMCCD-RAW"sv, "Fujifilm raw"},
    undecoded_format{0, "<svg"sv, "SVG"},
};

// "BM" alone is too little to tell; a BMP's reserved field is 0 and its second header has one of a few sizes.
bool is_bmp(std::span<const std::uint8_t> file) {
  if (file.size() < 18 || file[0] != 'B' || file[1] != 'M' || read_u32_le(file.data() + 6) != 0) {
    return false;
  }
  const std::uint32_t header_size = read_u32_le(file.data() + 14);
  return header_size == 12 || (header_size >= 16 && header_size <= 124);
}

// P1 to P7, then white space.
bool is_netpbm(std::span<const std::uint8_t> file) {
  return file.size() >= 3 && file[0] == 'P' && file[1] >= '1' && file[1] <= '7' &&
         (file[2] == '\n' || file[2] == '\r' || file[2] == ' ' || file[2] == '\t');
}

// Null when nothing here decodes the file.
decode_function decoder_of(std::span<const std::uint8_t> file, std::string_view text) {
  for (const decoder &candidate : decoders) {
    if (has_at(text, 0, candidate.magic) && has_at(text, candidate.second_offset, candidate.second_magic)) {
      return candidate.decode;
    }
  }
  return is_bmp(file) ? decode_bmp : nullptr;
}

[[noreturn]] void fail_undecoded(std::span<const std::uint8_t> file, std::string_view text) {
  const auto unsupported = [](const char *name) { not_scanned(LM_SCAN_UNSUPPORTED, name, " is not decoded"); };
  for (const undecoded_format &format : undecoded_formats) {
    if (has_at(text, format.offset, format.magic)) {
      unsupported(format.name);
    }
  }
  if (is_netpbm(file)) {
    unsupported("Netpbm");
  }
  not_scanned(LM_SCAN_UNKNOWN_FORMAT, "not an image of a known format");
}

file_info decode_file(std::span<const std::uint8_t> file, image_writer &writer) {
  const decode_options &options = writer.options();
  if (file.empty()) {
    not_scanned(LM_SCAN_UNKNOWN_FORMAT, "the file is empty");
  }
  if (file.size() > options.max_bytes) {
    not_scanned(LM_SCAN_LIMIT, "the file's ", file.size(), " bytes are over the limit of ", options.max_bytes);
  }
  const std::string_view text(reinterpret_cast<const char *>(file.data()), file.size());
  const decode_function decode = decoder_of(file, text);
  if (decode == nullptr) {
    fail_undecoded(file, text);
  }
  const file_info info = decode(file, writer);
  check_frames(info.format, info.frames, options);
  return info;
}

}  // namespace

file_info decode_images(std::span<const std::uint8_t> file, const decode_options &options, image_sink &sink) {
  image_writer writer(options, sink);
  try {
    return decode_file(file, writer);
  } catch (const scan_failure &failure) {
    if (writer.images_given() == 0) {
      throw;
    }
    not_scanned(failure.scan(), "after ", writer.images_given(),
                writer.images_given() == 1 ? " image: " : " images: ", failure.what());
  }
}

decoded_image decode(std::span<const std::uint8_t> file, const decode_options &options) {
  decoded_image image;
  image_writer writer(options, image);
  const file_info info = decode_file(file, writer);
  image.format = info.format;
  image.frames = info.frames;
  image.exif_orientation = info.exif_orientation;
  return image;
}

void check_pixels(const char *format, std::uint64_t width, std::uint64_t height, const decode_options &options) {
  if (width == 0 || height == 0) {
    not_scanned(LM_SCAN_DAMAGED, format, ": a picture of ", width, " x ", height, " pixels");
  }
  // Sides have at most 32 bits, so that the product cannot overflow.
  if (width * height > options.max_pixels) {
    not_scanned(LM_SCAN_LIMIT, format, ": ", width, " x ", height, " pixels are over the limit of ",
                options.max_pixels);
  }
}

void check_frames(const char *format, std::uint64_t frames, const decode_options &options) {
  if (frames > options.max_frames) {
    not_scanned(LM_SCAN_LIMIT, format, ": more frames than the limit of ", options.max_frames);
  }
}

std::unique_ptr<std::uint8_t[]> new_pixels(std::uint32_t width, std::uint32_t height) {
  return std::make_unique_for_overwrite<std::uint8_t[]>(std::size_t{width} * height * 3);
}

}  // namespace libmatch::detail
