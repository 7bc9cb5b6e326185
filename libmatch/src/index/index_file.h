// An index as one file: docs/format.md has it byte by byte.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "index/index.h"

namespace libmatch::detail {

struct stored_index {
  index_description description;
  index_snapshot snapshot;
  std::uint64_t bytes = 0;  // of the file
};

// Writes what lives: removed rows and their labels are nowhere in the file. At every moment `path` holds what it held
// or the new index, whole. Progress counts bytes. LM_ERROR_IO when the system cannot write, LM_ERROR_FORMAT when the
// snapshot is of a mapped file that turns out to be damaged.
void write_index_file(const std::string &path, const index_description &description, const index_snapshot &snapshot,
                      const lm_progress *progress);

// Reads into memory of its own and verifies every byte; takes memory once for the content. Whatever is wrong with the
// content is LM_ERROR_FORMAT: "PATH: section ids of md5, offset 8192: ...". Progress counts bytes, those of planes
// and buckets twice: read, then compared with the rows, which `threads` share (null: the calling one does it alone).
stored_index load_index_file(const std::string &path, const lm_progress *progress, thread_pool *threads = nullptr);
// Verifies header and section table and uses the rest of the file in place, unread. The snapshot keeps the file
// mapped.
stored_index map_index_file(const std::string &path);
// All that load_index_file checks, in constant memory beside the pages of the file.
void verify_index_file(const std::string &path, const lm_progress *progress);

// The same of a file's bytes in memory; `name` stands for the path in messages.
stored_index load_index_bytes(const std::string &name, std::span<const std::uint8_t> bytes,
                              const lm_progress *progress);
// The bytes begin on a cache line (64 bytes); `storage` keeps them alive.
stored_index map_index_bytes(const std::string &name, std::span<const std::uint8_t> bytes,
                             const std::shared_ptr<const void> &storage);
void verify_index_bytes(const std::string &name, std::span<const std::uint8_t> bytes, const lm_progress *progress);

}  // namespace libmatch::detail
