// Many files in batches: results stream out, and memory does not grow with their number.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "output.h"
#include "progress.h"
#include "walk.h"

namespace command {

inline constexpr const char *paths_help =
    "Files, folders (all regular files below; links to folders are not followed), or - for paths on standard input, "
    "one a line";

inline constexpr const char *isolate_help =
    "Decode and hash each file in a confined process, so that a decoder that crashes or is taken over costs that "
    "file "
    "alone";

// Files as the library takes them.
class file_batch {
 public:
  explicit file_batch(std::vector<found_file> files) {
    for (found_file &file : files) {
      paths_.push_back(std::move(file.path));
      names_.push_back(std::move(file.name));
    }
  }
  std::size_t size() const noexcept { return paths_.size(); }
  const std::vector<std::string> &paths() const noexcept { return paths_; }
  const std::string &path(std::size_t i) const noexcept { return paths_[i]; }
  const std::string &name(std::size_t i) const noexcept { return names_[i]; }

 private:
  std::vector<std::string> paths_;
  std::vector<std::string> names_;
};

inline constexpr std::size_t batch_size = 1024;

// Calls body(batch, bar) for each vector of files that next() gives until an empty one; output is flushed behind
// each. total: how many files there are; 0 where it is not known.
template <typename Next, typename Body>
void for_each_batch_of(std::uint64_t total, const Next &next, const Body &body) {
  progress_bar bar("files", total);
  bool is_empty = true;
  for (;;) {
    const file_batch batch(next());
    if (batch.size() == 0) {
      break;
    }
    is_empty = false;
    body(batch, bar);
    flush_output();
    bar.finish_call(batch.size());
  }
  if (is_empty) {
    bar.message("there are no files");
  }
}

// The same for all the files of paths, in the order of the walk.
template <typename Body>
void for_each_batch(const std::vector<std::string> &paths, const Body &body) {
  file_walk walk(paths);
  for_each_batch_of(
      is_progress_visible() ? count_files(paths) : 0, [&] { return walk.next(batch_size); }, body);
}

}  // namespace command
