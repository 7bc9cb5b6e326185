// What hashing adds to decoding JPEG files, one thread: the processor's time for libjpeg-turbo alone, its rows thrown
// away; for decoding and PDQ; and for decoding and the 16 codes of a whole image, the second decoding included where
// there is a border. The three take turns, the medians are compared.
// Usage: decode_rates [ROUNDS] FILE…
#include <cstddef>
#include <cstdio>
// jpeglib.h needs the two above.
#include <jpeglib.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hash/border.h"
#include "hash/pdq_stream.h"
#include "hash/trimmed_stream.h"
#include "image/decode.h"

namespace {

using libmatch::detail::image_header;
using libmatch::detail::instruction_set;
using file_bytes = std::vector<std::uint8_t>;

instruction_set best_set() {
  for (const instruction_set set : libmatch::detail::instruction_sets_best_first) {
    if (libmatch::detail::can_run(set)) {
      return set;
    }
  }
  return instruction_set::scalar;
}

// Files that libjpeg refuses end the program, as is its way.
std::size_t decode_alone(const file_bytes &file) {
  jpeg_decompress_struct decoder{};
  jpeg_error_mgr errors{};
  decoder.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&decoder);
  jpeg_mem_src(&decoder, file.data(), static_cast<unsigned long>(file.size()));
  jpeg_read_header(&decoder, TRUE);
  decoder.out_color_space = JCS_RGB;
  decoder.dct_method = JDCT_ISLOW;
  decoder.do_fancy_upsampling = TRUE;
  jpeg_start_decompress(&decoder);
  constexpr JDIMENSION rows_at_once = 8;
  const std::size_t stride = std::size_t{decoder.output_width} * 3;
  file_bytes band(stride * rows_at_once);
  JSAMPROW rows[rows_at_once];
  for (JDIMENSION i = 0; i < rows_at_once; ++i) {
    rows[i] = band.data() + i * stride;
  }
  while (decoder.output_scanline < decoder.output_height) {
    jpeg_read_scanlines(&decoder, rows, rows_at_once);
  }
  const std::size_t pixels = std::size_t{decoder.output_width} * decoder.output_height;
  jpeg_finish_decompress(&decoder);
  jpeg_destroy_decompress(&decoder);
  return pixels;
}

// Feeds a stream made for the image's shape.
template <typename Stream, typename Make>
class stream_sink final : public libmatch::detail::image_sink {
 public:
  explicit stream_sink(const Make &make) : make_(make) {}
  void begin(const image_header &header) override {
    stream.emplace(make_(libmatch::detail::pdq_shape{header.width, header.height, LM_PIXEL_RGB8}));
  }
  void rows(std::uint32_t /*y*/, std::uint32_t count, const std::uint8_t *rgb, std::size_t stride_bytes) override {
    stream->rows(rgb, count, stride_bytes);
  }
  bool end() override { return false; }

  std::optional<Stream> stream;

 private:
  Make make_;
};

template <typename Stream, typename Make>
Stream streamed(const file_bytes &file, const Make &make) {
  stream_sink<Stream, Make> sink(make);
  libmatch::detail::decode_images(file, {std::uint64_t{1} << 30, std::uint64_t{1} << 30, 1, true}, sink);
  return std::move(*sink.stream);
}

void decode_and_pdq(const file_bytes &file, instruction_set set) {
  using libmatch::detail::pdq_stream;
  const auto make = [&](const libmatch::detail::pdq_shape &shape) {
    return pdq_stream(shape, LM_ORIENTATIONS_PLAIN, set);
  };
  static_cast<void>(streamed<pdq_stream>(file, make).finish());
}

// What a scan does with the rows of an image at the standard effort.
struct whole_stream {
  whole_stream(const libmatch::detail::pdq_shape &shape, instruction_set set)
      : pdq(shape, LM_ORIENTATIONS_SAMPLED, set), border(shape, set) {}
  void rows(const std::uint8_t *rgb, std::size_t count, std::size_t stride_bytes) {
    border.rows(rgb, count, stride_bytes);
    pdq.rows(rgb, count, stride_bytes);
  }

  libmatch::detail::pdq_stream pdq;
  libmatch::detail::border_finder border;
};

// Whether there was a border.
bool decode_and_codes(const file_bytes &file, instruction_set set) {
  using libmatch::detail::trimmed_stream;
  const whole_stream whole = streamed<whole_stream>(
      file, [&](const libmatch::detail::pdq_shape &shape) { return whole_stream(shape, set); });
  static_cast<void>(whole.pdq.finish());
  const auto framed = whole.border.finish();
  if (framed) {
    const auto make = [&](const libmatch::detail::pdq_shape &shape) {
      return trimmed_stream(shape.format, *framed, LM_ORIENTATIONS_SAMPLED, set);
    };
    static_cast<void>(streamed<trimmed_stream>(file, make).finish());
  }
  return framed.has_value();
}

template <typename Work>
double milliseconds(const Work &work) {
  timespec begin{};
  timespec end{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
  work();
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
  return static_cast<double>(end.tv_sec - begin.tv_sec) * 1e3 +
         static_cast<double>(end.tv_nsec - begin.tv_nsec) * 1e-6;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void measure(const char *path, int rounds, instruction_set set) {
  std::ifstream stream(path, std::ios::binary);
  const file_bytes file((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  std::vector<double> alone;
  std::vector<double> with_pdq;
  std::vector<double> with_codes;
  std::size_t pixels = 0;
  bool has_border = false;
  for (int round = 0; round < rounds; ++round) {
    alone.push_back(milliseconds([&] { pixels = decode_alone(file); }));
    with_pdq.push_back(milliseconds([&] { decode_and_pdq(file, set); }));
    with_codes.push_back(milliseconds([&] { has_border = decode_and_codes(file, set); }));
  }
  const double decoding = median(alone);
  std::printf("%5.1f megapixels, decoding %6.2f ms, with PDQ x %.3f, with 16 codes x %.3f%s  %s\n",
              static_cast<double>(pixels) * 1e-6, decoding, median(with_pdq) / decoding,
              median(with_codes) / decoding, has_border ? " (border: decoded twice)" : "", path);
}

}  // namespace

int main(int argc, char **argv) {
  int first = 1;
  int rounds = 15;
  if (argc > 1 && std::string(argv[1]).find_first_not_of("0123456789") == std::string::npos) {
    rounds = std::max(static_cast<int>(std::strtol(argv[1], nullptr, 10)), 1);
    first = 2;
  }
  for (int i = first; i < argc; ++i) {
    measure(argv[i], rounds, best_set());
  }
}
