// GIF by giflib: the first frame on its canvas, everything not painted white.
#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "image/decoders.h"

namespace libmatch::detail {

namespace {

struct gif_reader {
  std::span<const std::uint8_t> file;
  std::size_t position = 0;
};

// giflib reads as many bytes as it needs at once and no further, so that position is where the format stands.
int read_bytes(GifFileType *gif, GifByteType *destination, int size) {
  gif_reader &reader = *static_cast<gif_reader *>(gif->UserData);
  const std::size_t count = std::min(static_cast<std::size_t>(size), reader.file.size() - reader.position);
  std::memcpy(destination, reader.file.data() + reader.position, count);
  reader.position += count;
  return static_cast<int>(count);
}

struct gif_closer {
  void operator()(GifFileType *gif) const noexcept { DGifCloseFile(gif, nullptr); }
};
using gif_handle = std::unique_ptr<GifFileType, gif_closer>;

[[noreturn]] void fail_gif(int error_code, const gif_reader &reader) {
  if (error_code == D_GIF_ERR_NOT_ENOUGH_MEM) {
    throw std::bad_alloc();
  }
  if (reader.position == reader.file.size()) {
    not_scanned(LM_SCAN_DAMAGED, "gif: the file ends at byte ", reader.position, ", before its first frame does");
  }
  const char *const text = GifErrorString(error_code);
  not_scanned(LM_SCAN_DAMAGED, "gif: ", text != nullptr ? text : "damaged", ", near byte ", reader.position);
}

// The extension at the reader: a graphic control sets which color index is transparent, the others say nothing about
// pixels.
void read_extension(GifFileType *gif, const gif_reader &reader, int &transparent_index) {
  int code = 0;
  GifByteType *block = nullptr;  // its size, then its bytes; null at the end
  int result = DGifGetExtension(gif, &code, &block);
  while (result == GIF_OK && block != nullptr) {
    GraphicsControlBlock control{};
    if (code == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
      transparent_index = control.TransparentColor;
    }
    result = DGifGetExtensionNext(gif, &block);
  }
  if (result != GIF_OK) {
    fail_gif(gif->Error, reader);
  }
}

// Stands behind the first frame's description afterwards. Returns its transparent color index or -1.
int find_first_frame(GifFileType *gif, const gif_reader &reader) {
  int transparent_index = NO_TRANSPARENT_COLOR;
  for (;;) {
    GifRecordType record = UNDEFINED_RECORD_TYPE;
    if (DGifGetRecordType(gif, &record) != GIF_OK) {
      fail_gif(gif->Error, reader);
    }
    switch (record) {
      case IMAGE_DESC_RECORD_TYPE:
        if (DGifGetImageDesc(gif) != GIF_OK) {
          fail_gif(gif->Error, reader);
        }
        return transparent_index;
      case EXTENSION_RECORD_TYPE:
        read_extension(gif, reader, transparent_index);
        break;
      default:
        not_scanned(LM_SCAN_DAMAGED, "gif: ends at byte ", reader.position, " without a frame");
    }
  }
}

// Counts the frames whose description the file holds, by stepping over their data: `position` is at the first
// frame's data. Stops at one more than max_frames, so that a file without an end has one.
std::uint64_t count_frames(std::span<const std::uint8_t> file, std::size_t position, std::uint64_t max_frames) {
  constexpr std::size_t frame_description_size_bytes = 9;
  const auto skip_data_blocks = [&] {
    while (position < file.size() && file[position] != 0) {
      position += std::size_t{file[position]} + 1;
    }
    ++position;
  };
  std::uint64_t frames = 1;
  skip_data_blocks();
  while (frames <= max_frames && position < file.size()) {
    const std::uint8_t introducer = file[position++];
    if (introducer == '!') {
      ++position;
    } else if (introducer == ',' && position + frame_description_size_bytes <= file.size()) {
      ++frames;
      const unsigned flags = file[position + frame_description_size_bytes - 1];
      const std::size_t color_table_size_bytes = (flags & 0x80U) != 0 ? std::size_t{6} << (flags & 7U) : 0;
      position += frame_description_size_bytes + color_table_size_bytes + 1;
    } else {
      break;  // the trailer, or bytes that mean nothing
    }
    skip_data_blocks();
  }
  return frames;
}

struct palette {
  std::array<std::array<std::uint8_t, 3>, 256> colors;

