// Animations: every frame as a viewer would show it, over white.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "support/collected_images.h"

namespace libmatch::test {
namespace {

// Pixels as letters: every color that the tests paint with has one.
std::string letters(const bytes &rgb) {
  std::string text;
  for (std::size_t i = 0; i + 2 < rgb.size(); i += 3) {
    const bytes pixel(rgb.begin() + static_cast<std::ptrdiff_t>(i), rgb.begin() + static_cast<std::ptrdiff_t>(i + 3));
    text += pixel == bytes{255, 255, 255} ? '.'
            : pixel == bytes{200, 0, 0}   ? 'r'
            : pixel == bytes{0, 200, 0}   ? 'g'
                                          : '?';
  }
  return text;
}

std::vector<std::string> shown(const bytes &file) {
  const decoded_file decoded = images_of(file);
  EXPECT_EQ(decoded.failure.reason, "");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < decoded.images.size(); ++i) {
    EXPECT_TRUE(decoded.images[i].ended);
    EXPECT_EQ(decoded.images[i].frame, i);
    texts.push_back(letters(decoded.images[i].rgb));
  }
  EXPECT_EQ(decoded.info.frames, texts.size());
  return texts;
}

// 4 x 2 canvas. Index 0 is transparent where a frame says so.
const std::vector<std::array<std::uint8_t, 3>> palette{{9, 9, 9}, {200, 0, 0}, {0, 200, 0}, {255, 255, 255}};

gif_frame gif_all_red() { return {.width = 4, .height = 2, .indexes = bytes(8, 1)}; }

gif_frame gif_green_in_the_middle(int disposal) {
  return {.left = 1, .top = 0, .width = 2, .height = 1, .indexes = {2, 2}, .disposal = disposal};
}

gif_frame gif_dot(int left) {
  return {.left = left, .top = 1, .width = 2, .height = 1, .indexes = {0, 2}, .transparent_index = 0};
}

TEST(Animation, GifKeepsClearsAndRestores) {
  const auto with = [&](int disposal) {
    return shown(encode_gif(4, 2, palette, {gif_all_red(), gif_green_in_the_middle(disposal), gif_dot(0)}));
  };
  const std::vector<std::string> kept{"rrrrrrrr", "rggrrrrr", "rggrrgrr"};
  EXPECT_EQ(with(0), kept);
  EXPECT_EQ(with(1), kept);
  EXPECT_EQ(with(2), (std::vector<std::string>{"rrrrrrrr", "rggrrrrr", "r..rrgrr"}));
  EXPECT_EQ(with(3), (std::vector<std::string>{"rrrrrrrr", "rggrrrrr", "rrrrrgrr"}));
  EXPECT_EQ(with(4), with(3));
}

TEST(Animation, GifTransparencyOfOneFrameIsNotThatOfTheNext) {
  gif_frame solid = gif_dot(0);
  solid.indexes = {3, 2};
  solid.transparent_index = -1;
  gif_frame see_through = gif_dot(0);
  see_through.transparent_index = 2;
  see_through.indexes = {1, 2};
  const auto texts = shown(encode_gif(4, 2, palette, {see_through, solid}));
  EXPECT_EQ(texts, (std::vector<std::string>{"....r...", ".....g.."}));
}

TEST(Animation, WhatAGifFramePaintsBeyondTheCanvasIsCutOff) {
  gif_frame low{.left = 3, .top = 1, .width = 2, .height = 2, .indexes = {2, 1, 1, 1}};
  gif_frame outside{.left = 9, .top = 9, .width = 1, .height = 1, .indexes = {2}, .disposal = 3};
  EXPECT_EQ(shown(encode_gif(4, 2, palette, {gif_all_red(), low, outside, gif_dot(0)})),
            (std::vector<std::string>{"rrrrrrrr", "rrrrrrrg", "rrrrrrrg", "rrrrrgrg"}));
}

TEST(Animation, AGifCutOffKeepsItsWholeFrames) {
  const bytes two = encode_gif(4, 2, palette, {gif_all_red(), gif_dot(0)});
  const bytes three = encode_gif(4, 2, palette, {gif_all_red(), gif_dot(0), gif_dot(2)});
  for (std::size_t size = two.size() - 1; size < three.size(); ++size) {
    const decoded_file decoded = images_of({three.begin(), three.begin() + static_cast<std::ptrdiff_t>(size)});
    const std::size_t extension_size_bytes = 8;  // complete, with nothing behind it
    const bool whole =
        size == two.size() - 1 || size == two.size() - 1 + extension_size_bytes || size == three.size() - 1;
    ASSERT_EQ(decoded.images.size(), size == three.size() - 1 ? 3U : 2U) << size;
    ASSERT_EQ(decoded.failure.scan, whole ? LM_SCAN_OK : LM_SCAN_DAMAGED) << size;
    if (!whole) {
      ASSERT_EQ(decoded.failure.reason,
                "after 2 images: gif: the file ends at byte " + std::to_string(size) + ", before its frame 3 does");
    }
  }
}

TEST(Animation, ImagesAreLimited) {
  const bytes file = encode_gif(4, 2, palette, {gif_all_red(), gif_dot(0), gif_dot(2)});
  EXPECT_EQ(images_of(file, default_options, 2).images.size(), 2U);
  EXPECT_EQ(images_of(file, default_options, 2).failure.scan, LM_SCAN_OK);
  EXPECT_EQ(images_of(file, default_options, 0).images.size(), 1U);
  detail::decode_options options = default_options;
  options.max_frames = 2;
  EXPECT_EQ(images_of(file, options).images.size(), 2U);
  EXPECT_EQ(images_of(file, options).failure.scan, LM_SCAN_LIMIT);
  EXPECT_EQ(images_of(file, options).failure.reason, "after 2 images: gif: more frames than the limit of 2");
  collecting_sink sink;
  sink.wanted = 1;
  options = default_options;
  options.max_images = 100;
  EXPECT_EQ(detail::decode_images(file, options, sink).frames, 3U);
  EXPECT_EQ(sink.images.size(), 1U);
}

TEST(Animation, PixelsOfAllFramesTogetherAreLimited) {
  std::vector<gif_frame> gif_frames(30, gif_all_red());
  std::vector<webp_frame> webp_frames(30, {0, 0, flat(4, 2, {200, 0, 0})});
  std::vector<apng_frame> apng_frames(30, {.picture = flat(4, 2, {200, 0, 0})});
  detail::decode_options options = default_options;
  options.max_pixels = 8;
  for (const bytes &file : {encode_gif(4, 2, palette, gif_frames), encode_webp_animation(4, 2, webp_frames),
                            encode_apng(4, 2, apng_frames)}) {
    const decoded_file decoded = images_of(file, options);
    EXPECT_GE(decoded.images.size(), 9U);  // an APNG makes the pixels of its first frame twice
    EXPECT_LE(decoded.images.size(), 10U);
    EXPECT_EQ(decoded.failure.scan, LM_SCAN_LIMIT);
    EXPECT_NE(decoded.failure.reason.find("all its images together are over the limit of 10 x 8 pixels"),
              std::string::npos);
  }
}

// A frame far outside the canvas is decoded as well: its pixels count.
TEST(Animation, AFrameLargerThanItsCanvasIsLimited) {
  gif_frame huge{.width = 4, .height = 2, .indexes = bytes(8, 1)};
  bytes file = encode_gif(4, 2, palette, {gif_all_red(), huge});
  const std::size_t description = encode_gif(4, 2, palette, {gif_all_red()}).size();
  ASSERT_EQ(file[description - 1], ',');
  std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(description + 4), 4, std::uint8_t{255});
  const decoded_file decoded = images_of(file);
  EXPECT_EQ(decoded.images.size(), 1U);
  EXPECT_EQ(decoded.failure.reason, "after 1 image: gif: 65535 x 65535 pixels are over the limit of 100000000");
}

