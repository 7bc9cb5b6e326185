// PNG by libpng, which unpacks, turns palettes, greys and small depths into RGB and tRNS into alpha; 16 bit, alpha
// and interlacing are done here, by the formulas of docs/decoding.md and straight into the rows wanted.
//
// libpng leaves by longjmp. Everything that calls it is a step: a function that run() enters and that holds nothing
// with a destructor; the C++ objects live in decode_png and
// decode_png_rgba, which are never jumped over.
#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "image/decoders.h"
#include "image/exif.h"
#include "image/formulas.h"
#include "image/png_animation.h"
#include "image/png_chunks.h"

namespace libmatch::detail {

namespace {

// libpng's rows take up to 20 bytes a pixel. No picture is this wide; a file that says so is after the memory.
constexpr std::uint32_t max_side_pixels = 1000000;

struct png_session {
  std::span<const std::uint8_t> file;
  std::size_t position = 0;
  png_structp reader = nullptr;
  png_infop info = nullptr;
  std::jmp_buf escape{};
  char message[160]{};
  bool out_of_memory = false;
  std::uint32_t pixel_size_bytes = 3;  // of the pixels wanted: RGB over white, or RGBA
  // After start():
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool interlaced = false;
  bool sixteen_bits = false;
  std::uint32_t channels = 0;  // 3 or 4
  std::size_t row_size_bytes = 0;
  // For the rows:
  std::uint8_t *pixels = nullptr;
  std::uint32_t band_rows = 0;  // where `pixels` is a band
  std::uint8_t *row = nullptr;
  std::uint32_t rows_done = 0;

  explicit png_session(std::span<const std::uint8_t> bytes) : file(bytes) {}
  png_session(const png_session &) = delete;
  png_session &operator=(const png_session &) = delete;
  ~png_session() { png_destroy_read_struct(&reader, &info, nullptr); }
};

[[noreturn]] void on_error(png_structp reader, png_const_charp text) {
  png_session &session = *static_cast<png_session *>(png_get_error_ptr(reader));
  std::snprintf(session.message, sizeof session.message, "%s", text);
  std::longjmp(session.escape, 1);
}

void on_warning(png_structp /*reader*/, png_const_charp /*text*/) {}

png_voidp allocate(png_structp reader, png_alloc_size_t size) {
  void *const memory = std::malloc(size);
  if (memory == nullptr) {
    static_cast<png_session *>(png_get_mem_ptr(reader))->out_of_memory = true;
  }
  return memory;
}

void release(png_structp /*reader*/, png_voidp memory) { std::free(memory); }

void read_bytes(png_structp reader, png_bytep destination, std::size_t size) {
  png_session &session = *static_cast<png_session *>(png_get_io_ptr(reader));
  if (size > session.file.size() - session.position) {
    png_error(reader, "the file ends early");
  }
  std::memcpy(destination, session.file.data() + session.position, size);
  session.position += size;
}

// Runs one step; false when libpng gave up.
bool run(png_session &session, void (*step)(png_session &session)) {
  if (setjmp(session.escape) != 0) {
    return false;
  }
  step(session);
  return true;
}

void start(png_session &session) {
  session.reader =
      png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &session, on_error, on_warning, &session, allocate, release);
  session.info = session.reader != nullptr ? png_create_info_struct(session.reader) : nullptr;
  if (session.info == nullptr) {
    session.out_of_memory = true;
    std::longjmp(session.escape, 1);
  }
  png_structp reader = session.reader;
  png_set_read_fn(reader, &session, read_bytes);
  png_set_user_limits(reader, max_side_pixels, max_side_pixels);
  // Only IHDR, PLTE, tRNS, IDAT and IEND decide pixels. The others are stepped over: profiles and texts are
  // compressed and may be far larger than they look.
  png_set_keep_unknown_chunks(reader, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_read_info(reader, session.info);
  png_set_expand(reader);
  png_set_gray_to_rgb(reader);
  if (session.pixel_size_bytes == 4) {
    png_set_add_alpha(reader, 0xFFFF, PNG_FILLER_AFTER);  // where there is none
  }
  png_read_update_info(reader, session.info);
  session.width = png_get_image_width(reader, session.info);
  session.height = png_get_image_height(reader, session.info);
  session.interlaced = png_get_interlace_type(reader, session.info) != PNG_INTERLACE_NONE;
  session.sixteen_bits = png_get_bit_depth(reader, session.info) == 16;
  session.channels = png_get_channels(reader, session.info);
  session.row_size_bytes = png_get_rowbytes(reader, session.info);
}

// n pixels of 16 bit to 8. May work in place.
void convert_sixteen_bits(const png_session &session, std::size_t n, std::uint8_t *to) {
  const std::uint8_t *const samples = session.row;
  const auto sample = [&](std::size_t i) {
    return sixteen_to_eight_bits(static_cast<std::uint32_t>((samples[2 * i] << 8) | samples[2 * i + 1]));
  };
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t first = i * session.channels;
    std::uint8_t pixel[4] = {sample(first), sample(first + 1), sample(first + 2),
                             session.channels == 4 ? sample(first + 3) : std::uint8_t{255}};
    if (session.pixel_size_bytes == 3) {
      for (int channel = 0; channel < 3; ++channel) {
        pixel[channel] = over_white(pixel[channel], pixel[3]);
      }
    }
    std::memcpy(to + i * session.pixel_size_bytes, pixel, session.pixel_size_bytes);
  }
}

// Nothing to be done to what libpng gives.
bool is_as_wanted(const png_session &session) {
  return !session.sixteen_bits && session.channels == session.pixel_size_bytes;
}

void convert_row(const png_session &session, std::size_t n, std::uint8_t *to) {
  if (session.sixteen_bits) {
    convert_sixteen_bits(session, n, to);
  } else {
    blend_over_white(session.row, n, to);
  }
}

// Fills the band.
void read_rows(png_session &session) {
  const std::size_t stride_bytes = std::size_t{session.width} * session.pixel_size_bytes;
  std::uint8_t *to = session.pixels;
  for (std::uint32_t i = 0; i < session.band_rows; ++i, ++session.rows_done, to += stride_bytes) {
    if (is_as_wanted(session)) {
      png_read_row(session.reader, to, nullptr);
    } else {
      png_read_row(session.reader, session.row, nullptr);
      convert_row(session, session.width, to);
    }
  }
}

// Adam7: seven smaller pictures, whose pixels go to every so many-th place.
void read_interlaced_rows(png_session &session) {
  const std::size_t pixel_size_bytes = session.pixel_size_bytes;
  for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; ++pass) {
    const std::uint32_t columns = PNG_PASS_COLS(session.width, pass);
    const std::uint32_t rows = PNG_PASS_ROWS(session.height, pass);
    if (columns == 0) {
      continue;
    }
    for (std::uint32_t y = 0; y < rows; ++y, ++session.rows_done) {
      png_read_row(session.reader, session.row, nullptr);
      if (!is_as_wanted(session)) {
        convert_row(session, columns, session.row);  // its pixels shrink, front to back
      }
      std::uint8_t *const line =
          session.pixels + std::size_t{PNG_ROW_FROM_PASS_ROW(y, pass)} * session.width * pixel_size_bytes;
      for (std::uint32_t x = 0; x < columns; ++x) {
        std::memcpy(line + std::size_t{PNG_COL_FROM_PASS_COL(x, pass)} * pixel_size_bytes,
                    session.row + x * pixel_size_bytes, pixel_size_bytes);
      }
    }
  }
}

