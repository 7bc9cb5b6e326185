// One change of an index file at a time.
#pragma once

#include <array>
#include <csignal>
#include <string>

namespace command {

// Held from before an index is loaded until after it was saved, so that no other command's change is lost between the
// two. Waits for whoever holds it, and says so on standard error when that takes longer than a moment. Readers need
// none: a save replaces the file whole.
//
// A signal that ends the command removes the lock file first, unless a progress_bar takes it. One lock at a time.
//
// It belongs to the command, not to the library: loading, changing and saving are three calls there, and only the
// caller knows that they are one change. docs/format.md tells other programs how to take it.
class index_lock {
 public:
  explicit index_lock(const std::string &index_path);
  index_lock(const index_lock &) = delete;
  index_lock &operator=(const index_lock &) = delete;
  ~index_lock();

 private:
  void open();
  bool try_lock() const;
  void wait() const;
  bool is_in_place() const;
  void remove_when_ended();
  [[noreturn]] void fail() const;

  std::string index_path_;  // as the user wrote it
  std::string path_;
  int descriptor_ = -1;
  std::array<struct sigaction, 3> former_actions_{};
};

}  // namespace command
