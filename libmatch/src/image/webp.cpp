// WebP by libwebp: lossy and lossless, every frame of an animation on its canvas, everything not painted white.
#include <webp/decode.h>
#include <webp/demux.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string_view>

#include "image/byte_order.h"
#include "image/canvas.h"
#include "image/decoders.h"
#include "image/exif.h"
#include "image/formulas.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t riff_header_size_bytes = 12;
constexpr std::size_t chunk_header_size_bytes = 8;
// Beside the frames. libwebp keeps a record of each, so that a file of empty chunks would take six times its size.
constexpr std::uint64_t max_other_chunks = 1000;

struct demuxer_deleter {
  void operator()(WebPDemuxer *demuxer) const noexcept { WebPDemuxDelete(demuxer); }
};
using demuxer_handle = std::unique_ptr<WebPDemuxer, demuxer_deleter>;

// What the chunks say, read before libwebp takes memory for each of them.
struct webp_chunks {
  std::uint64_t width = 0;  // of the canvas, where an extended header gives it
  std::uint64_t height = 0;
  std::uint64_t frames = 0;  // of an animation; counted up to one more than the limit
  std::uint64_t other_chunks = 0;
  std::uint64_t bytes_missing = 0;
};

webp_chunks read_chunks(std::span<const std::uint8_t> file, std::uint64_t max_frames) {
  constexpr std::size_t extended_header_size_bytes = 10;
  webp_chunks chunks;
  const std::uint64_t riff_size_bytes = std::uint64_t{read_u32_le(file.data() + 4)} + chunk_header_size_bytes;
  if (riff_size_bytes > file.size()) {
    chunks.bytes_missing = riff_size_bytes - file.size();
  } else {
    file = file.first(static_cast<std::size_t>(riff_size_bytes));
  }
  std::size_t position = riff_header_size_bytes;
  while (position + chunk_header_size_bytes <= file.size() && chunks.frames <= max_frames &&
         chunks.other_chunks <= max_other_chunks) {
    const std::uint8_t *const chunk = file.data() + position;
    const std::string_view type(reinterpret_cast<const char *>(chunk), 4);
    const std::size_t size_bytes = read_u32_le(chunk + 4);
    position += chunk_header_size_bytes;
    if (type == "ANMF") {
      ++chunks.frames;
    } else {
      ++chunks.other_chunks;
    }
    if (type == "VP8X" && size_bytes >= extended_header_size_bytes &&
        file.size() - position >= extended_header_size_bytes) {
      const std::uint8_t *const sides = chunk + chunk_header_size_bytes + 4;
      chunks.width = (read_u32_le(sides - 1) >> 8) + 1;  // 24 bits
      chunks.height = (read_u32_le(sides + 2) >> 8) + 1;
    }
    const std::size_t padded_size_bytes = size_bytes + size_bytes % 2;
    if (padded_size_bytes > file.size() - position) {
      break;
    }
    position += padded_size_bytes;
  }
  return chunks;
}

int stored_orientation(WebPDemuxer *demuxer) {
  WebPChunkIterator chunk;
  if (WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk) == 0) {
    return 1;
  }
  const int orientation = exif_orientation({chunk.chunk.bytes, chunk.chunk.size});
  WebPDemuxReleaseChunkIterator(&chunk);
  return orientation;
}

const char *describe(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_NOT_ENOUGH_DATA:
      return "its data end early";
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return "it uses a feature that is not decoded";
    default:
      return "its data are damaged";
  }
}

// Decodes one frame into `rows`, rows stride_bytes apart, as RGB or RGBA.
void decode_frame(const WebPIterator &frame, WEBP_CSP_MODE mode, std::uint8_t *rows, std::size_t stride_bytes) {
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) {
    not_scanned(LM_SCAN_UNSUPPORTED, "webp: this libwebp is not the one libmatch was built for");
  }
  const std::size_t pixel_size_bytes = mode == MODE_RGBA ? 4 : 3;
  const std::size_t width = static_cast<std::size_t>(frame.width);
  const std::size_t height = static_cast<std::size_t>(frame.height);
  config.output.colorspace = mode;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = rows;
  config.output.u.RGBA.stride = static_cast<int>(stride_bytes);
  config.output.u.RGBA.size = stride_bytes * (height - 1) + width * pixel_size_bytes;
  const VP8StatusCode status = WebPDecode(frame.fragment.bytes, frame.fragment.size, &config);
  if (status == VP8_STATUS_OUT_OF_MEMORY) {
    throw std::bad_alloc();
  }
  if (status != VP8_STATUS_OK) {
    not_scanned(status == VP8_STATUS_UNSUPPORTED_FEATURE ? LM_SCAN_UNSUPPORTED : LM_SCAN_DAMAGED, "webp: frame of ",
                width, " x ", height, " pixels: ", describe(status));
  }
}

