// Segments of a store as files: the arrays of a segment, of what stands beside it and of its layouts, each on a page
// of its own, in a block file.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "core/parallel.h"
#include "store/block_file.h"
#include "store/segment_draft.h"

namespace libmatch::detail {

// Writes a segment, with the planes and buckets that it has, and syncs it.
void write_segment_file(file_system &files, const std::string &path, std::uint64_t number,
                        const store_identity &identity, lm_hash hash, std::uint32_t bits,
                        const store_segment &segment);

// What a segment file is said to hold.
struct expected_segment {
  std::uint64_t number = 0;
  lm_hash hash = LM_HASH_CODE;
  std::uint32_t bits = 0;
  std::uint64_t rows = 0;
};

// Maps a plain file, of which only the first block and the places of the buckets are read and verified; decrypts an
// encrypted one to memory, which verifies all of it. No layouts are made.
store_segment open_segment_file(const file_system &files, const std::string &path, const store_identity &identity,
                                const expected_segment &expected, thread_pool *threads);

// Reads a file to memory, which verifies all of it. LM_ERROR_CANCELLED once `stop` is set.
store_segment read_segment_file(const file_system &files, const std::string &path, const store_identity &identity,
                                const expected_segment &expected, const std::atomic<bool> *stop);

// Checks every block, and that the arrays hold together: ids, texts, keys, layouts. LM_ERROR_FORMAT. Returns the
// segment, mapped where the file is plain. `path` stands in messages.
store_segment verify_segment_file(const block_file &file, const std::string &path, const expected_segment &expected,
                                  progress_meter &meter);

// The segment that lies in a body. `name` stands in messages; the bytes begin on a cache line.
store_segment segment_in(const std::string &name, const held_bytes &body, const expected_segment &expected);
// What verify_segment_file checks beside the blocks.
void check_segment(const std::string &name, const store_segment &segment, const expected_segment &expected);

}  // namespace libmatch::detail
