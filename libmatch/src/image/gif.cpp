// GIF by giflib: every frame on its canvas, everything not painted white.
#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "image/canvas.h"
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

struct gif_session {
  gif_reader reader;
  gif_handle gif;
  std::uint32_t frame = 0;  // that is being read, counted from 0
};

[[noreturn]] void fail_gif(int error_code, const gif_session &session) {
  if (error_code == D_GIF_ERR_NOT_ENOUGH_MEM) {
    throw std::bad_alloc();
  }
  const std::size_t position = session.reader.position;
  if (position == session.reader.file.size()) {
    if (session.frame == 0) {
      not_scanned(LM_SCAN_DAMAGED, "gif: the file ends at byte ", position, ", before its first frame does");
    }
    not_scanned(LM_SCAN_DAMAGED, "gif: the file ends at byte ", position, ", before its frame ", session.frame + 1,
                " does");
  }
  const char *const text = GifErrorString(error_code);
  not_scanned(LM_SCAN_DAMAGED, "gif: ", text != nullptr ? text : "damaged", ", near byte ", position);
}

// What an extension says of the frame behind it.
struct frame_control {
  int transparent_index = NO_TRANSPARENT_COLOR;
  frame_disposal disposal = frame_disposal::keep;
};

frame_disposal disposal_of(int mode) {
  switch (mode) {
    case DISPOSE_BACKGROUND:  // browsers clear to transparency, whatever the background color
      return frame_disposal::clear;
    case DISPOSE_PREVIOUS:
    case 4:  // what some encoders write for it, and browsers take it so
      return frame_disposal::restore;
    default:
      return frame_disposal::keep;
  }
}

// The extension at the reader: a graphic control is about the next frame, the others say nothing about pixels.
void read_extension(const gif_session &session, frame_control &control) {
  GifFileType *const gif = session.gif.get();
  int code = 0;
  GifByteType *block = nullptr;  // its size, then its bytes; null at the end
  int result = DGifGetExtension(gif, &code, &block);
  while (result == GIF_OK && block != nullptr) {
    GraphicsControlBlock graphics{};
    if (code == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &graphics) == GIF_OK) {
      control = {graphics.TransparentColor, disposal_of(graphics.DisposalMode)};
    }
    result = DGifGetExtensionNext(gif, &block);
  }
  if (result != GIF_OK) {
    fail_gif(gif->Error, session);
  }
}

