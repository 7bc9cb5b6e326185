#include "scan/pixels.h"

#include <utility>

#include "core/hashes.h"
#include "hash/hasher.h"
#include "hash/imagehash.h"

namespace libmatch::detail {

wanted_hash hash_of(const lm_hash_options &options) noexcept {
  if (options.hasher != nullptr) {
    return {options.hasher->hasher.hash(), options.hasher->hasher.bits()};
  }
  const hash_description *description = describe(options.hash);
  return {options.hash, description != nullptr ? description->bits : 0};
}

hashed_pixels to_hashed_pixels(const pdq_result &result, lm_orientations orientations) {
  hashed_pixels pixels{{}, result.quality};
  const std::size_t each = orientations == LM_ORIENTATIONS_PLAIN ? 1 : result.codes.size();
  pixels.codes.reserve(each * pdq_code_size_bytes);
  for (std::size_t i = 0; i < each; ++i) {
    pixels.codes.insert(pixels.codes.end(), result.codes[i].begin(), result.codes[i].end());
  }
  return pixels;
}

hashed_pixels hash_pixels(const lm_image &image, const lm_hash_options &options, const backend &device) {
  if (options.hasher != nullptr) {
    hasher_code hashed = options.hasher->hasher.hash_image(image);
    return {std::move(hashed.code), hashed.quality};
  }
  if (is_imagehash(options.hash)) {
    // These hashes have no rule of their own: an image too plain for PDQ is too plain for them, too.
    return {imagehash_code(options.hash, image), device.hash_pdq(image, LM_ORIENTATIONS_PLAIN).quality};
  }
  return to_hashed_pixels(device.hash_pdq(image, options.orientations), options.orientations);
}

}  // namespace libmatch::detail
