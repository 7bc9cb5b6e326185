#include "image/decode.h"

#include <gtest/gtest.h>

#include "support/decoding.h"

namespace libmatch::test {
namespace {

bytes padded(std::string_view beginning) {
  bytes file(beginning.begin(), beginning.end());
  file.resize(64);
  return file;
}

TEST(Decode, AnEmptyFileSaysSo) {
  const refusal answer = refusal_of({});
  EXPECT_EQ(answer.scan, LM_SCAN_UNKNOWN_FORMAT);
  EXPECT_EQ(answer.reason, "the file is empty");
}

TEST(Decode, OtherBytesAreAnUnknownFormat) {
  for (const std::string_view text :
       {"a", "hello, world", "BM not a bitmap at all", "RIFF1234WAVEfmt ", "P9 ", "GIF88a"}) {
    const refusal answer = refusal_of(bytes(text.begin(), text.end()));
    EXPECT_EQ(answer.scan, LM_SCAN_UNKNOWN_FORMAT) << text;
    EXPECT_EQ(answer.reason, "not an image of a known format") << text;
  }
}

TEST(Decode, KnownFormatsThatAreNotDecodedAreNamed) {
  using namespace std::string_view_literals;
  const std::pair<std::string_view, const char *> formats[] = {
      {"\xff\x0a"sv, "JPEG XL is not decoded"},
      {"\0\0\0\x0cJXL \r\n\x87\n"sv, "JPEG XL is not decoded"},
      {"\0\0\0\x0cjP  \r\n\x87\n"sv, "JPEG 2000 is not decoded"},
      {"\xff\x4f\xff\x51"sv, "JPEG 2000 is not decoded"},
      {"8BPS"sv, "Photoshop PSD is not decoded"},
      {"P6\n"sv, "Netpbm is not decoded"},
      {"\0\0\x01\0"sv, "ICO is not decoded"},
      {"<svg xmlns"sv, "SVG is not decoded"},
  };
  for (const auto &[beginning, reason] : formats) {
    const refusal answer = refusal_of(padded(beginning));
    EXPECT_EQ(answer.scan, LM_SCAN_UNSUPPORTED) << reason;
    EXPECT_EQ(answer.reason, reason);
  }
}

TEST(Decode, BytesAreLimited) {
  const bytes file = encode_png(slopes(4, 4, 3));
  detail::decode_options options = default_options;
  options.max_bytes = file.size();
  EXPECT_EQ(refusal_of(file, options).scan, LM_SCAN_OK);
  options.max_bytes = file.size() - 1;
  const refusal answer = refusal_of(file, options);
  EXPECT_EQ(answer.scan, LM_SCAN_LIMIT);
  EXPECT_EQ(answer.reason, "the file's " + std::to_string(file.size()) + " bytes are over the limit of " +
                               std::to_string(file.size() - 1));
}

TEST(Decode, PixelsAreLimitedInEveryFormat) {
  const raster picture = slopes(10, 7, 3);
  const gif_frame frame{.width = 10, .height = 7, .indexes = bytes(70, 0)};
  const std::pair<const char *, bytes> files[] = {
      {"jpeg", encode_jpeg(picture)},
      {"png", encode_png(picture)},
      {"webp", encode_webp(picture, true)},
      {"webp", encode_webp_animation(10, 7, {{0, 0, slopes(2, 2, 4)}})},
      {"gif", encode_gif(10, 7, {{0, 0, 0}, {1, 1, 1}}, {frame})},
      {"bmp", encode_bmp(10, 7, bytes(32 * 7, 9))},
      {"tiff", encode_tiff({{.width = 10, .height = 7, .samples = std::vector<std::uint16_t>(210, 9)}})},
  };
  for (const auto &[format, file] : files) {
    detail::decode_options options = default_options;
    options.max_pixels = 70;
    EXPECT_EQ(refusal_of(file, options).scan, LM_SCAN_OK) << format;
    options.max_pixels = 69;
    const refusal answer = refusal_of(file, options);
    EXPECT_EQ(answer.scan, LM_SCAN_LIMIT) << format;
    EXPECT_EQ(answer.reason, std::string(format) + ": 10 x 7 pixels are over the limit of 69");
  }
}

TEST(Decode, SaysWhatItDecoded) {
  const detail::decoded_image image = detail::decode(encode_png(slopes(5, 3, 3)), default_options);
  EXPECT_STREQ(image.format, "png");
  EXPECT_EQ(image.width, 5U);
  EXPECT_EQ(image.height, 3U);
  EXPECT_EQ(image.frames, 1U);
  EXPECT_EQ(image.exif_orientation, 1);
  EXPECT_EQ(image.view().stride_bytes, 15U);
  EXPECT_EQ(image.view().format, LM_PIXEL_RGB8);
}

TEST(Decode, DecodesEveryVariety) {
  for (const named_file &file : every_variety()) {
    const refusal answer = refusal_of(file.content);
    EXPECT_EQ(answer.scan, LM_SCAN_OK) << file.name << ": " << answer.reason;
  }
}

}  // namespace
}  // namespace libmatch::test
