// What the parts of the module share that know live indexes.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "arguments.h"

namespace libmatch_python {

// How a folder is opened. key: None, 32 bytes, or a path.
class live_options_argument {
 public:
  explicit live_options_argument(const py::object &key);
  live_options_argument(const live_options_argument &) = delete;
  live_options_argument &operator=(const live_options_argument &) = delete;

  // Of the codes that are searched; bits 0 for the hash's own, or what the folder holds where no hash is given.
  void set_kind(lm_hash hash, std::uint32_t bits, bool is_given);
  void set_durability(const std::string &name);
  void set_residence(const std::string &name);
  const lm_live_options *get() const noexcept { return &options_; }

 private:
  lm_live_options options_ = LM_LIVE_OPTIONS_INIT;
  std::optional<path_argument> path_;
  std::array<std::uint8_t, 32> key_{};
};

// libmatch.Entry.
py::object entry_result(const lm_entry &entry);

}  // namespace libmatch_python
