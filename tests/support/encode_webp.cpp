#include <webp/encode.h>

#include "support/encoded_images.h"

namespace libmatch::test {

namespace {

constexpr std::size_t riff_header_size_bytes = 12;
constexpr std::uint8_t animation_flag = 2;
constexpr std::uint8_t exif_flag = 8;
constexpr std::uint8_t alpha_flag = 16;

void put_little_endian(bytes &to, std::size_t value, unsigned size_bytes) {
  for (unsigned i = 0; i < size_bytes; ++i) {
    to.push_back(static_cast<std::uint8_t>((value >> (8 * i)) & 255U));
  }
}

void put(bytes &to, const bytes &from) { to.insert(to.end(), from.begin(), from.end()); }

bytes chunk(std::string_view type, const bytes &data) {
  bytes result(type.begin(), type.end());
  put_little_endian(result, data.size(), 4);
  put(result, data);
  if (data.size() % 2 != 0) {
    result.push_back(0);
  }
  return result;
}

bytes riff(const bytes &chunks) {
  bytes data{'W', 'E', 'B', 'P'};
  put(data, chunks);
  return chunk("RIFF", data);
}

bytes extended_header(std::uint8_t flags, std::uint32_t width, std::uint32_t height) {
  bytes data{flags, 0, 0, 0};
  put_little_endian(data, width - 1, 3);
  put_little_endian(data, height - 1, 3);
  return chunk("VP8X", data);
}

// The picture's own chunks (ALPH, VP8, VP8L), without what an extended file says once.
bytes picture_chunks(const bytes &webp) {
  std::size_t from = riff_header_size_bytes;
  if (std::string_view(reinterpret_cast<const char *>(webp.data()) + from, 4) == "VP8X") {
    from += 8 + 10;
  }
  return {webp.begin() + static_cast<std::ptrdiff_t>(from), webp.end()};
}

}  // namespace

bytes encode_webp(const raster &picture, bool lossless, float quality) {
  WebPConfig config;
  WebPConfigInit(&config);
  config.lossless = lossless ? 1 : 0;
  config.quality = quality;
  config.exact = 1;  // keep the colors under full transparency
  WebPPicture encoder;
  WebPPictureInit(&encoder);
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  encoder.use_argb = lossless ? 1 : 0;
  encoder.width = static_cast<int>(picture.width);
  encoder.height = static_cast<int>(picture.height);
  encoder.writer = WebPMemoryWrite;
  encoder.custom_ptr = &writer;
  const int stride = static_cast<int>(picture.width * picture.channels);
  if (picture.channels == 4) {
    WebPPictureImportRGBA(&encoder, picture.samples.data(), stride);
  } else {
    WebPPictureImportRGB(&encoder, picture.samples.data(), stride);
  }
  WebPEncode(&config, &encoder);
  bytes file(writer.mem, writer.mem + writer.size);
  WebPPictureFree(&encoder);
  WebPMemoryWriterClear(&writer);
  return file;
}

bytes encode_webp_animation(std::uint32_t canvas_width, std::uint32_t canvas_height,
                            const std::vector<webp_frame> &frames) {
  bytes chunks = extended_header(animation_flag | alpha_flag, canvas_width, canvas_height);
  put(chunks, chunk("ANIM", {0, 0, 255, 255, 0, 0}));  // a background that decoders are free to ignore
  for (const webp_frame &frame : frames) {
    bytes data;
    put_little_endian(data, frame.left / 2, 3);
    put_little_endian(data, frame.top / 2, 3);
    put_little_endian(data, frame.picture.width - 1, 3);
    put_little_endian(data, frame.picture.height - 1, 3);
    put_little_endian(data, 40, 3);  // ms
    data.push_back(static_cast<std::uint8_t>((frame.blends ? 0 : 2) | (frame.clears ? 1 : 0)));
    put(data, picture_chunks(encode_webp(frame.picture, true)));
    put(chunks, chunk("ANMF", data));
  }
  return riff(chunks);
}

bytes with_webp_exif(const bytes &webp, std::uint32_t width, std::uint32_t height, bool has_alpha,
                     const bytes &exif) {
  const auto flags = static_cast<std::uint8_t>(exif_flag | (has_alpha ? alpha_flag : 0));
  bytes chunks = extended_header(flags, width, height);
  put(chunks, picture_chunks(webp));
  put(chunks, chunk("EXIF", exif));
  return riff(chunks);
}

}  // namespace libmatch::test
