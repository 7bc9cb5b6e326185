#include "store/cipher.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <cstring>
#include <string_view>
#include <utility>

#include "core/error.h"

namespace libmatch::detail {

namespace {

void require(bool done, const char *what) {
  if (!done) {
    fail(LM_ERROR_INTERNAL, "OpenSSL cannot ", what);
  }
}

using nonce_bytes = std::array<std::uint8_t, 12>;

nonce_bytes nonce_of(std::uint64_t counter) {
  nonce_bytes nonce{};
  std::memcpy(nonce.data(), &counter, sizeof counter);
  return nonce;
}

void derive(const cipher_key &key, std::span<const std::uint8_t> salt, std::string_view info,
            std::span<std::uint8_t> derived) {
  const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr), &EVP_KDF_free);
  require(kdf != nullptr, "derive keys by HKDF");
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(EVP_KDF_CTX_new(kdf.get()),
                                                                          &EVP_KDF_CTX_free);
  require(context != nullptr, "derive keys by HKDF");
  // OpenSSL takes pointers to what it does not change.
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<std::uint8_t *>(key.data()), key.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, const_cast<std::uint8_t *>(salt.data()), salt.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char *>(info.data()), info.size()),
      OSSL_PARAM_construct_end()};
  require(EVP_KDF_derive(context.get(), derived.data(), derived.size(), parameters) == 1, "derive a key");
}

}  // namespace

cipher_key derive_file_key(const cipher_key &key, const file_salt &salt) {
  cipher_key derived{};
  derive(key, salt, "libmatch store: key of a file", derived);
  return derived;
}

std::array<std::uint8_t, 16> derive_key_check(const cipher_key &key, const store_id &id) {
  std::array<std::uint8_t, 16> derived{};
  derive(key, id, "libmatch store: check of the key", derived);
  return derived;
}

void fill_with_random(std::span<std::uint8_t> bytes) {
  require(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1, "make random bytes");
}

struct block_cipher::contexts {
  using pointer = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
  pointer sealing{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
  pointer opening{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
};

block_cipher::block_cipher(const cipher_key &key) : contexts_(std::make_unique<contexts>()) {
  require(contexts_->sealing != nullptr && contexts_->opening != nullptr, "make a cipher");
  require(EVP_EncryptInit_ex(contexts_->sealing.get(), EVP_aes_256_gcm(), nullptr, key.data(), nullptr) == 1 &&
              EVP_DecryptInit_ex(contexts_->opening.get(), EVP_aes_256_gcm(), nullptr, key.data(), nullptr) == 1,
          "use AES-256-GCM");
}

block_cipher::~block_cipher() = default;
block_cipher::block_cipher(block_cipher &&other) noexcept = default;
block_cipher &block_cipher::operator=(block_cipher &&other) noexcept = default;

cipher_tag block_cipher::seal(std::uint64_t counter, std::span<const std::uint8_t> bound, const std::uint8_t *source,
                              std::size_t size, std::uint8_t *target) {
  EVP_CIPHER_CTX *context = contexts_->sealing.get();
  const nonce_bytes nonce = nonce_of(counter);
  cipher_tag tag{};
  int written = 0;
  const bool sealed =
      EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
      EVP_EncryptUpdate(context, nullptr, &written, bound.data(), static_cast<int>(bound.size())) == 1 &&
      EVP_EncryptUpdate(context, target, &written, source, static_cast<int>(size)) == 1 &&
      EVP_EncryptFinal_ex(context, target + written, &written) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag.size()), tag.data()) == 1;
  require(sealed, "encrypt");
  return tag;
}

bool block_cipher::open(std::uint64_t counter, std::span<const std::uint8_t> bound, const std::uint8_t *source,
                        std::size_t size, std::uint8_t *target, const cipher_tag &tag) {
  EVP_CIPHER_CTX *context = contexts_->opening.get();
  const nonce_bytes nonce = nonce_of(counter);
  cipher_tag expected = tag;
  int written = 0;
  return EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
         EVP_DecryptUpdate(context, nullptr, &written, bound.data(), static_cast<int>(bound.size())) == 1 &&
         EVP_DecryptUpdate(context, target, &written, source, static_cast<int>(size)) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, static_cast<int>(expected.size()), expected.data()) ==
             1 &&
         EVP_DecryptFinal_ex(context, target + written, &written) == 1;
}

}  // namespace libmatch::detail
