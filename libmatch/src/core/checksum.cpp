#include "core/checksum.h"

// The header holds the whole of it: nothing to link, nothing more to install beside the library.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace libmatch::detail {

checksum checksum_of(const void *data, std::size_t size) noexcept {
  const XXH128_hash_t hash = XXH3_128bits(data, size);
  return {hash.low64, hash.high64};
}

std::uint64_t hash_of_bytes(const void *data, std::size_t size, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(data, size, seed);
}

struct checksum_stream::state {
  XXH3_state_t xxh3;
};

checksum_stream::checksum_stream() : state_(std::make_unique<state>()) { XXH3_128bits_reset(&state_->xxh3); }

checksum_stream::~checksum_stream() = default;

void checksum_stream::update(const void *data, std::size_t size) { XXH3_128bits_update(&state_->xxh3, data, size); }

checksum checksum_stream::value() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(&state_->xxh3);
  return {hash.low64, hash.high64};
}

}  // namespace libmatch::detail
