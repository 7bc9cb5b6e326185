// Encryption of what a store keeps: AES-256-GCM, a key for each file, a counter for each block.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace libmatch::detail {

using cipher_key = std::array<std::uint8_t, 32>;
using cipher_tag = std::array<std::uint8_t, 16>;
using file_salt = std::array<std::uint8_t, 32>;
using store_id = std::array<std::uint8_t, 16>;

// The key of a file: HKDF-SHA-256 (RFC 5869) of the store's key with the file's random salt. So no key is ever used
// for two files, and a counter is a nonce that never repeats.
cipher_key derive_file_key(const cipher_key &key, const file_salt &salt);
// By what a wrong key is told from a damaged file: derived likewise, says nothing about the key.
std::array<std::uint8_t, 16> derive_key_check(const cipher_key &key, const store_id &id);

void fill_with_random(std::span<std::uint8_t> bytes);

// Used by one thread at a time.
class block_cipher {
 public:
  explicit block_cipher(const cipher_key &key);
  ~block_cipher();
  block_cipher(block_cipher &&other) noexcept;
  block_cipher &operator=(block_cipher &&other) noexcept;

  // `counter` is the nonce: each at most once a key. `bound` is not encrypted, and what was changed of it is noticed.
  // source and target may be the same.
  cipher_tag seal(std::uint64_t counter, std::span<const std::uint8_t> bound, const std::uint8_t *source,
                  std::size_t size, std::uint8_t *target);
  // False when key, counter, bound, bytes or tag are not those of seal(); then the target holds nothing of use.
  bool open(std::uint64_t counter, std::span<const std::uint8_t> bound, const std::uint8_t *source, std::size_t size,
            std::uint8_t *target, const cipher_tag &tag);

 private:
  struct contexts;
  std::unique_ptr<contexts> contexts_;
};

}  // namespace libmatch::detail