TEST(Animation, AnEndlessGifEndsAtItsLimits) {
  bytes file = encode_gif(4, 2, palette, {gif_all_red(), gif_dot(0)});
  const bytes one = encode_gif(4, 2, palette, {gif_all_red()});
  const bytes frame(file.begin() + static_cast<std::ptrdiff_t>(one.size()) - 1, file.end() - 1);
  file.pop_back();
  while (file.size() < 300000) {
    file.insert(file.end(), frame.begin(), frame.end());
  }
  const decoded_file decoded = images_of(file);
  EXPECT_EQ(decoded.images.size(), default_options.max_frames);
  EXPECT_EQ(decoded.failure.reason, "after 10000 images: gif: more frames than the limit of 10000");
}

webp_frame webp_middle(bool clears, bool blends) {
  return {2, 0, {2, 1, 4, {0, 200, 0, 255, 7, 7, 7, 0}}, clears, blends};
}

TEST(Animation, WebpBlendsAndClears) {
  const webp_frame red{0, 0, flat(6, 2, {200, 0, 0})};
  const webp_frame dot{4, 0, {1, 1, 4, {0, 200, 0, 255}}};
  const auto with = [&](bool clears, bool blends) {
    return shown(encode_webp_animation(6, 2, {red, webp_middle(clears, blends), dot}));
  };
  EXPECT_EQ(with(false, true), (std::vector<std::string>{"rrrrrrrrrrrr", "rrgrrrrrrrrr", "rrgrgrrrrrrr"}));
  EXPECT_EQ(with(false, false), (std::vector<std::string>{"rrrrrrrrrrrr", "rrg.rrrrrrrr", "rrg.grrrrrrr"}));
  EXPECT_EQ(with(true, true), (std::vector<std::string>{"rrrrrrrrrrrr", "rrgrrrrrrrrr", "rr..grrrrrrr"}));
}