// A picture that covers its canvas and after which nothing is painted.
std::unique_ptr<std::uint8_t[]> decode_alone(const WebPIterator &frame) {
  const auto width = static_cast<std::uint32_t>(frame.width);
  const auto height = static_cast<std::uint32_t>(frame.height);
  if (frame.has_alpha == 0) {
    std::unique_ptr<std::uint8_t[]> rgb = new_pixels(width, height);
    decode_frame(frame, MODE_RGB, rgb.get(), std::size_t{width} * 3);
    return rgb;
  }
  // RGBA, then RGB in the same memory: one buffer of 4 bytes a pixel instead of two.
  const std::size_t n = std::size_t{width} * height;
  auto pixels = std::make_unique_for_overwrite<std::uint8_t[]>(n * 4);
  decode_frame(frame, MODE_RGBA, pixels.get(), std::size_t{width} * 4);
  blend_over_white(pixels.get(), n, pixels.get());
  return pixels;
}

void paint(const WebPIterator &frame, canvas &canvas) {
  const frame_place place{static_cast<std::uint32_t>(frame.x_offset), static_cast<std::uint32_t>(frame.y_offset),
                          static_cast<std::uint32_t>(frame.width), static_cast<std::uint32_t>(frame.height)};
  canvas.begin_frame(
      place, frame.dispose_method == WEBP_MUX_DISPOSE_BACKGROUND ? frame_disposal::clear : frame_disposal::keep);
  if (frame.has_alpha == 0) {
    decode_frame(frame, MODE_RGB, canvas.at(place.left, place.top), canvas.stride_bytes());
    return;
  }
  const std::size_t row_size_bytes = std::size_t{place.width} * 4;
  const auto rgba = std::make_unique_for_overwrite<std::uint8_t[]>(row_size_bytes * place.height);
  decode_frame(frame, MODE_RGBA, rgba.get(), row_size_bytes);
  for (std::uint32_t y = 0; y < place.height; ++y) {
    const std::uint8_t *const row = rgba.get() + y * row_size_bytes;
    if (frame.blend_method == WEBP_MUX_BLEND) {
      canvas.blend(place.left, place.top + y, row, place.width);
    } else {
      canvas.replace(place.left, place.top + y, row, place.width);
    }
  }
}

struct iterator_releaser {
  WebPIterator *iterator;
  ~iterator_releaser() { WebPDemuxReleaseIterator(iterator); }
};

void check_place(const WebPIterator &frame, std::uint32_t canvas_width, std::uint32_t canvas_height) {
  const std::uint64_t right = static_cast<std::uint64_t>(frame.x_offset) + static_cast<std::uint64_t>(frame.width);
  const std::uint64_t bottom = static_cast<std::uint64_t>(frame.y_offset) + static_cast<std::uint64_t>(frame.height);
  if (frame.width <= 0 || frame.height <= 0 || right > canvas_width || bottom > canvas_height) {
    not_scanned(LM_SCAN_DAMAGED, "webp: frame ", frame.frame_num, " does not lie on the canvas");
  }
}

void give_frames(WebPIterator &frame, std::uint32_t width, std::uint32_t height, int orientation,
                 image_writer &writer) {
  const auto number = [&] { return static_cast<std::uint32_t>(frame.frame_num) - 1; };
  const auto is_last = [&] { return frame.frame_num == frame.num_frames; };
  check_place(frame, width, height);
  writer.count_pixels("webp", width, height);
  if (static_cast<std::uint32_t>(frame.width) == width && static_cast<std::uint32_t>(frame.height) == height &&
      (is_last() || writer.wants_one_more())) {
    writer.give(decode_alone(frame), {width, height, 0}, orientation);
    return;
  }
  canvas canvas(width, height);
  paint(frame, canvas);
  canvas.give(writer, number(), orientation, is_last());
  while (writer.wants_more() && WebPDemuxNextFrame(&frame) != 0) {
    check_place(frame, width, height);
    writer.count_pixels("webp", width, height);
    paint(frame, canvas);
    canvas.give(writer, number(), orientation, is_last());
  }
}

}  // namespace

file_info decode_webp(std::span<const std::uint8_t> file, image_writer &writer) {
  const decode_options &options = writer.options();
  const webp_chunks chunks = read_chunks(file, options.max_frames);
  check_frames("webp", chunks.frames, options);
  if (chunks.other_chunks > max_other_chunks) {
    not_scanned(LM_SCAN_LIMIT, "webp: more than ", max_other_chunks, " chunks beside its frames");
  }
  if (chunks.width != 0) {
    check_pixels("webp", chunks.width, chunks.height, options);
  }
  const WebPData data{file.data(), file.size()};
  const demuxer_handle demuxer(WebPDemux(&data));
  if (demuxer == nullptr) {
    if (chunks.bytes_missing > 0) {
      not_scanned(LM_SCAN_DAMAGED, "webp: the file ends ", chunks.bytes_missing, " bytes early");
    }
    not_scanned(LM_SCAN_DAMAGED, "webp: its chunks are damaged");
  }
  const std::uint32_t width = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH);
  const std::uint32_t height = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT);
  check_pixels("webp", width, height, options);
  const std::uint32_t frames = WebPDemuxGetI(demuxer.get(), WEBP_FF_FRAME_COUNT);
  const int orientation = stored_orientation(demuxer.get());
  WebPIterator frame;
  if (WebPDemuxGetFrame(demuxer.get(), 1, &frame) == 0) {
    not_scanned(LM_SCAN_DAMAGED, "webp: no frame");
  }
  const iterator_releaser releaser{&frame};
  give_frames(frame, width, height, orientation, writer);
  return {"webp", frames, orientation};
}

}  // namespace libmatch::detail
