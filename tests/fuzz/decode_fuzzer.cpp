// Any bytes behind the magic of one format are decoded or refused with a reason: one target for each format, so that
// none of them eats the others' time. LIBMATCH_FUZZED_MAGIC is how the format's files begin, and overwrites what
// does.
#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "image/decode.h"

using namespace libmatch::detail;

namespace {

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// Reads every byte that it is given, and holds the decoder to its promises.
class reading_sink final : public image_sink {
 public:
  void begin(const image_header &header) override {
    require(header.width != 0 && header.height != 0 && rows_left_ == 0);
    width_ = header.width;
    height_ = rows_left_ = header.height;
  }
  void rows(std::uint32_t y, std::uint32_t count, const std::uint8_t *rgb, std::size_t stride_bytes) override {
    require(y == height_ - rows_left_ && count <= rows_left_);
    for (std::uint32_t row = 0; row < count; ++row) {
      for (std::size_t i = 0; i < std::size_t{width_} * 3; ++i) {
        sum_ = sum_ + rgb[row * stride_bytes + i];
      }
    }
    rows_left_ -= count;
  }
  bool end() override {
    require(rows_left_ == 0);
    return true;
  }

 private:
  std::uint32_t width_ = 0;
  std::uint32_t height_ = 0;
  std::uint32_t rows_left_ = 0;
  volatile unsigned sum_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  constexpr std::string_view magic(LIBMATCH_FUZZED_MAGIC, sizeof(LIBMATCH_FUZZED_MAGIC) - 1);
  if (size < magic.size()) {
    return 0;
  }
  // Of its own size, so that a byte beyond it is seen.
  std::vector<std::uint8_t> file(data, data + size);
  // The sign _ stands for any byte.
  std::transform(magic.begin(), magic.end(), file.begin(), file.begin(), [](char letter, std::uint8_t byte) {
    return letter == '_' ? byte : static_cast<std::uint8_t>(letter);
  });
  // Small limits: the fuzzer learns nothing from large pictures.
  decode_options options{1U << 20U, 1U << 16U, 50, true};
  options.max_images = 8;
  try {
    reading_sink sink;
    decode_images(file, options, sink);
  } catch (const scan_failure &failure) {
    require(*failure.what() != 0 && failure.scan() != LM_SCAN_OK);
  }
  return 0;
}