TEST(Animation, HalfTransparentPixelsMixWithWhatIsBelow) {
  const bytes half{0, 0, 255, 127};
  const bytes below{100, 200, 0, 255};
  const bytes mixed{50, 100, 127};  // (100 * 128 + 127) / 255 and so on
  const decoded_file webp =
      images_of(encode_webp_animation(1, 1, {{0, 0, {1, 1, 4, below}}, {0, 0, {1, 1, 4, half}}}));
  ASSERT_EQ(webp.images.size(), 2U);
  EXPECT_EQ(webp.images[1].rgb, mixed);
  const decoded_file apng =
      images_of(encode_apng(1, 1, {{.picture = {1, 1, 4, below}}, {.picture = {1, 1, 4, half}, .blends = true}}));
  ASSERT_EQ(apng.images.size(), 2U);
  EXPECT_EQ(apng.images[1].rgb, mixed);
}

const raster apng_red = flat(4, 2, {200, 0, 0, 255});

apng_frame apng_middle(int disposal, bool blends) {
  return {.left = 1,
          .top = 0,
          .picture = {2, 1, 4, {0, 200, 0, 255, 7, 7, 7, 0}},
          .disposal = disposal,
          .blends = blends};
}

TEST(Animation, ApngBlendsKeepsClearsAndRestores) {
  const apng_frame dot{.left = 3, .top = 1, .picture = {1, 1, 4, {0, 200, 0, 255}}};
  const auto with = [&](int disposal, bool blends) {
    return shown(encode_apng(4, 2, {{.picture = apng_red}, apng_middle(disposal, blends), dot}));
  };
  EXPECT_EQ(with(0, true), (std::vector<std::string>{"rrrrrrrr", "rgrrrrrr", "rgrrrrrg"}));
  EXPECT_EQ(with(0, false), (std::vector<std::string>{"rrrrrrrr", "rg.rrrrr", "rg.rrrrg"}));
  EXPECT_EQ(with(1, true), (std::vector<std::string>{"rrrrrrrr", "rgrrrrrr", "r..rrrrg"}));
  EXPECT_EQ(with(2, false), (std::vector<std::string>{"rrrrrrrr", "rg.rrrrr", "rrrrrrrg"}));
}

