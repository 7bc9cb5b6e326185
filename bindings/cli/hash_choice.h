// Which hash images get: one of the library's own by name, or a plug-in's.
#pragma once

#include <optional>
#include <string>

#include "library.h"

namespace command {

struct hash_choice {
  std::string name;                               // "" where none is given
  std::string hasher;                             // the plug-in's path; "" where none is given
  std::optional<std::uint32_t> max_milliseconds;  // of a file; none: what the library says
};

// --hash NAME, of a hash of images, and --hasher PATH; one of them at most.
void add_hash_choice(CLI::App &verb, hash_choice &choice, const std::string &hash_help);
// --hasher PATH alone. Returns the option.
CLI::Option *add_hasher_option(CLI::App &verb, hash_choice &choice);

// Options of the library, and the plug-in that they refer to.
class chosen_hash {
 public:
  // PDQ where nothing is chosen.
  explicit chosen_hash(const hash_choice &choice);
  // For codes of an index: where nothing was chosen, the hash that its codes are of, if the library computes it.
  void follow(const lm_index_data &index);

  const lm_hash_options &options() const noexcept { return options_; }
  lm_hash_options &options() noexcept { return options_; }
  bool has_quality() const noexcept;
  // Whether there are orientations, borders and keypoints.
  bool is_pdq() const noexcept;
  lm_hash hash() const;
  std::uint32_t bits() const;
  std::uint32_t usual_distance() const;
  // The hash's name, or the plug-in's and its version.
  std::string name() const;

 private:
  bool is_chosen_;
  std::optional<libmatch::hasher> hasher_;
  lm_hash_options options_ = LM_HASH_OPTIONS_INIT;
};

// With isolation, files are decoded by worker processes and hashed there, too, a plug-in's hash included. The context
// must not outlive the chosen hash.
libmatch::context open_context(const common_options &common, bool isolate, const chosen_hash &hash);

}  // namespace command
