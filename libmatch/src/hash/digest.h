// Digests of bytes, through OpenSSL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "libmatch/libmatch.h"

namespace libmatch::detail {

inline constexpr std::size_t max_digest_size_bytes = 32;

// One digest in the making: MD5, SHA-1 or SHA-256. Throws LM_ERROR_UNSUPPORTED where OpenSSL does not offer it (MD5
// under FIPS 140), LM_ERROR_INTERNAL where it fails.
class digester {
 public:
  explicit digester(lm_hash hash);
  ~digester();
  digester(const digester &) = delete;
  digester &operator=(const digester &) = delete;

  void update(const void *data, std::size_t size);
  // Writes the digest, lm_hash_bits(hash) / 8 bytes. The digester is spent: it takes no further call.
  void finish(std::uint8_t *digest);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace libmatch::detail
