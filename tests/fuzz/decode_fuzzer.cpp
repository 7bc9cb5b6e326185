// Any bytes are decoded or refused with a reason.
#include <cstdlib>

#include "image/decode.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  using namespace libmatch::detail;
  // Small limits: the fuzzer learns nothing from large pictures.
  const decode_options options{1U << 20U, 1U << 18U, 100, true};
  try {
    const decoded_image image = decode({data, size}, options);
    // Every pixel has a value.
    volatile unsigned sum = 0;
    for (std::size_t i = 0; i < std::size_t{image.width} * image.height * 3; ++i) {
      sum = sum + image.rgb[i];
    }
  } catch (const scan_failure &failure) {
    if (*failure.what() == 0 || failure.scan() == LM_SCAN_OK) {
      std::abort();
    }
  }
  return 0;
}