TEST(Animation, APictureBesideAnApngIsAnImageOfItsOwn) {
  const bytes file = encode_apng(4, 2, {apng_middle(0, false), apng_middle(1, true)}, apng_red);
  EXPECT_EQ(shown(file), (std::vector<std::string>{"rrrrrrrr", ".g......", ".g......"}));
}

TEST(Animation, ApngFramesThatAreMissingOrWrongAreDamage) {
  const std::vector<apng_frame> frames{{.picture = apng_red}, apng_middle(0, false), apng_middle(0, true)};
  const bytes file = encode_apng(4, 2, frames);
  bytes more_announced = file;
  more_announced[8 + 25 + 8 + 3] = 4;
  repair_png_checksums(more_announced);
  EXPECT_EQ(images_of(more_announced).images.size(), 3U);
  EXPECT_EQ(images_of(more_announced).failure.reason,
            "after 3 images: png: 4 frames are announced and the file holds 3");
  std::vector<apng_frame> outside = frames;
  outside[1].left = 3;
  EXPECT_EQ(images_of(encode_apng(4, 2, outside)).failure.scan, LM_SCAN_DAMAGED);
  // Every byte of the last frame's chunks, and every length of the file.
  const std::size_t two = encode_apng(4, 2, {frames[0], frames[1]}).size() - 12;
  // Without the chunk that begins the third frame, its data follow those of the second: neither is believed.
  const auto is_type_of_third = [&](std::size_t i) { return i >= two + 4 && i < two + 8; };
  for (std::size_t i = two; i < file.size() - 12; ++i) {
    bytes wrong = file;
    wrong[i] ^= 0x20;
    const decoded_file decoded = images_of(wrong);
    ASSERT_EQ(decoded.failure.scan, LM_SCAN_DAMAGED) << i;
    ASSERT_EQ(decoded.images.size(), is_type_of_third(i) ? 1U : 2U) << i;
    const decoded_file cut = images_of({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(i)});
    ASSERT_EQ(cut.failure.scan, LM_SCAN_DAMAGED) << i;
    ASSERT_EQ(cut.images.size(), 2U) << i;
  }
}

TEST(Animation, InterlacedAndPaletteFramesAreFramesToo) {
  // The first frame of every kind of PNG, taken apart and put together again, has the pixels of the PNG.
  for (const named_file &file : every_variety()) {
    if (file.name.find(".png") == std::string::npos || file.name == "animated.png" || file.name == "beside.png") {
      continue;
    }
    bytes control(26, 0);
    std::copy(file.content.begin() + 16, file.content.begin() + 24, control.begin() + 4);
    bytes animated = with_png_chunk(file.content, "acTL", {0, 0, 0, 2, 0, 0, 0, 0});
    const bytes first = png_chunk("fcTL", control);
    animated.insert(animated.begin() + 8 + 25 + 20, first.begin(), first.end());
    control[3] = 1;
    bytes second = png_chunk("fcTL", control);
    // Its own IDAT chunks again as the second frame's data.
    std::uint8_t number = 2;
    for (std::size_t position = 8; position + 12 <= file.content.size();) {
      const std::size_t length = std::size_t{file.content[position + 2]} * 256 + file.content[position + 3];
      if (file.content[position + 4] == 'I' && file.content[position + 5] == 'D') {
        bytes data{0, 0, 0, number++};
        const auto from = file.content.begin() + static_cast<std::ptrdiff_t>(position + 8);
        data.insert(data.end(), from, from + static_cast<std::ptrdiff_t>(length));
        const bytes chunk = png_chunk("fdAT", data);
        second.insert(second.end(), chunk.begin(), chunk.end());
      }
      position += length + 12;
    }
    animated.insert(animated.end() - 12, second.begin(), second.end());
    const decoded_file decoded = images_of(animated);
    EXPECT_EQ(decoded.failure.reason, "") << file.name;
    ASSERT_EQ(decoded.images.size(), 2U) << file.name;
    EXPECT_EQ(decoded.images[0].rgb, decoded.images[1].rgb) << file.name;
  }
}

}  // namespace
}  // namespace libmatch::test
