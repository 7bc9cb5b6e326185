// What hashing adds to decoding JPEG files, one thread: the processor's time for libjpeg-turbo alone, its rows thrown
// away; for decoding and PDQ; and for decoding and the 16 codes of a whole image, the second decoding included where
// there is a border. The three take turns; the ratios are taken within a round, and of them the median and the
// quartiles told. Then all files over two threads beside one, by the clock.
// Usage: decode_rates [ROUNDS] FILE…
#include <cstddef>
#include <cstdio>
// jpeglib.h needs the two above.
#include <jpeglib.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/parallel.h"
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

// Of several rounds: the median, and in how wide a range the middle half lies.
struct spread {
  double median;
  double lower;
  double upper;
};

spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return {values[n / 2], values[n / 4], values[n - 1 - n / 4]};
}

file_bytes bytes_of(const char *path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void measure(const char *path, int rounds, instruction_set set) {
  const file_bytes file = bytes_of(path);
  std::vector<double> decoding;
  std::vector<double> with_pdq;
  std::vector<double> with_codes;
  std::size_t pixels = 0;
  bool has_border = false;
  for (int round = 0; round < rounds; ++round) {
    const double alone = milliseconds([&] { pixels = decode_alone(file); });
    decoding.push_back(alone);
    with_pdq.push_back(milliseconds([&] { decode_and_pdq(file, set); }) / alone);
    with_codes.push_back(milliseconds([&] { has_border = decode_and_codes(file, set); }) / alone);
  }
  const spread pdq = spread_of(with_pdq);
  const spread codes = spread_of(with_codes);
  std::printf(
      "%5.1f megapixels, decoding %6.2f ms, with PDQ x %.3f (%.3f to %.3f), with 16 codes x %.3f (%.3f to %.3f)"
      "%s  %s\n",
      static_cast<double>(pixels) * 1e-6, spread_of(decoding).median, pdq.median, pdq.lower, pdq.upper, codes.median,
      codes.lower, codes.upper, has_border ? " (border: decoded twice)" : "", path);
}

double clock_milliseconds(libmatch::detail::thread_pool &threads, const std::vector<file_bytes> &files,
                          instruction_set set) {
  // Several of each, so that the end, where one thread is left with a file, is short beside the whole.
  constexpr std::size_t copies = 4;
  const auto begin = std::chrono::steady_clock::now();
  threads.for_each(copies * files.size(), [&](std::size_t i) { decode_and_codes(files[i % files.size()], set); });
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

void measure_threads(const std::vector<file_bytes> &files, int rounds, instruction_set set) {
  libmatch::detail::thread_pool one(1);
  libmatch::detail::thread_pool two(2);
  std::vector<double> ratios;
  for (int round = 0; round < rounds; ++round) {
    const double alone = clock_milliseconds(one, files, set);
    ratios.push_back(alone / clock_milliseconds(two, files, set));
  }
  const spread ratio = spread_of(ratios);
  std::printf("two threads beside one, 16 codes of all files: x %.3f (%.3f to %.3f)\n", ratio.median, ratio.lower,
              ratio.upper);
}

}  // namespace

int main(int argc, char **argv) {
  int first = 1;
  int rounds = 15;
  if (argc > 1 && std::string(argv[1]).find_first_not_of("0123456789") == std::string::npos) {
    rounds = std::max(static_cast<int>(std::strtol(argv[1], nullptr, 10)), 1);
    first = 2;
  }
  std::vector<file_bytes> files;
  for (int i = first; i < argc; ++i) {
    measure(argv[i], rounds, best_set());
    files.push_back(bytes_of(argv[i]));
  }
  measure_threads(files, rounds, best_set());
}