  // An index that has no color, or is transparent, shows the white behind.
  palette(const ColorMapObject &map, int transparent_index) {
    colors.fill({255, 255, 255});
    for (int i = 0; i < std::min(map.ColorCount, 256); ++i) {
      if (i != transparent_index) {
        colors[static_cast<std::size_t>(i)] = {map.Colors[i].Red, map.Colors[i].Green, map.Colors[i].Blue};
      }
    }
  }
};

void read_frame(GifFileType *gif, const gif_reader &reader, const palette &palette, decoded_image &image) {
  const GifImageDesc &frame = gif->Image;
  struct pass {
    int first_row, step;
  };
  constexpr std::array<pass, 4> interlaced{{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
  constexpr std::array<pass, 1> sequential{{{0, 1}}};
  const std::span<const pass> passes = frame.Interlace ? std::span<const pass>(interlaced) : sequential;
  std::vector<GifPixelType> indexes(static_cast<std::size_t>(frame.Width));
  for (const auto &[first_row, step] : passes) {
    for (int y = first_row; y < frame.Height; y += step) {
      if (DGifGetLine(gif, indexes.data(), frame.Width) != GIF_OK) {
        fail_gif(gif->Error, reader);
      }
      const std::size_t row = static_cast<std::size_t>(frame.Top) + static_cast<std::size_t>(y);
      std::uint8_t *to = image.rgb.get() + (row * image.width + static_cast<std::size_t>(frame.Left)) * 3;
      for (const GifPixelType index : indexes) {
        std::memcpy(to, palette.colors[index].data(), 3);
        to += 3;
      }
    }
  }
}

}  // namespace

file_info decode_gif(std::span<const std::uint8_t> file, image_writer &writer) {
  const decode_options &options = writer.options();
  gif_reader reader{file};
  int error_code = 0;
  const gif_handle gif(DGifOpen(&reader, read_bytes, &error_code));
  if (gif == nullptr) {
    fail_gif(error_code, reader);
  }
  const int transparent_index = find_first_frame(gif.get(), reader);
  const GifImageDesc &frame = gif->Image;
  if (frame.Width <= 0 || frame.Height <= 0) {
    not_scanned(LM_SCAN_DAMAGED, "gif: a frame of ", frame.Width, " x ", frame.Height, " pixels");
  }
  decoded_image image;
  // A first frame that reaches over the canvas makes it larger, as browsers have it.
  image.width = static_cast<std::uint32_t>(std::max(gif->SWidth, frame.Left + frame.Width));
  image.height = static_cast<std::uint32_t>(std::max(gif->SHeight, frame.Top + frame.Height));
  check_pixels("gif", image.width, image.height, options);
  const ColorMapObject *const colors = frame.ColorMap != nullptr ? frame.ColorMap : gif->SColorMap;
  if (colors == nullptr) {
    not_scanned(LM_SCAN_UNSUPPORTED, "gif: no color table");
  }
  const std::uint64_t frames = count_frames(file, reader.position, options.max_frames);
  check_frames("gif", frames, options);
  image.rgb = new_pixels(image.width, image.height);
  const bool covers_canvas = static_cast<std::uint32_t>(frame.Width) == image.width &&
                             static_cast<std::uint32_t>(frame.Height) == image.height;
  if (!covers_canvas) {
    std::memset(image.rgb.get(), 255, std::size_t{image.width} * image.height * 3);
  }
  read_frame(gif.get(), reader, palette(*colors, transparent_index), image);
  writer.count_pixels("gif", image.width, image.height);
  writer.give(std::move(image.rgb), {image.width, image.height, 0}, 1);
  return {"gif", static_cast<std::uint32_t>(frames), 1};
}

}  // namespace libmatch::detail
