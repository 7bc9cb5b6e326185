// JPEG by libjpeg-turbo: accurate integer DCT, smooth upsampling, the pixels that its other users see.
//
// libjpeg leaves by longjmp. Everything that calls it is a step: a function that run() enters and that holds nothing
// with a destructor; the C++ objects live in give_picture, which is never jumped over.
#include <cstddef>
#include <cstdio>
// jpeglib.h needs the two above, jerror.h needs jpeglib.h.
#include <jpeglib.h>

#include <jerror.h>

#include <algorithm>
#include <csetjmp>
#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <vector>

#include "image/decoders.h"
#include "image/formulas.h"
#include "image/jpeg_markers.h"
#include "image/jpeg_planes.h"

namespace libmatch::detail {

namespace {

// A progressive file may say the whole picture again with a few bytes a scan. Encoders write 10 to 20 scans.
constexpr std::uint64_t max_scans = 500;
// And all scans together read at most this many times the pixels that one picture may have.
constexpr std::uint64_t max_scans_at_pixel_limit = 32;

struct jpeg_session {
  jpeg_decompress_struct decoder{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf escape{};
  char message[JMSG_LENGTH_MAX]{};
  std::span<const std::uint8_t> file;
  std::uint64_t allowed_scans = max_scans;
  const image_writer *writer = nullptr;
  image_writer::band band{};
  std::uint8_t *cmyk_row = nullptr;
  jpeg_planes *planes = nullptr;  // where our kernels put the picture together
  bool header_read = false;
  bool has_several_scans = false;
  bool too_many_scans = false;
  bool out_of_time = false;

  explicit jpeg_session(std::span<const std::uint8_t> bytes);
  jpeg_session(const jpeg_session &) = delete;
  jpeg_session &operator=(const jpeg_session &) = delete;
  ~jpeg_session() { jpeg_destroy_decompress(&decoder); }
};

jpeg_session &session_of(j_common_ptr common) { return *static_cast<jpeg_session *>(common->client_data); }

[[noreturn]] void on_error(j_common_ptr common) {
  jpeg_session &session = session_of(common);
  session.errors.format_message(common, session.message);
  std::longjmp(session.escape, 1);
}

// Warnings say that libjpeg made something up. Those after which every pixel is still the encoder's pass; the others
// end the decoding.
void on_message(j_common_ptr common, int level) {
  if (level >= 0) {
    return;
  }
  const jpeg_session &session = session_of(common);
  switch (session.errors.msg_code) {
    case JWRN_ADOBE_XFORM:      // an unknown color transform: taken as YCbCr
    case JWRN_EXTRANEOUS_DATA:  // padding before a marker, which many cameras write
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL:  // a baseline scan whose progressive parameters are not 0, 63, 0
      return;
    case JWRN_JPEG_EOF:
      // In Huffman-coded sequential scans a missing bit is noticed (JWRN_HIT_MARKER), so that only the end marker may
      // be missing. In other files the end of the file cannot be told from less detail.
      if (session.header_read && !session.decoder.progressive_mode && !session.decoder.arith_code) {
        return;
      }
      break;
    default:
      break;
  }
  on_error(common);
}

void on_progress(j_common_ptr common) {
  jpeg_session &session = session_of(common);
  if (static_cast<std::uint64_t>(session.decoder.input_scan_number) > session.allowed_scans) {
    session.too_many_scans = true;
    std::longjmp(session.escape, 1);
  }
  if (session.writer->out_of_time()) {
    session.out_of_time = true;
    std::longjmp(session.escape, 1);
  }
}

void print_nothing(j_common_ptr /*common*/) {}

jpeg_session::jpeg_session(std::span<const std::uint8_t> bytes) : file(bytes) {
  decoder.err = jpeg_std_error(&errors);
  decoder.client_data = this;
  errors.error_exit = on_error;
  errors.emit_message = on_message;
  errors.output_message = print_nothing;
  progress.progress_monitor = on_progress;
}

// Runs one step; false when libjpeg gave up.
bool run(jpeg_session &session, void (*step)(jpeg_session &session)) {
  if (setjmp(session.escape) != 0) {
    return false;
  }
  step(session);
  return true;
}

void read_header(jpeg_session &session) {
  jpeg_create_decompress(&session.decoder);
  session.decoder.progress = &session.progress;
  jpeg_mem_src(&session.decoder, session.file.data(), static_cast<unsigned long>(session.file.size()));
  jpeg_read_header(&session.decoder, TRUE);
  session.header_read = true;
}

bool is_cmyk(const jpeg_decompress_struct &decoder) {
  return decoder.jpeg_color_space == JCS_CMYK || decoder.jpeg_color_space == JCS_YCCK;
}

// Of a file with several scans this reads all of them.
void start(jpeg_session &session) {
  jpeg_decompress_struct &decoder = session.decoder;
  decoder.out_color_space = is_cmyk(decoder) ? JCS_CMYK : JCS_RGB;
  decoder.dct_method = JDCT_ISLOW;
  decoder.do_fancy_upsampling = TRUE;
  decoder.raw_data_out = session.planes != nullptr ? TRUE : FALSE;
  jpeg_start_decompress(&decoder);
  session.has_several_scans = jpeg_has_multiple_scans(&decoder) != FALSE;
}

// Fills the band.
void read_rows(jpeg_session &session) {
  jpeg_decompress_struct &decoder = session.decoder;
  const std::size_t row_size_bytes = std::size_t{decoder.output_width} * 3;
  JSAMPROW rows[8];
  for (JDIMENSION done = 0; done < session.band.rows;) {
    const JDIMENSION count = std::min<JDIMENSION>(8, session.band.rows - done);
    for (JDIMENSION i = 0; i < count; ++i) {
      rows[i] = session.band.rgb + (done + i) * row_size_bytes;
    }
    done += jpeg_read_scanlines(&decoder, rows, count);
  }
}

void read_planes(jpeg_session &session) {
  session.planes->read_rows(session.decoder, session.band.rows, session.band.rgb);
}

void read_cmyk_rows(jpeg_session &session) {
  jpeg_decompress_struct &decoder = session.decoder;
  // Adobe stores brightness, 255 for no ink; a file without its marker stores ink.
  const std::uint8_t to_brightness = decoder.saw_Adobe_marker ? 0 : 255;
  std::uint8_t *rgb = session.band.rgb;
  for (JDIMENSION done = 0; done < session.band.rows; ++done) {
    JSAMPROW row = session.cmyk_row;
    jpeg_read_scanlines(&decoder, &row, 1);
    for (JDIMENSION x = 0; x < decoder.output_width; ++x, row += 4) {
      const std::uint32_t black = row[3] ^ to_brightness;
      for (int ink = 0; ink < 3; ++ink) {
        *rgb++ = ink_under_black(row[ink] ^ to_brightness, black);
      }
    }
  }
}

lm_scan scan_of_error(const jpeg_session &session) {
  constexpr int jpeg_ls_frame = 0xf7;
  switch (session.errors.msg_code) {
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_COMPONENT_COUNT:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_EMPTY_IMAGE:  // its height comes after the picture
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_IMAGE_TOO_BIG:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
    case JERR_WIDTH_OVERFLOW:
      return LM_SCAN_UNSUPPORTED;
    case JERR_UNKNOWN_MARKER:
      return session.errors.msg_parm.i[0] == jpeg_ls_frame ? LM_SCAN_UNSUPPORTED : LM_SCAN_DAMAGED;
    default:
      return LM_SCAN_DAMAGED;
  }
}

[[noreturn]] void fail_jpeg(const jpeg_session &session) {
  const jpeg_decompress_struct &decoder = session.decoder;
  if (session.too_many_scans) {
    not_scanned(LM_SCAN_LIMIT, "jpeg: more than ", session.allowed_scans, " scans of ", decoder.image_width, " x ",
                decoder.image_height, " pixels");
  }
  if (session.out_of_time) {
    session.writer->check_time();
  }
  if (session.errors.msg_code == JERR_OUT_OF_MEMORY) {
    throw std::bad_alloc();
  }
  if (decoder.output_scanline > 0) {
    not_scanned(scan_of_error(session), "jpeg: ", session.message, ", at row ", decoder.output_scanline, " of ",
                decoder.output_height);
  }
  const std::size_t left = decoder.src != nullptr ? decoder.src->bytes_in_buffer : 0;
  not_scanned(scan_of_error(session), "jpeg: ", session.message, ", near byte ",
              session.file.size() - std::min(left, session.file.size()));
}

void check_header(jpeg_session &session, const decode_options &options) {
  const jpeg_decompress_struct &decoder = session.decoder;
  check_pixels("jpeg", decoder.image_width, decoder.image_height, options);
  if (decoder.jpeg_color_space == JCS_UNKNOWN) {
    not_scanned(LM_SCAN_UNSUPPORTED, "jpeg: ", decoder.num_components, " color components");
  }
  const std::uint64_t pixels = std::uint64_t{decoder.image_width} * decoder.image_height;
  session.allowed_scans =
      std::min(max_scans, max_scans_at_pixel_limit * std::min(max_scans, options.max_pixels / pixels));
}

// With several scans a component may never come: libjpeg would show it as grey.
void check_components(const jpeg_decompress_struct &decoder) {
  for (int i = 0; i < decoder.num_components; ++i) {
    const bool missing =
        decoder.progressive_mode ? decoder.coef_bits[i][0] < 0 : decoder.comp_info[i].quant_table == nullptr;
    if (missing) {
      not_scanned(LM_SCAN_DAMAGED, "jpeg: no data for color component ", i + 1, " of ", decoder.num_components);
    }
  }
}

void give_picture(std::span<const std::uint8_t> picture, std::uint32_t number, int orientation,
                  image_writer &writer) {
  jpeg_session session(picture);
  session.writer = &writer;
  if (!run(session, read_header)) {
    fail_jpeg(session);
  }
  check_header(session, writer.options());
  std::optional<jpeg_planes> planes;
  const jpeg_row_kernels *kernels = best_jpeg_row_kernels();
  if (kernels != nullptr && jpeg_planes::can_take(session.decoder)) {
    session.planes = &planes.emplace(session.decoder, *kernels);
  }
  if (!run(session, start)) {
    fail_jpeg(session);
  }
  const jpeg_decompress_struct &decoder = session.decoder;
  if (session.has_several_scans) {
    check_components(decoder);
  }
  std::vector<std::uint8_t> cmyk_row;
  if (is_cmyk(decoder)) {
    cmyk_row.resize(std::size_t{decoder.output_width} * 4);
    session.cmyk_row = cmyk_row.data();
  }
  writer.count_pixels("jpeg", decoder.output_width, decoder.output_height);
  writer.begin({decoder.output_width, decoder.output_height, number}, orientation);
  while (writer.rows_left()) {
    session.band = writer.next_band();
    if (!run(session, session.planes != nullptr ? read_planes : is_cmyk(decoder) ? read_cmyk_rows : read_rows)) {
      fail_jpeg(session);
    }
    writer.band_filled();
  }
  writer.end();
}

}  // namespace

file_info decode_jpeg(std::span<const std::uint8_t> file, image_writer &writer) {
  const jpeg_markers first = read_jpeg_markers(file);
  give_picture(file, 0, first.orientation, writer);
  const std::vector<std::span<const std::uint8_t>> others =
      other_pictures(file, first.pictures, writer.options().max_frames);
  for (std::size_t i = 0; i < others.size() && writer.wants_more(); ++i) {
    give_picture(others[i], static_cast<std::uint32_t>(i + 1), read_jpeg_markers(others[i]).orientation, writer);
  }
  return {"jpeg", static_cast<std::uint32_t>(others.size() + 1), first.orientation};
}

}  // namespace libmatch::detail
