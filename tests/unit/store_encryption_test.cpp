// What stands in the files of an encrypted store, and what a wrong key says.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "core/error.h"
#include "index/bit_order.h"
#include "store/cipher.h"
#include "store/store.h"
#include "support/files.h"
#include "support/hex.h"
#include "support/random_codes.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

constexpr std::string_view secret_list = "a very secret list";
constexpr std::string_view secret_label = "a very secret label";
constexpr std::string_view secret_id = "a very secret id";
constexpr std::string_view secret_reason = "a very secret reason";

bool holds(const bytes &file, const void *wanted, std::size_t size) {
  const auto *begin = static_cast<const std::uint8_t *>(wanted);
  return std::search(file.begin(), file.end(), begin, begin + size) != file.end();
}

// A store with entries in segments and in the log, one of them taken back. Returns the code that all have.
std::vector<std::uint8_t> fill(const std::string &path, const std::optional<store_key> &key) {
  store_options options;
  options.key = key;
  options.merge_in_background = false;
  create_store(path, options);
  const auto writer = store_writer::open(path, options);
  random_source random(5);
  std::vector<std::uint8_t> code(32);
  for (std::uint8_t &byte : code) {
    byte = static_cast<std::uint8_t>(random.next());
  }
  for (int round = 0; round < 3; ++round) {
    const auto changes = writer->begin();
    for (int i = 0; i < 100; ++i) {
      changes->add({LM_HASH_PDQ256, 256, code.data(), secret_list,
                    std::string(secret_id) + std::to_string(100 * round + i), secret_label, -1, 5});
      changes->add({LM_HASH_MD5, 128, code.data(), secret_list,
                    std::string(secret_id) + std::to_string(100 * round + i), secret_label, -1, 5});
    }
    changes->set_attribute(secret_list, "checkpoint", secret_reason);
    withdrawal taken_back;
    taken_back.list = secret_list;
    const std::string list_id = std::string(secret_id) + std::to_string(100 * round + 50);
    taken_back.list_id = list_id;
    taken_back.reason = secret_reason;
    changes->withdraw(taken_back);
    changes->commit();
    if (round == 0) {
      writer->flush();
    }
    if (round == 1) {
      writer->compact(nullptr);
    }
  }
  return code;
}

// In how many files of a folder any of the secrets stands.
std::size_t files_with_secrets(const temporary_folder &folder, const std::string &store,
                               const std::vector<std::uint8_t> &code) {
  std::vector<std::uint64_t> row(4);
  pack_rows(code.data(), 1, LM_HASH_PDQ256, 256, row.data());
  std::size_t found = 0;
  for (const auto &item : std::filesystem::directory_iterator(folder / store)) {
    const bytes file = read_bytes(item.path().string());
    const bool any =
        holds(file, code.data(), 8) || holds(file, row.data(), 8) || holds(file, secret_list.data(), 8 + 6) ||
        holds(file, secret_label.data(), secret_label.size()) || holds(file, secret_id.data(), secret_id.size()) ||
        holds(file, secret_reason.data(), secret_reason.size());
    found += any ? 1U : 0U;
  }
  return found;
}

lm_status status_of_opening(const std::string &path, const std::optional<store_key> &key) {
  reader_options options;
  options.key = key;
  try {
    store_reader::open(path, options);
  } catch (const error &failure) {
    return failure.status();
  }
  return LM_OK;
}

}  // namespace

TEST(StoreEncryption, NoFileHoldsACodeOrAText) {
  const temporary_folder folder;
  const std::vector<std::uint8_t> code = fill(folder / "plain", std::nullopt);
  EXPECT_EQ(fill(folder / "encrypted", store_key{7}), code);
  EXPECT_GE(files_with_secrets(folder, "plain", code), 4U);  // so they are found where they are
  EXPECT_EQ(files_with_secrets(folder, "encrypted", code), 0U);
}

TEST(StoreEncryption, AWrongKeyIsSaidToBeOne) {
  const temporary_folder folder;
  fill(folder / "plain", std::nullopt);
  fill(folder / "encrypted", store_key{7});
  EXPECT_EQ(status_of_opening(folder / "encrypted", store_key{7}), LM_OK);
  EXPECT_EQ(status_of_opening(folder / "encrypted", store_key{8}), LM_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(status_of_opening(folder / "encrypted", std::nullopt), LM_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(status_of_opening(folder / "plain", store_key{7}), LM_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(status_of_opening(folder / "plain", std::nullopt), LM_OK);
}

TEST(StoreEncryption, EveryFileHasASaltOfItsOwn) {
  const temporary_folder folder;
  fill(folder / "encrypted", store_key{7});
  fill(folder / "another", store_key{7});
  std::set<std::string> salts;
  std::size_t files = 0;
  for (const char *store : {"encrypted", "another"}) {
    for (const auto &item : std::filesystem::directory_iterator(folder / store)) {
      const bytes file = read_bytes(item.path().string());
      if (file.size() >= 96) {
        salts.insert(std::string(file.begin() + 64, file.begin() + 96));
        ++files;
      }
    }
  }
  EXPECT_GE(files, 10U);
  EXPECT_EQ(salts.size(), files);
}

// NIST's vectors for AES-256-GCM (gcmEncryptExtIV256.rsp: 96-bit IV, 128 bits of text) have IVs that are no counters,
// so the independent check is OpenSSL's own against the definition of the nonce: counter, then four zero bytes.
TEST(StoreEncryption, ABlockOpensOnlyAsItWasSealed) {
  const cipher_key key{1, 2, 3};
  block_cipher cipher(key);
  const std::vector<std::uint8_t> text(100, 42);
  const std::vector<std::uint8_t> bound{1, 2, 3};
  std::vector<std::uint8_t> sealed(text.size());
  const cipher_tag tag = cipher.seal(5, bound, text.data(), text.size(), sealed.data());
  EXPECT_NE(sealed, text);
  std::vector<std::uint8_t> opened(text.size());
  EXPECT_TRUE(cipher.open(5, bound, sealed.data(), sealed.size(), opened.data(), tag));
  EXPECT_EQ(opened, text);
  EXPECT_FALSE(cipher.open(6, bound, sealed.data(), sealed.size(), opened.data(), tag));
  EXPECT_FALSE(cipher.open(5, std::vector<std::uint8_t>{1, 2, 4}, sealed.data(), sealed.size(), opened.data(), tag));
  cipher_tag other = tag;
  other[15] = static_cast<std::uint8_t>(other[15] ^ 1U);
  EXPECT_FALSE(cipher.open(5, bound, sealed.data(), sealed.size(), opened.data(), other));
  sealed[50] = static_cast<std::uint8_t>(sealed[50] ^ 1U);
  EXPECT_FALSE(cipher.open(5, bound, sealed.data(), sealed.size(), opened.data(), tag));
  block_cipher another(cipher_key{1, 2, 4});
  sealed[50] = static_cast<std::uint8_t>(sealed[50] ^ 1U);
  EXPECT_FALSE(another.open(5, bound, sealed.data(), sealed.size(), opened.data(), tag));
}
