// Decoding as the tests of image/ want it: pixels or the reason, as plain values.
#pragma once

#include <string>

#include "image/decode.h"
#include "support/encoded_images.h"

namespace libmatch::test {

inline constexpr detail::decode_options default_options{1U << 28U, 100000000, 10000, true};

inline bytes pixels_of(const bytes &file, const detail::decode_options &options = default_options) {
  const detail::decoded_image image = detail::decode(file, options);
  return {image.rgb.get(), image.rgb.get() + std::size_t{image.width} * image.height * 3};
}

struct refusal {
  lm_scan scan = LM_SCAN_OK;
  std::string reason;
};

// LM_SCAN_OK and "" when it is decoded.
inline refusal refusal_of(const bytes &file, const detail::decode_options &options = default_options) {
  try {
    detail::decode(file, options);
    return {};
  } catch (const detail::scan_failure &failure) {
    return {failure.scan(), failure.what()};
  }
}

}  // namespace libmatch::test
