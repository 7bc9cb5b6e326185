// The first page of every file of a store: docs/store.md has it byte by byte.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/checksum.h"
#include "store/cipher.h"
#include "store/file_system.h"

namespace libmatch::detail {

inline constexpr std::size_t page_bytes = 4096;
inline constexpr std::uint32_t block_bytes = 65536;
inline constexpr std::uint32_t store_format_version = 1;

enum class file_type : std::uint32_t { manifest = 1, segment = 2, removed = 3, log = 4 };
const char *file_type_name(file_type type) noexcept;

struct file_header {
  file_type type = file_type::manifest;
  std::uint64_t number = 0;      // in the file's name; of a manifest: how many there were before
  std::uint64_t body_bytes = 0;  // as they are before encryption; 0 for a log
  bool encrypted = false;
  store_id store{};
  file_salt salt{};                          // random
  std::array<std::uint8_t, 16> key_check{};  // zero where nothing is encrypted
  checksum blocks;                           // of the checksums of the blocks; zero for a log and for encrypted files
};

// What a store's files have in common.
struct store_identity {
  store_id id{};
  std::optional<cipher_key> key;
};

// A header with a salt of its own.
file_header make_header(file_type type, std::uint64_t number, const store_identity &identity);
std::array<std::uint8_t, page_bytes> encode_header(const file_header &header);

// Reads and checks it. LM_ERROR_FORMAT for what is damaged, LM_ERROR_INVALID_ARGUMENT for a wrong key, or one too
// many or too few. id: null for a manifest that is the first to be read.
file_header read_header(const store_file &file, file_type type, const std::optional<cipher_key> &key,
                        const store_id *id);
// The same of bytes; at least a page of them, or it is cut short.
file_header decode_header(std::span<const std::uint8_t> page, const std::string &path, file_type type,
                          const std::optional<cipher_key> &key, const store_id *id);

}  // namespace libmatch::detail
