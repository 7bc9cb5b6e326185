// Any bytes are decoded or refused with a reason, alone and as a file of several images.
#include <cstdlib>

#include "image/decode.h"

namespace {

using namespace libmatch::detail;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// Every pixel has a value, which the sanitizers see used.
void use(const std::uint8_t *bytes, std::size_t n) {
  volatile unsigned sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    sum = sum + bytes[i];
  }
}

class checking_sink : public image_sink {
 public:
  void begin(const image_header &header) override {
    require(!is_open_ && header.width > 0 && header.height > 0);
    header_ = header;
    rows_ = 0;
    is_open_ = true;
  }
  void rows(std::uint32_t y, std::uint32_t count, const std::uint8_t *rgb, std::size_t stride_bytes) override {
    require(is_open_ && y == rows_ && count > 0 && count <= header_.height - y);
    for (std::uint32_t i = 0; i < count; ++i) {
      use(rgb + i * stride_bytes, std::size_t{header_.width} * 3);
    }
    rows_ += count;
  }
  bool end() override {
    require(is_open_ && rows_ == header_.height);
    is_open_ = false;
    ++images_;
    return true;
  }
  std::uint32_t images() const { return images_; }

 private:
  image_header header_{};
  std::uint32_t rows_ = 0;
  std::uint32_t images_ = 0;
  bool is_open_ = false;
};

void check(const scan_failure &failure) { require(*failure.what() != 0 && failure.scan() != LM_SCAN_OK); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  // Small limits: the fuzzer learns nothing from large pictures.
  decode_options options{1U << 20U, 1U << 18U, 100, true};
  bool first_is_whole = false;
  try {
    const decoded_image image = decode({data, size}, options);
    use(image.rgb.get(), std::size_t{image.width} * image.height * 3);
    first_is_whole = true;
  } catch (const scan_failure &failure) {
    check(failure);
  }
  options.max_images = 20;
  checking_sink sink;
  try {
    require(decode_images({data, size}, options, sink).frames >= sink.images());
  } catch (const scan_failure &failure) {
    check(failure);
  }
  require(sink.images() <= options.max_images && (sink.images() > 0 || !first_is_whole));
  return 0;
}
