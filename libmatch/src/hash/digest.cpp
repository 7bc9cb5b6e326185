#include "hash/digest.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "core/error.h"

namespace libmatch::detail {

namespace {

const char *openssl_name(lm_hash hash) {
  switch (hash) {
    case LM_HASH_MD5:
      return "MD5";
    case LM_HASH_SHA1:
      return "SHA1";
    case LM_HASH_SHA256:
      return "SHA256";
    default:
      fail(LM_ERROR_INTERNAL, "hash ", hash, " is not a digest");
  }
}

std::string openssl_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char *reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "no reason given";
}

}  // namespace

struct digester::state {
  std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> algorithm{nullptr, &EVP_MD_free};
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

digester::digester(lm_hash hash) : state_(std::make_unique<state>()) {
  const char *name = openssl_name(hash);
  state_->algorithm.reset(EVP_MD_fetch(nullptr, name, nullptr));
  if (state_->algorithm == nullptr) {
    // A system set up for FIPS 140, for example, has no MD5.
    fail(LM_ERROR_UNSUPPORTED, "OpenSSL offers no ", name, " on this machine: ", openssl_reason());
  }
  if (state_->context == nullptr ||
      EVP_DigestInit_ex2(state_->context.get(), state_->algorithm.get(), nullptr) != 1) {
    fail(LM_ERROR_INTERNAL, "OpenSSL cannot begin ", name, ": ", openssl_reason());
  }
}

digester::~digester() = default;

void digester::update(const void *data, std::size_t size) {
  if (EVP_DigestUpdate(state_->context.get(), data, size) != 1) {
    fail(LM_ERROR_INTERNAL, "OpenSSL cannot go on with a digest: ", openssl_reason());
  }
}

void digester::finish(std::uint8_t *digest) {
  if (EVP_DigestFinal_ex(state_->context.get(), digest, nullptr) != 1) {
    fail(LM_ERROR_INTERNAL, "OpenSSL cannot finish a digest: ", openssl_reason());
  }
}

}  // namespace libmatch::detail
