// TIFF by libtiff: every page of the chain, all compressions that it knows, converted by its RGBA interface but for
// CMYK, which it rounds down. The file is read from memory; errors and warnings are kept, not printed.
#include <tiffio.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "image/decoders.h"
#include "image/formulas.h"
#include "image/tiff_directories.h"

namespace libmatch::detail {

namespace {

// What libtiff may take at once: a strip or tile of 16 bit with alpha, and its tables.
constexpr std::uint64_t memory_of_pixel_bytes = 8;
constexpr std::uint64_t memory_beside_bytes = std::uint64_t{1} << 26;

// As for PNG; libtiff counts rows in an int.
constexpr std::uint64_t max_side_pixels = 1000000;

struct tiff_input {
  std::span<const std::uint8_t> file;
  std::uint64_t position = 0;
  bool is_reading_pixels = false;
  std::string error;    // the first
  std::string warning;  // the first while pixels were read: something was made up
};

tiff_input &input_of(thandle_t handle) { return *static_cast<tiff_input *>(handle); }

tmsize_t read_bytes(thandle_t handle, void *destination, tmsize_t size) {
  tiff_input &input = input_of(handle);
  const std::uint64_t left = input.file.size() - std::min<std::uint64_t>(input.position, input.file.size());
  const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(left, static_cast<std::uint64_t>(size)));
  if (count > 0) {
    std::memcpy(destination, input.file.data() + input.position, count);
  }
  input.position += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t write_nothing(thandle_t /*handle*/, void * /*source*/, tmsize_t /*size*/) { return 0; }

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  tiff_input &input = input_of(handle);
  const std::uint64_t from = whence == SEEK_CUR ? input.position : whence == SEEK_END ? input.file.size() : 0;
  input.position = from + offset;
  return input.position;
}

int close_nothing(thandle_t /*handle*/) { return 0; }

toff_t size_of(thandle_t handle) { return input_of(handle).file.size(); }

// libtiff reads where the file lies, and from there alone copies what it changes. Not mapped, it would refuse
// uncompressed tiles whose size is no multiple of 1,024 bytes.
int map_file(thandle_t handle, void **base, toff_t *size) {
  const tiff_input &input = input_of(handle);
  *base = const_cast<std::uint8_t *>(input.file.data());
  *size = input.file.size();
  return 1;
}

void unmap_nothing(thandle_t /*handle*/, void * /*base*/, toff_t /*size*/) {}

std::string message_of(const char *module, const char *format, va_list arguments) {
  char text[300];
  std::vsnprintf(text, sizeof text, format, arguments);
  std::string message = std::string(module != nullptr ? module : "libtiff") + ": " + text;
  for (char &letter : message) {
    letter = letter >= ' ' && letter <= '~' ? letter : '?';
  }
  return message;
}

// 1: nothing is left for the handlers that print.
int on_error(TIFF * /*tiff*/, void *user, const char *module, const char *format, va_list arguments) {
  tiff_input &input = *static_cast<tiff_input *>(user);
  if (input.error.empty()) {
    input.error = message_of(module, format, arguments);
  }
  return 1;
}

int on_warning(TIFF * /*tiff*/, void *user, const char *module, const char *format, va_list arguments) {
  tiff_input &input = *static_cast<tiff_input *>(user);
  if (input.is_reading_pixels && input.warning.empty()) {
    input.warning = message_of(module, format, arguments);
  }
  return 1;
}

struct tiff_closer {
  void operator()(TIFF *tiff) const noexcept { TIFFClose(tiff); }
};
using tiff_handle = std::unique_ptr<TIFF, tiff_closer>;

tiff_handle open_tiff(tiff_input &input, const decode_options &options) {
  struct options_deleter {
    void operator()(TIFFOpenOptions *open_options) const noexcept { TIFFOpenOptionsFree(open_options); }
  };
  const std::unique_ptr<TIFFOpenOptions, options_deleter> open_options(TIFFOpenOptionsAlloc());
  if (open_options == nullptr) {
    throw std::bad_alloc();
  }
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  const std::uint64_t pixels = std::min(options.max_pixels, (most - memory_beside_bytes) / memory_of_pixel_bytes);
  TIFFOpenOptionsSetMaxSingleMemAlloc(open_options.get(),
                                      static_cast<tmsize_t>(pixels * memory_of_pixel_bytes + memory_beside_bytes));
  TIFFOpenOptionsSetErrorHandlerExtR(open_options.get(), on_error, &input);
  TIFFOpenOptionsSetWarningHandlerExtR(open_options.get(), on_warning, &input);
  // r: read, h: the header alone.
  return tiff_handle(TIFFClientOpenExt("tiff", "rh", &input, read_bytes, write_nothing, seek, close_nothing, size_of,
                                       map_file, unmap_nothing, open_options.get()));
}

[[noreturn]] void fail_tiff(const tiff_input &input, std::size_t page) {
  const std::string &message = input.error.empty() ? input.warning : input.error;
  // libtiff's words for what max_pixels gave it as its limit.
  const bool over_limit = message.find("beyond the") != std::string::npos;
  not_scanned(over_limit ? LM_SCAN_LIMIT : LM_SCAN_DAMAGED, "tiff: page ", page + 1, ": ",
              message.empty() ? "damaged" : message);
}

// Instead of libtiff's functions of the same purpose.
std::uint32_t packed_cmyk(std::uint32_t cyan, std::uint32_t magenta, std::uint32_t yellow, std::uint32_t black) {
  const std::uint32_t light = 255 - black;
  return ink_under_black(255 - cyan, light) |
         static_cast<std::uint32_t>(ink_under_black(255 - magenta, light)) << 8U |
         static_cast<std::uint32_t>(ink_under_black(255 - yellow, light)) << 16U | 0xFF000000U;
}

void put_cmyk(TIFFRGBAImage *image, std::uint32_t *to, std::uint32_t /*x*/, std::uint32_t /*y*/, std::uint32_t width,
              std::uint32_t height, std::int32_t from_skip, std::int32_t to_skip, unsigned char *from) {
  for (std::uint32_t row = 0; row < height; ++row) {
    for (std::uint32_t i = 0; i < width; ++i, from += image->samplesperpixel) {
      *to++ = packed_cmyk(from[0], from[1], from[2], from[3]);
    }
    to += to_skip;
    from += std::ptrdiff_t{from_skip} * image->samplesperpixel;
  }
}

void put_cmyk_planes(TIFFRGBAImage * /*image*/, std::uint32_t *to, std::uint32_t /*x*/, std::uint32_t /*y*/,
                     std::uint32_t width, std::uint32_t height, std::int32_t from_skip, std::int32_t to_skip,
                     unsigned char *cyan, unsigned char *magenta, unsigned char *yellow, unsigned char *black) {
  for (std::uint32_t row = 0; row < height; ++row) {
    for (std::uint32_t i = 0; i < width; ++i) {
      *to++ = packed_cmyk(*cyan++, *magenta++, *yellow++, *black++);
    }
    to += to_skip;
    cyan += from_skip;
    magenta += from_skip;
    yellow += from_skip;
    black += from_skip;
  }
}

enum class alpha_kind { none, multiplied, separate };

class page_reader {
 public:
  page_reader(TIFF *tiff, tiff_input &input, std::size_t page) : tiff_(tiff), input_(input), page_(page) {
    char reason[1024] = "";
    if (TIFFRGBAImageOK(tiff, reason) == 0 || TIFFRGBAImageBegin(&image_, tiff, 1, reason) == 0) {
      if (input.error.empty()) {
        not_scanned(LM_SCAN_UNSUPPORTED, "tiff: page ", page + 1, ": ", reason);
      }
      fail_tiff(input, page);
    }
    begun_ = true;
    image_.req_orientation = image_.orientation;  // as stored
    if (image_.photometric == PHOTOMETRIC_SEPARATED && image_.bitspersample == 8) {
      if (image_.isContig != 0) {
        image_.put.contig = put_cmyk;
      } else {
        image_.put.separate = put_cmyk_planes;
      }
    }
    const bool is_grey = image_.photometric == PHOTOMETRIC_MINISBLACK || image_.photometric == PHOTOMETRIC_MINISWHITE;
    if (image_.photometric != PHOTOMETRIC_SEPARATED && image_.alpha != 0) {
      alpha_ = is_grey && image_.alpha == EXTRASAMPLE_UNASSALPHA ? alpha_kind::separate : alpha_kind::multiplied;
    }
  }
  page_reader(const page_reader &) = delete;
  page_reader &operator=(const page_reader &) = delete;
  ~page_reader() {
    if (begun_) {
      TIFFRGBAImageEnd(&image_);
    }
  }

