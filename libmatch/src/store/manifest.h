// What a store consists of: replaced as a whole, by a rename.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/block_file.h"
#include "store/snapshot.h"

namespace libmatch::detail {

struct manifest_segment {
  std::uint64_t number = 0;  // of the file
  std::uint32_t hash = 0;    // lm_hash, or history_hash
  std::uint32_t bits = 0;
  std::uint64_t rows = 0;
};

struct manifest {
  store_id id{};
  std::uint64_t generation = 0;  // manifests before it
  // As of the beginning of the log:
  std::uint64_t version = 0;
  std::int64_t next_id = 0;
  std::vector<list_info> lists;
  std::vector<manifest_segment> segments;
  std::uint64_t removed_file = 0;  // 0: no row of a segment is removed
  std::uint64_t log_file = 0;
  std::uint64_t next_file = 1;  // no file had this number or a larger one
};

std::string manifest_path(const std::string &folder);
// "FOLDER/segment-12".
std::string file_path(const std::string &folder, file_type type, std::uint64_t number);
// The type and number of a name that file_path gives; false for every other name.
bool parse_file_name(std::string_view name, file_type &type, std::uint64_t &number);

// Writes it beside the one that is there. When it throws, nothing has changed.
void prepare_manifest(file_system &files, const std::string &folder, const store_identity &identity,
                      const manifest &content);
// Puts it in its place. At every moment the folder has the manifest before or this one; when it throws, either.
void replace_manifest(file_system &files, const std::string &folder);
// LM_ERROR_IO when there is none: a store that has lost its manifest is not an empty one.
manifest read_manifest(const file_system &files, const std::string &folder, const std::optional<cipher_key> &key);

std::vector<std::uint8_t> encode_manifest(const manifest &content);
// `name` stands in messages, which are LM_ERROR_FORMAT.
void decode_manifest(std::span<const std::uint8_t> body, const std::string &name, manifest &content);

}  // namespace libmatch::detail
