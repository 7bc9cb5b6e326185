#include "live/folder_key.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "core/hashes.h"
#include "lists/values.h"

namespace libmatch::detail {

store_key read_key_file(const std::string &path) {
  constexpr std::uint64_t size_max_bytes = 1024;
  std::vector<std::uint8_t> bytes = read_file(path, size_max_bytes);
  std::string_view text(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  std::vector<std::uint8_t> read;
  store_key key{};
  const bool is_key =
      text.size() == 2 * key.size() && read_hexadecimal(text, *describe(LM_HASH_SHA256), read).empty();
  if (is_key) {
    std::copy(read.begin(), read.end(), key.begin());
    OPENSSL_cleanse(read.data(), read.size());
  }
  OPENSSL_cleanse(bytes.data(), bytes.size());
  if (!is_key) {
    fail(LM_ERROR_FORMAT, path, ": not a key, which is 64 hexadecimal digits");
  }
  return key;
}

}  // namespace libmatch::detail