  std::uint32_t width() const noexcept { return image_.width; }
  std::uint32_t height() const noexcept { return image_.height; }
  int orientation() const noexcept {
    return image_.orientation >= 1 && image_.orientation <= 8 ? image_.orientation : 1;
  }

  void give(image_writer &writer, std::uint32_t number) {
    writer.begin({image_.width, image_.height, number}, orientation());
    while (writer.rows_left()) {
      const image_writer::band band = writer.next_band();
      for (std::uint32_t i = 0; i < band.rows; ++i) {
        convert_row(next_row(writer), band.rgb + i * writer.stride_bytes());
      }
      writer.band_filled();
    }
    writer.end();
  }

 private:
  // A strip's rows, or a tile's, are decoded together.
  std::uint32_t rows_at_once() const {
    std::uint32_t rows = 0;
    if (TIFFIsTiled(tiff_) != 0) {
      TIFFGetField(tiff_, TIFFTAG_TILELENGTH, &rows);
    } else {
      TIFFGetFieldDefaulted(tiff_, TIFFTAG_ROWSPERSTRIP, &rows);
    }
    return std::clamp(rows, std::uint32_t{1}, image_.height);
  }

  const std::uint32_t *next_row(const image_writer &writer) {
    if (row_ == first_row_ + rows_held_) {
      writer.check_time();
      const std::uint32_t rows = std::min(rows_at_once(), image_.height - row_);
      if (raster_ == nullptr) {
        raster_ = std::make_unique_for_overwrite<std::uint32_t[]>(std::size_t{image_.width} * rows);
      }
      image_.row_offset = static_cast<int>(row_);
      input_.is_reading_pixels = true;
      if (TIFFRGBAImageGet(&image_, raster_.get(), image_.width, rows) == 0 || !input_.error.empty() ||
          !input_.warning.empty()) {
        fail_tiff(input_, page_);
      }
      input_.is_reading_pixels = false;
      first_row_ = row_;
      rows_held_ = rows;
    }
    return raster_.get() + std::size_t{row_++ - first_row_} * image_.width;
  }

