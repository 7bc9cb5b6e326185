// libmatch.h with handles that free themselves and statuses that throw.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "libmatch/libmatch.h"
#include "verbs.h"

namespace libmatch::command {

class library_error : public std::runtime_error {
 public:
  library_error(lm_status status, const std::string &message) : std::runtime_error(message), status_(status) {}
  lm_status status() const noexcept { return status_; }

 private:
  lm_status status_;
};

inline void check(lm_status status) {
  if (status != LM_OK) {
    throw library_error(status, lm_last_error());
  }
}

template <auto Free>
struct free_handle {
  template <typename T>
  void operator()(T *handle) const noexcept {
    Free(handle);
  }
};
using context_handle = std::unique_ptr<lm_context, free_handle<lm_context_free>>;
using hashes_handle = std::unique_ptr<lm_hashes, free_handle<lm_hashes_free>>;
using list_handle = std::unique_ptr<lm_list, free_handle<lm_list_free>>;
using index_handle = std::unique_ptr<lm_index, free_handle<lm_index_free>>;
using matches_handle = std::unique_ptr<lm_matches, free_handle<lm_matches_free>>;
using verdicts_handle = std::unique_ptr<lm_verdicts, free_handle<lm_verdicts_free>>;

// Calls a function whose last argument is the handle to make: make<index_handle>(lm_index_map, context, path).
template <typename Handle, typename Function, typename... Arguments>
Handle make(Function function, Arguments... arguments) {
  typename Handle::pointer handle = nullptr;
  check(function(arguments..., &handle));
  return Handle(handle);
}

// Whether codes of a hash are looked up exactly.
inline bool is_digest(lm_hash hash) { return hash == LM_HASH_MD5 || hash == LM_HASH_SHA1 || hash == LM_HASH_SHA256; }

inline context_handle open_context(const common_options &common) {
  return make<context_handle>(lm_context_create, common.backend.empty() ? nullptr : common.backend.c_str(),
                              common.threads);
}

}  // namespace libmatch::command
