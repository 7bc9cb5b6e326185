#include "store/file_header.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/error.h"

namespace libmatch::detail {

namespace {

constexpr std::array<std::uint8_t, 8> magic{0x89, 'L', 'M', 'S', '\r', '\n', 0x1A, '\n'};
constexpr std::uint32_t byte_order_mark = 0x01020304;

// Where the fields begin.
namespace field {
constexpr std::size_t version = 8;
constexpr std::size_t byte_order = 12;
constexpr std::size_t type = 16;
constexpr std::size_t encrypted = 20;
constexpr std::size_t number = 24;
constexpr std::size_t body_bytes = 32;
constexpr std::size_t block_bytes = 40;
constexpr std::size_t store = 48;
constexpr std::size_t salt = 64;
constexpr std::size_t key_check = 96;
constexpr std::size_t blocks = 112;
constexpr std::size_t sum = 128;
constexpr std::size_t end = 144;
}  // namespace field

template <typename Integer>
Integer get(std::span<const std::uint8_t> page, std::size_t at) {
  Integer value;
  std::memcpy(&value, page.data() + at, sizeof value);
  return value;
}

template <typename Integer>
void put(std::array<std::uint8_t, page_bytes> &page, std::size_t at, Integer value) {
  std::memcpy(page.data() + at, &value, sizeof value);
}

[[noreturn]] void refuse(const std::string &path, std::size_t offset, const std::string &what) {
  fail(LM_ERROR_FORMAT, path, ": header, offset ", offset, ": ", what);
}

void check_key(const std::string &path, const file_header &header, const std::optional<cipher_key> &key) {
  if (!header.encrypted && key) {
    fail(LM_ERROR_INVALID_ARGUMENT, path, ": a key was given, but the store is not encrypted");
  }
  if (header.encrypted && !key) {
    fail(LM_ERROR_INVALID_ARGUMENT, path, ": the store is encrypted, and no key was given");
  }
  if (header.encrypted && derive_key_check(*key, header.store) != header.key_check) {
    fail(LM_ERROR_INVALID_ARGUMENT, path, ": the key is not the one that the store was encrypted with");
  }
}

}  // namespace

const char *file_type_name(file_type type) noexcept {
  switch (type) {
    case file_type::manifest:
      return "manifest";
    case file_type::segment:
      return "segment";
    case file_type::removed:
      return "removed";
    case file_type::log:
      return "log";
  }
  return "unknown";
}

file_header make_header(file_type type, std::uint64_t number, const store_identity &identity) {
  file_header header;
  header.type = type;
  header.number = number;
  header.store = identity.id;
  fill_with_random(header.salt);
  if (identity.key) {
    header.encrypted = true;
    header.key_check = derive_key_check(*identity.key, identity.id);
  }
  return header;
}

std::array<std::uint8_t, page_bytes> encode_header(const file_header &header) {
  std::array<std::uint8_t, page_bytes> page{};
  std::copy(magic.begin(), magic.end(), page.begin());
  put(page, field::version, store_format_version);
  put(page, field::byte_order, byte_order_mark);
  put(page, field::type, static_cast<std::uint32_t>(header.type));
  put(page, field::encrypted, std::uint32_t{header.encrypted ? 1U : 0U});
  put(page, field::number, header.number);
  put(page, field::body_bytes, header.body_bytes);
  put(page, field::block_bytes, block_bytes);
  put(page, field::store, header.store);
  put(page, field::salt, header.salt);
  put(page, field::key_check, header.key_check);
  put(page, field::blocks, header.blocks.low);
  put(page, field::blocks + 8, header.blocks.high);
  const checksum sum = checksum_of(page.data(), field::sum);
  put(page, field::sum, sum.low);
  put(page, field::sum + 8, sum.high);
  return page;
}

file_header decode_header(std::span<const std::uint8_t> page, const std::string &path, file_type type,
                          const std::optional<cipher_key> &key, const store_id *id) {
  if constexpr (std::endian::native != std::endian::little) {
    fail(LM_ERROR_UNSUPPORTED, "stores are little-endian, and this machine is not");
  }
  if (page.size() < page_bytes) {
    refuse(path, page.size(), "cut short within the first page");
  }
  if (!std::equal(magic.begin(), magic.end(), page.begin())) {
    refuse(path, 0, "no file of a store of libmatch");
  }
  if (get<std::uint32_t>(page, field::version) != store_format_version) {
    refuse(path, field::version,
           "format version " + std::to_string(get<std::uint32_t>(page, field::version)) + " is not known");
  }
  const checksum sum{get<std::uint64_t>(page, field::sum), get<std::uint64_t>(page, field::sum + 8)};
  if (!(checksum_of(page.data(), field::sum) == sum)) {
    refuse(path, field::sum, "its bytes are not those that were written");
  }
  if (std::any_of(page.begin() + field::end, page.begin() + page_bytes, [](std::uint8_t b) { return b != 0; })) {
    refuse(path, field::end, "the rest of the page is not zero");
  }
  if (get<std::uint32_t>(page, field::byte_order) != byte_order_mark ||
      get<std::uint32_t>(page, field::block_bytes) != block_bytes || get<std::uint32_t>(page, 44) != 0 ||
      get<std::uint32_t>(page, field::encrypted) > 1) {
    refuse(path, field::byte_order, "byte order, block size or encryption is not known");
  }
  if (get<std::uint32_t>(page, field::type) != static_cast<std::uint32_t>(type)) {
    refuse(path, field::type, std::string("no ") + file_type_name(type));
  }
  file_header header;
  header.type = type;
  header.number = get<std::uint64_t>(page, field::number);
  header.body_bytes = get<std::uint64_t>(page, field::body_bytes);
  header.encrypted = get<std::uint32_t>(page, field::encrypted) == 1;
  header.store = get<store_id>(page, field::store);
  header.salt = get<file_salt>(page, field::salt);
  header.key_check = get<std::array<std::uint8_t, 16>>(page, field::key_check);
  header.blocks = {get<std::uint64_t>(page, field::blocks), get<std::uint64_t>(page, field::blocks + 8)};
  if (id != nullptr && header.store != *id) {
    refuse(path, field::store, "the file is another store's");
  }
  check_key(path, header, key);
  return header;
}

file_header read_header(const store_file &file, file_type type, const std::optional<cipher_key> &key,
                        const store_id *id) {
  std::array<std::uint8_t, page_bytes> page{};
  const std::size_t size = file.read_at(page.data(), page.size(), 0);
  return decode_header({page.data(), size}, file.path(), type, key, id);
}

}  // namespace libmatch::detail
