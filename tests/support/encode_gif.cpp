#include <gif_lib.h>

#include <algorithm>

#include "support/encoded_images.h"

namespace libmatch::test {

namespace {

int append(GifFileType *gif, const GifByteType *data, int size) {
  bytes &file = *static_cast<bytes *>(gif->UserData);
  file.insert(file.end(), data, data + size);
  return size;
}

ColorMapObject *color_map(const std::vector<std::array<std::uint8_t, 3>> &palette) {
  if (palette.empty()) {
    return nullptr;
  }
  std::vector<GifColorType> colors;
  for (const auto &[red, green, blue] : palette) {
    colors.push_back({red, green, blue});
  }
  return GifMakeMapObject(static_cast<int>(colors.size()), colors.data());
}

void write_frame(GifFileType *gif, const gif_frame &frame) {
  if (frame.transparent_index >= 0 || frame.disposal != 0) {
    const GraphicsControlBlock control{frame.disposal, false, 0, frame.transparent_index};
    std::array<GifByteType, 4> extension{};
    EGifGCBToExtension(&control, extension.data());
    EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, static_cast<int>(extension.size()), extension.data());
  }
  ColorMapObject *const colors = color_map(frame.palette);
  // giflib 5.2.1 forgets the last frame's colors when this one has none.
  GifFreeMapObject(gif->Image.ColorMap);
  gif->Image.ColorMap = nullptr;
  EGifPutImageDesc(gif, frame.left, frame.top, frame.width, frame.height, frame.interlaced, colors);
  GifFreeMapObject(colors);
  bytes indexes = frame.indexes;
  const auto put_rows = [&](int first, int step) {
    for (int y = first; y < frame.height; y += step) {
      EGifPutLine(gif, indexes.data() + static_cast<std::ptrdiff_t>(y) * frame.width, frame.width);
    }
  };
  if (frame.interlaced) {
    put_rows(0, 8);
    put_rows(4, 8);
    put_rows(2, 4);
    put_rows(1, 2);
  } else {
    put_rows(0, 1);
  }
}

}  // namespace

bytes encode_gif(int canvas_width, int canvas_height, const std::vector<std::array<std::uint8_t, 3>> &palette,
                 const std::vector<gif_frame> &frames) {
  bytes file;
  int error = 0;
  GifFileType *const gif = EGifOpen(&file, append, &error);
  EGifSetGifVersion(gif, true);
  ColorMapObject *const colors = color_map(palette);
  EGifPutScreenDesc(gif, canvas_width, canvas_height, 8, 0, colors);
  GifFreeMapObject(colors);
  for (const gif_frame &frame : frames) {
    write_frame(gif, frame);
  }
  EGifCloseFile(gif, &error);
  return file;
}

}  // namespace libmatch::test
