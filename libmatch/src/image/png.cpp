// PNG by libpng, which unpacks, turns palettes, greys and small depths into RGB and tRNS into alpha; 16 bit, alpha
// and interlacing are done here, by the formulas of docs/decoding.md and straight into the RGB buffer.
//
// libpng leaves by longjmp. Everything that calls it is a step: a function that run() enters and that holds nothing
// with a destructor; the C++ objects live in decode_png, which is never jumped over.
#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "image/decoders.h"
#include "image/exif.h"
#include "image/formulas.h"
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
  // After start():
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool interlaced = false;
  bool sixteen_bits = false;
  std::uint32_t channels = 0;  // 3 or 4
  std::size_t row_size_bytes = 0;
  // For the rows:
  std::uint8_t *rgb = nullptr;
  std::uint32_t band_rows = 0;  // where rgb is a band
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
  png_read_update_info(reader, session.info);
  session.width = png_get_image_width(reader, session.info);
  session.height = png_get_image_height(reader, session.info);
  session.interlaced = png_get_interlace_type(reader, session.info) != PNG_INTERLACE_NONE;
  session.sixteen_bits = png_get_bit_depth(reader, session.info) == 16;
  session.channels = png_get_channels(reader, session.info);
  session.row_size_bytes = png_get_rowbytes(reader, session.info);
}

// n pixels of 16 bit RGB or RGBA to RGB8. May work in place.
void convert_sixteen_bits(const std::uint8_t *samples, std::uint32_t channels, std::size_t n, std::uint8_t *rgb) {
  const auto sample = [&](std::size_t i) {
    return sixteen_to_eight_bits(static_cast<std::uint32_t>((samples[2 * i] << 8) | samples[2 * i + 1]));
  };
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t first = i * channels;
    std::uint8_t pixel[3] = {sample(first), sample(first + 1), sample(first + 2)};
    if (channels == 4) {
      const std::uint8_t alpha = sample(first + 3);
      for (std::uint8_t &color : pixel) {
        color = over_white(color, alpha);
      }
    }
    std::memcpy(rgb + 3 * i, pixel, sizeof pixel);
  }
}

// Nothing to be done to what libpng gives.
bool is_rgb8(const png_session &session) { return !session.sixteen_bits && session.channels == 3; }

void convert_row(const png_session &session, std::size_t n, std::uint8_t *rgb) {
  if (session.sixteen_bits) {
    convert_sixteen_bits(session.row, session.channels, n, rgb);
  } else {
    blend_over_white(session.row, n, rgb);
  }
}

// Fills the band.
void read_rows(png_session &session) {
  std::uint8_t *rgb = session.rgb;
  for (std::uint32_t i = 0; i < session.band_rows; ++i, ++session.rows_done, rgb += std::size_t{session.width} * 3) {
    if (is_rgb8(session)) {
      png_read_row(session.reader, rgb, nullptr);
    } else {
      png_read_row(session.reader, session.row, nullptr);
      convert_row(session, session.width, rgb);
    }
  }
}

// Adam7: seven smaller pictures, whose pixels go to every so many-th place.
void read_interlaced_rows(png_session &session) {
  for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; ++pass) {
    const std::uint32_t columns = PNG_PASS_COLS(session.width, pass);
    const std::uint32_t rows = PNG_PASS_ROWS(session.height, pass);
    if (columns == 0) {
      continue;
    }
    for (std::uint32_t y = 0; y < rows; ++y, ++session.rows_done) {
      png_read_row(session.reader, session.row, nullptr);
      if (!is_rgb8(session)) {
        convert_row(session, columns, session.row);  // its pixels shrink to 3 bytes, front to back
      }
      std::uint8_t *const line = session.rgb + std::size_t{PNG_ROW_FROM_PASS_ROW(y, pass)} * session.width * 3;
      for (std::uint32_t x = 0; x < columns; ++x) {
        std::memcpy(line + std::size_t{PNG_COL_FROM_PASS_COL(x, pass)} * 3, session.row + std::size_t{x} * 3, 3);
      }
    }
  }
}

[[noreturn]] void fail_png(const png_session &session, const png_chunks &chunks) {
  if (session.out_of_memory) {
    throw std::bad_alloc();
  }
  if (!chunks.cut_off.empty()) {
    not_scanned(LM_SCAN_DAMAGED, "png: ", chunks.cut_off, " (", session.message, ")");
  }
  not_scanned(LM_SCAN_DAMAGED, "png: ", session.message, ", near byte ", session.position);
}

}  // namespace

file_info decode_png(std::span<const std::uint8_t> file, image_writer &writer) {
  const decode_options &options = writer.options();
  const png_chunks chunks = read_png_chunks(file);
  check_pixels("png", chunks.width, chunks.height, options);
  if (std::max(chunks.width, chunks.height) > max_side_pixels) {
    not_scanned(LM_SCAN_LIMIT, "png: ", chunks.width, " x ", chunks.height, " pixels: a side is over ",
                max_side_pixels);
  }
  check_frames("png", chunks.frames, options);
  png_session session(file);
  if (!run(session, start)) {
    fail_png(session, chunks);
  }
  std::vector<std::uint8_t> row;
  if (session.interlaced || !is_rgb8(session)) {
    row.resize(session.row_size_bytes);
    session.row = row.data();
  }
  const image_header header{session.width, session.height, 0};
  const int orientation = exif_orientation(chunks.exif);
  writer.count_pixels("png", session.width, session.height);
  if (session.interlaced) {
    std::unique_ptr<std::uint8_t[]> rgb = new_pixels(session.width, session.height);
    session.rgb = rgb.get();
    if (!run(session, read_interlaced_rows)) {
      fail_png(session, chunks);
    }
    writer.give(std::move(rgb), header, orientation);
  } else {
    writer.begin(header, orientation);
    while (writer.rows_left()) {
      const image_writer::band band = writer.next_band();
      session.rgb = band.rgb;
      session.band_rows = band.rows;
      if (!run(session, read_rows)) {
        fail_png(session, chunks);
      }
      writer.band_filled();
    }
    writer.end();
  }
  return {"png", std::max(chunks.frames, std::uint32_t{1}), orientation};
}

}  // namespace libmatch::detail