// Stands behind the next frame's description afterwards. False at the end: the trailer, or behind a whole frame the
// end of the file or bytes that mean nothing.
bool find_frame(const gif_session &session, frame_control &control) {
  GifFileType *const gif = session.gif.get();
  for (;;) {
    GifRecordType record = UNDEFINED_RECORD_TYPE;
    const bool at_end = session.reader.position == session.reader.file.size();
    if (DGifGetRecordType(gif, &record) != GIF_OK) {
      if (session.frame > 0 && (at_end || gif->Error == D_GIF_ERR_WRONG_RECORD)) {
        return false;
      }
      fail_gif(gif->Error, session);
    }
    switch (record) {
      case IMAGE_DESC_RECORD_TYPE:
        if (DGifGetImageDesc(gif) != GIF_OK) {
          fail_gif(gif->Error, session);
        }
        if (gif->Image.Width <= 0 || gif->Image.Height <= 0) {
          not_scanned(LM_SCAN_DAMAGED, "gif: a frame of ", gif->Image.Width, " x ", gif->Image.Height, " pixels");
        }
        return true;
      case EXTENSION_RECORD_TYPE:
        read_extension(session, control);
        break;
      default:
        return false;
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
  std::array<std::array<std::uint8_t, 3>, 256> colors{};
  std::array<bool, 256> paints{};  // not the transparent index, nor those without a color

  palette(const ColorMapObject &map, int transparent_index) {
    for (int i = 0; i < std::min(map.ColorCount, 256); ++i) {
      if (i != transparent_index) {
        colors[static_cast<std::size_t>(i)] = {map.Colors[i].Red, map.Colors[i].Green, map.Colors[i].Blue};
        paints[static_cast<std::size_t>(i)] = true;
      }
    }
  }
};

void paint_row(const std::vector<GifPixelType> &indexes, const palette &palette, std::size_t count,
               std::uint8_t *to) {
  for (std::size_t i = 0; i < count; ++i, to += 3) {
    if (palette.paints[indexes[i]]) {
      std::memcpy(to, palette.colors[indexes[i]].data(), 3);
    }
  }
}

// All rows are read, those that lie on the canvas are painted.
void paint_frame(const gif_session &session, const palette &palette, const image_writer &writer, canvas &canvas) {
  const GifImageDesc &frame = session.gif->Image;
  struct pass {
    int first_row, step;
  };
  constexpr std::array<pass, 4> interlaced{{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
  constexpr std::array<pass, 1> sequential{{{0, 1}}};
  const std::span<const pass> passes = frame.Interlace ? std::span<const pass>(interlaced) : sequential;
  const auto left = static_cast<std::uint32_t>(frame.Left);
  const std::uint32_t columns =
      left < canvas.width() ? std::min(static_cast<std::uint32_t>(frame.Width), canvas.width() - left) : 0;
  std::vector<GifPixelType> indexes(static_cast<std::size_t>(frame.Width));
  for (const auto &[first_row, step] : passes) {
    for (int y = first_row; y < frame.Height; y += step) {
      if (DGifGetLine(session.gif.get(), indexes.data(), frame.Width) != GIF_OK) {
        fail_gif(session.gif->Error, session);
      }
      const auto row = static_cast<std::uint32_t>(frame.Top + y);
      if (row < canvas.height() && columns > 0) {
        paint_row(indexes, palette, columns, canvas.at(left, row));
      }
      if (y % 64 == 0) {
        writer.check_time();
      }
    }
  }
}

// The frame whose description was read.
void read_frame(const gif_session &session, const frame_control &control, image_writer &writer, canvas &canvas) {
  const GifImageDesc &frame = session.gif->Image;
  const ColorMapObject *const colors = frame.ColorMap != nullptr ? frame.ColorMap : session.gif->SColorMap;
  if (colors == nullptr) {
    not_scanned(LM_SCAN_UNSUPPORTED, "gif: no color table");
  }
  const frame_place place{static_cast<std::uint32_t>(frame.Left), static_cast<std::uint32_t>(frame.Top),
                          static_cast<std::uint32_t>(frame.Width), static_cast<std::uint32_t>(frame.Height)};
  if (std::uint64_t{place.width} * place.height > std::uint64_t{canvas.width()} * canvas.height()) {
    writer.count_pixels("gif", place.width, place.height);  // lies beyond the canvas, and is decoded nevertheless
  }
  writer.count_pixels("gif", canvas.width(), canvas.height());
  canvas.begin_frame(place, control.disposal);
  paint_frame(session, palette(*colors, control.transparent_index), writer, canvas);
}

}  // namespace

file_info decode_gif(std::span<const std::uint8_t> file, image_writer &writer) {
  gif_session session{.reader = {file}, .gif = nullptr};
  int error_code = 0;
  session.gif.reset(DGifOpen(&session.reader, read_bytes, &error_code));
  if (session.gif == nullptr) {
    fail_gif(error_code, session);
  }
  frame_control control;
  if (!find_frame(session, control)) {
    not_scanned(LM_SCAN_DAMAGED, "gif: ends at byte ", session.reader.position, " without a frame");
  }
  const GifImageDesc &first = session.gif->Image;
  // A first frame that reaches over the canvas makes it larger, as browsers have it; of others that part is cut off.
  const auto width = static_cast<std::uint32_t>(std::max(session.gif->SWidth, first.Left + first.Width));
  const auto height = static_cast<std::uint32_t>(std::max(session.gif->SHeight, first.Top + first.Height));
  check_pixels("gif", width, height, writer.options());
  const std::uint64_t frames = count_frames(file, session.reader.position, writer.options().max_frames);
  canvas canvas(width, height);
  do {
    read_frame(session, control, writer, canvas);
    canvas.give(writer, session.frame, 1, frames == 1);
    ++session.frame;
    control = {};
  } while (frames > 1 && writer.wants_more() && find_frame(session, control));
  return {"gif", static_cast<std::uint32_t>(frames), 1};
}

}  // namespace libmatch::detail
