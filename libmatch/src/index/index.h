// The container: immutable snapshots that readers hold, and one writer at a time that publishes the next.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "index/segment.h"
#include "libmatch/libmatch.h"

namespace libmatch::detail {

// What an index's codes are. Never changes.
struct index_description {
  lm_hash hash = LM_HASH_PDQ256;
  std::uint32_t bits = 256;
  std::string profile;  // "" when not known
  std::int32_t library_version = LM_VERSION;
};

// One state of an index. tables[0] holds the codes; then MD5, SHA-1, SHA-256.
struct index_snapshot {
  std::array<index_table, 4> tables;
  std::int64_t next_id = 0;  // one more than the largest id ever held
};

// An empty snapshot whose tables have their hashes and widths.
index_snapshot empty_snapshot(const index_description &description);

}  // namespace libmatch::detail
