// libmatch.hpp as the verbs use it.
#pragma once

#include "libmatch/libmatch.hpp"
#include "verbs.h"

namespace command {

// Whether codes of a hash are looked up exactly.
inline bool is_digest(lm_hash hash) { return hash == LM_HASH_MD5 || hash == LM_HASH_SHA1 || hash == LM_HASH_SHA256; }

inline libmatch::context open_context(const common_options &common) {
  return libmatch::context(common.backend.empty() ? nullptr : common.backend.c_str(), common.threads);
}

// The same; with isolation, files are then decoded and hashed by worker processes.
inline libmatch::context open_context(const common_options &common, bool isolate) {
  libmatch::context context = open_context(common);
  if (isolate) {
    context.isolate();
  }
  return context;
}

}  // namespace command