  void convert_row(const std::uint32_t *row, std::uint8_t *rgb) const {
    for (std::uint32_t x = 0; x < image_.width; ++x) {
      const std::uint32_t alpha = row[x] >> 24U;
      for (unsigned channel = 0; channel < 3; ++channel) {
        const std::uint32_t color = (row[x] >> (8 * channel)) & 255U;
        *rgb++ = alpha_ == alpha_kind::none       ? static_cast<std::uint8_t>(color)
                 : alpha_ == alpha_kind::separate ? over_white(color, alpha)
                                                  : multiplied_over_white(color, alpha);
      }
    }
  }

  TIFF *tiff_;
  tiff_input &input_;
  std::size_t page_;
  TIFFRGBAImage image_{};
  bool begun_ = false;
  alpha_kind alpha_ = alpha_kind::none;
  std::unique_ptr<std::uint32_t[]> raster_;
  std::uint32_t row_ = 0;
  std::uint32_t first_row_ = 0;
  std::uint32_t rows_held_ = 0;
};

void check_sides(std::uint64_t width, std::uint64_t height, const decode_options &options) {
  check_pixels("tiff", width, height, options);
  if (std::max(width, height) > max_side_pixels) {
    not_scanned(LM_SCAN_LIMIT, "tiff: ", width, " x ", height, " pixels: a side is over ", max_side_pixels);
  }
}

int give_page(TIFF *tiff, tiff_input &input, const tiff_page &page, std::uint32_t number, image_writer &writer) {
  check_sides(page.width, page.height, writer.options());
  input.error.clear();
  input.warning.clear();
  if (TIFFSetSubDirectory(tiff, page.offset) == 0) {
    fail_tiff(input, number);
  }
  input.error.clear();  // of tags that the pixels do not need
  page_reader reader(tiff, input, number);
  // A directory may say its sides twice: those that libtiff took count.
  check_sides(reader.width(), reader.height(), writer.options());
  writer.count_pixels("tiff", reader.width(), reader.height());
  reader.give(writer, number);
  return reader.orientation();
}

}  // namespace

file_info decode_tiff(std::span<const std::uint8_t> file, image_writer &writer) {
  const tiff_directories directories = read_tiff_directories(file, writer.options().max_frames);
  tiff_input input{.file = file, .error = {}, .warning = {}};
  const tiff_handle tiff = open_tiff(input, writer.options());
  if (tiff == nullptr) {
    fail_tiff(input, 0);
  }
  file_info info{"tiff", 0, 1};
  for (std::size_t i = 0; i < directories.pages.size(); ++i) {
    const tiff_page &page = directories.pages[i];
    if (page.is_mask) {
      continue;
    }
    if (writer.wants_more()) {
      const int orientation = give_page(tiff.get(), input, page, static_cast<std::uint32_t>(i), writer);
      info.exif_orientation = info.frames == 0 ? orientation : info.exif_orientation;
    }
    ++info.frames;
  }
  if (!directories.damage.empty() && (writer.wants_more() || info.frames == 0)) {
    not_scanned(LM_SCAN_DAMAGED, "tiff: ", directories.damage);
  }
  if (info.frames == 0) {
    not_scanned(LM_SCAN_DAMAGED, "tiff: no page");
  }
  return info;
}

}  // namespace libmatch::detail