// cut_off: as in png_chunks.
[[noreturn]] void fail_png(const png_session &session, const std::string &cut_off) {
  if (session.out_of_memory) {
    throw std::bad_alloc();
  }
  if (!cut_off.empty()) {
    not_scanned(LM_SCAN_DAMAGED, "png: ", cut_off, " (", session.message, ")");
  }
  not_scanned(LM_SCAN_DAMAGED, "png: ", session.message, ", near byte ", session.position);
}

// A row as libpng gives it, where that is not as wanted.
std::vector<std::uint8_t> row_for(png_session &session) {
  std::vector<std::uint8_t> row;
  if (session.interlaced || !is_as_wanted(session)) {
    row.resize(session.row_size_bytes);
    session.row = row.data();
  }
  return row;
}

// The picture that every program sees.
void give_picture(std::span<const std::uint8_t> file, const png_chunks &chunks, int orientation,
                  image_writer &writer) {
  png_session session(file);
  if (!run(session, start)) {
    fail_png(session, chunks.cut_off);
  }
  const std::vector<std::uint8_t> row = row_for(session);
  const image_header header{session.width, session.height, 0};
  writer.count_pixels("png", session.width, session.height);
  if (session.interlaced) {
    std::unique_ptr<std::uint8_t[]> rgb = new_pixels(session.width, session.height);
    session.pixels = rgb.get();
    if (!run(session, read_interlaced_rows)) {
      fail_png(session, chunks.cut_off);
    }
    writer.give(std::move(rgb), header, orientation);
    return;
  }
  writer.begin(header, orientation);
  while (writer.rows_left()) {
    const image_writer::band band = writer.next_band();
    session.pixels = band.rgb;
    session.band_rows = band.rows;
    if (!run(session, read_rows)) {
      fail_png(session, chunks.cut_off);
    }
    writer.band_filled();
  }
  writer.end();
}

}  // namespace

std::unique_ptr<std::uint8_t[]> decode_png_rgba(std::span<const std::uint8_t> stream) {
  png_session session(stream);
  session.pixel_size_bytes = 4;
  if (!run(session, start)) {
    fail_png(session, {});
  }
  const std::vector<std::uint8_t> row = row_for(session);
  auto rgba = std::make_unique_for_overwrite<std::uint8_t[]>(std::size_t{session.width} * session.height * 4);
  session.pixels = rgba.get();
  session.band_rows = session.height;
  if (!run(session, session.interlaced ? read_interlaced_rows : read_rows)) {
    fail_png(session, {});
  }
  return rgba;
}

file_info decode_png(std::span<const std::uint8_t> file, image_writer &writer) {
  const png_chunks chunks = read_png_chunks(file);
  check_pixels("png", chunks.width, chunks.height, writer.options());
  if (std::max(chunks.width, chunks.height) > max_side_pixels) {
    not_scanned(LM_SCAN_LIMIT, "png: ", chunks.width, " x ", chunks.height, " pixels: a side is over ",
                max_side_pixels);
  }
  check_frames("png", chunks.frames, writer.options());
  const int orientation = exif_orientation(chunks.exif);
  give_picture(file, chunks, orientation, writer);
  std::uint32_t frames = std::max(chunks.frames, std::uint32_t{1});
  if (chunks.is_animated && chunks.picture_is_beside) {
    ++frames;
  }
  if (chunks.is_animated && writer.wants_more()) {
    give_png_animation(file, chunks, orientation, writer);
  }
  return {"png", frames, orientation};
}

}  // namespace libmatch::detail
