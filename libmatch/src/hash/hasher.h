// Hashes that users bring along: a shared object behind the table of libmatch/hasher.h.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/error.h"
#include "libmatch/hasher.h"
#include "libmatch/libmatch.h"

namespace libmatch::detail {

// A plug-in could not hash an image.
class hasher_failure : public error {
 public:
  using error::error;
};

struct hasher_code {
  std::vector<std::uint8_t> code;  // bits() / 8 bytes
  std::uint8_t quality = 0;        // 0 to 100
};

// Refuses a table that cannot be used; `where` begins the message. LM_ERROR_UNSUPPORTED for another version,
// LM_ERROR_FORMAT for what makes no sense.
void check_table(const lm_hasher *table, const std::string &where);

class plugin_hasher {
 public:
  // `path` is that of a file, never searched for. LM_ERROR_IO when it cannot be read; LM_ERROR_FORMAT for what is no
  // shared object, exports no table or an absurd one; LM_ERROR_UNSUPPORTED for one of another version; what the
  // plug-in says when it cannot begin.
  explicit plugin_hasher(const std::string &path);
  ~plugin_hasher();
  plugin_hasher(const plugin_hasher &) = delete;
  plugin_hasher &operator=(const plugin_hasher &) = delete;

  // LM_HASH_CODE or LM_HASH_VECTOR8: the index that holds its codes.
  lm_hash hash() const noexcept;
  std::uint32_t bits() const noexcept;
  const lm_hasher &table() const noexcept { return *table_; }
  // Of the file, from the root: the working folder may change.
  const std::string &path() const noexcept { return path_; }
  // "NAME VERSION, a code of 64 bits": what another process has to load to get the same codes.
  std::string identity() const;

  // Called by any number of threads; they wait for each other where the plug-in asks for that. Throws hasher_failure.
  hasher_code hash_image(const lm_image &image) const;

 private:
  lm_status hash_locked(const lm_image &image, hasher_code &result, char *message) const;

  struct unload {
    void operator()(void *library) const noexcept;
  };
  std::string path_;
  std::unique_ptr<void, unload> library_;
  const lm_hasher *table_ = nullptr;
  void *state_ = nullptr;
  mutable std::mutex one_at_a_time_;
};

}  // namespace libmatch::detail

// The handle of libmatch.h. It stands here because options carry it to where pixels are hashed.
struct lm_hasher_handle {
  explicit lm_hasher_handle(const std::string &path) : hasher(path) {}

  libmatch::detail::plugin_hasher hasher;
  std::string profile;
  std::string profile_as_stored;
};
